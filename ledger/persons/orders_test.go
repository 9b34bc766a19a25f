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

// testCarried is what carrying out an order came to: it is counted once for each look, and kept when the order is given again.
func testCarried(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	at := c.Now().UTC()
	deny := identity.Order{ID: "o1", Key: "workday-1", Kind: identity.OrderDeny, By: "sec@example.com", Reason: "x", At: at, Roles: []string{"Jira", "GitHub"}}
	require.NoError(t, l.Orders().Put(ctx, deny))
	taken := func() []identity.Taken {
		t.Helper()
		require.NoError(t, l.Orders().Put(ctx, deny))
		orders := storetest.Dossier(t, l, "workday-1").Orders
		all, err := l.People().Everybody(ctx)
		require.NoError(t, err)
		require.Equal(t, orders[0].Taken, all.Orders["workday-1"][0].Taken, "in bulk as well")
		return orders[0].Taken
	}
	month := 30 * 24 * time.Hour
	for range 2 {
		require.NoError(t, l.Orders().NoteTaken(ctx, "o1", []string{"Jira"}, at, month))
		require.Equal(t, []identity.Taken{{Role: "Jira", Times: 1, At: at}}, taken())
	}
	later := at.Add(time.Hour)
	require.NoError(t, l.Orders().NoteTaken(ctx, "o1", []string{"Jira", "GitHub"}, later, month))
	require.Equal(t, []identity.Taken{{Role: "Jira", Times: 2, At: later}, {Role: "GitHub", Times: 1, At: later}}, taken())
	again := later.Add(month)
	require.NoError(t, l.Orders().NoteTaken(ctx, "o1", []string{"Jira"}, again, month))
	require.Equal(t, 1, taken()[0].Times, "what was long ago is not counted")
	require.NoError(t, l.Orders().ForgetTaken(ctx, "o1"))
	require.Empty(t, taken())
	require.NoError(t, l.Orders().NoteTaken(ctx, "o9", []string{"Jira"}, at, month), "an order that never was")
}

// testSetOrder is a set order from its gift to its settled end.
func testSetOrder(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	set := identity.Order{
		ID: "o1", Key: "workday-1", Kind: identity.OrderSet, By: "it@example.com", Reason: "acting", At: c.Now().UTC(), Until: c.Now().Add(time.Hour).UTC(),
		Attributes: map[string]string{"title": "Head", "phone": "1"},
	}
	require.NoError(t, l.Orders().Put(ctx, set))
	require.NoError(t, l.Orders().NoteBefore(ctx, "o1", map[string]string{"phone": ""}))
	require.NoError(t, l.Orders().NoteBefore(ctx, "o1", map[string]string{"phone": "1", "title": "Clerk"}))
	set.Before = map[string]string{"phone": "", "title": "Clerk"}
	require.Empty(t, cmp.Diff([]identity.Order{set}, storetest.Dossier(t, l, "workday-1").Orders))
	c.Advance(2 * time.Hour)
	d := storetest.Dossier(t, l, "workday-1")
	require.Empty(t, d.Orders)
	require.Empty(t, cmp.Diff([]identity.Order{set}, d.Ended))
	all, err := l.People().Everybody(ctx)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]identity.Order{set}, all.Ended["workday-1"]))
	require.NoError(t, l.Orders().Settle(ctx, "o1"))
	require.Empty(t, storetest.Dossier(t, l, "workday-1").Ended)
}
