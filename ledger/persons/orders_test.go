package persons_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
)

func testOrders(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	contain := identity.Order{
		ID: "o1", Key: "workday-1", Kind: identity.OrderContain, By: "sec@example.com", Reason: "laptop stolen", At: c.Now(),
	}
	restrict := identity.Order{
		ID: "o2", Key: "workday-1", Kind: identity.OrderRestrict, By: "mfa", At: c.Now().Add(time.Second),
		Until: c.Now().Add(time.Hour), Group: "MFA required",
	}
	check := func(want ...identity.Order) {
		t.Helper()
		got, err := l.OrdersInForce(ctx, "workday-1")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		require.Empty(t, cmp.Diff(want, storetest.Dossier(t, l, "workday-1").Orders), "an order makes its person known")
	}
	for range 2 {
		require.NoError(t, l.Orders().Put(ctx, restrict))
		require.NoError(t, l.Orders().Put(ctx, contain))
		check(contain, restrict)
	}
	restrict.Until = c.Now().Add(2 * time.Hour)
	require.NoError(t, l.Orders().Put(ctx, restrict))
	c.Advance(time.Hour)
	check(contain, restrict)
	c.Advance(time.Hour)
	check(contain)

	released, err := l.Orders().Release(ctx, "o1", "sec@example.com", "found")
	require.NoError(t, err)
	require.True(t, released)
	released, err = l.Orders().Release(ctx, "o1", "sec@example.com", "found")
	require.NoError(t, err)
	require.False(t, released)
	released, err = l.Orders().Release(ctx, "o9", "sec@example.com", "")
	require.NoError(t, err)
	require.False(t, released)
	check()
	require.NoError(t, l.Orders().Put(ctx, contain), "a late repetition")
	check()
	require.Error(t, l.Orders().Put(ctx, identity.Order{ID: "o3", Key: "workday-1"}))
}
