package inventory_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
)

// testKept keeps what was noted last, of each account, and nothing of one that is dropped.
func testKept(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	one, two := identity.OneLoginRef(1), identity.OneLoginRef(2)
	cut := []identity.Kept{{Field: identity.FieldTitle, Wrote: "Head of engineering", Holds: "Head"}}
	require.NoError(t, l.Inventory().NoteKept(ctx, one, []identity.Kept{{Field: identity.FieldManager, Wrote: "7", Holds: "0"}}))
	require.NoError(t, l.Inventory().NoteKept(ctx, one, cut))
	require.NoError(t, l.Inventory().NoteKept(ctx, two, cut))
	kept, err := l.Inventory().Kept(ctx, one)
	require.NoError(t, err)
	require.Equal(t, cut, kept)

	require.NoError(t, l.Inventory().DropAccount(ctx, two))
	all, err := l.Inventory().EveryKept(ctx)
	require.NoError(t, err)
	require.Equal(t, map[identity.Ref][]identity.Kept{one: cut}, all)
	require.NoError(t, l.Inventory().NoteKept(ctx, one, nil))
	kept, err = l.Inventory().Kept(ctx, one)
	require.NoError(t, err)
	require.Empty(t, kept)
	require.Error(t, l.Inventory().NoteKept(ctx, identity.Ref{}, cut))
}
