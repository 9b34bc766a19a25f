package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testDeletions: who has left and still has accounts is listed by the time of leaving, and what was deleted stays known.
func testDeletions(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	left := c.Now()
	for i, id := range []string{"1", "2", "3"} {
		key := "workday-" + id
		storetest.Admit(t, l, "workday", id, persons.Digests{})
		require.NoError(t, l.Inventory().SetAccount(ctx, key, int64(i+1), false))
		for _, employed := range []bool{true, id == "3"} {
			_, err := l.People().SetEmployed(ctx, key, employed)
			require.NoError(t, err)
		}
	}
	further := inventory.LinkAccount{Ref: identity.OneLoginRef(11), Person: "workday-1", Use: identity.UseSecondary, By: "a test"}
	require.NoError(t, l.Inventory().LinkAccount(ctx, further))
	departed := func(at time.Time) (keys map[string]int) {
		t.Helper()
		found, err := l.Inventory().DepartedBy(ctx, at)
		require.NoError(t, err)
		for _, d := range found {
			require.Equal(t, left, d.LeftAt.UTC())
			if keys == nil {
				keys = map[string]int{}
			}
			keys[d.Key] = d.Accounts
		}
		return keys
	}
	for _, key := range []string{"workday-1", "workday-2"} {
		require.NoError(t, l.People().NoteDeparture(ctx, persons.Departure{Key: key, Episode: 2, Source: "workday", DueAt: left}))
	}
	require.Empty(t, departed(left), "nobody is known to be out")
	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-1", 2, left))
	require.Empty(t, departed(left.Add(-time.Second)))
	require.Equal(t, map[string]int{"workday-1": 2}, departed(left))

	first, rehired := identity.OneLoginRef(1), identity.OneLoginRef(2)
	require.NoError(t, l.Inventory().FinishDeletion(ctx, rehired, c.Now()), "of an account that nobody is deleting")
	require.Equal(t, int64(2), storetest.Dossier(t, l, "workday-2").Person.AccountID)
	for range 2 {
		require.NoError(t, l.Inventory().BeginDeletion(ctx, inventory.Deletion{Ref: first, Key: "workday-1", Episode: 2, LeftAt: left}))
	}
	begun, found, err := l.Inventory().Deletion(ctx, first)
	require.NoError(t, err)
	require.True(t, found)
	require.Zero(t, begun.DeletedAt)
	gone := c.Now().Add(time.Minute)
	for range 2 {
		require.NoError(t, l.Inventory().FinishDeletion(ctx, first, gone))
		gone = begun.BegunAt.Add(time.Minute) // The second time changes nothing.
	}
	d := storetest.Dossier(t, l, "workday-1")
	require.Zero(t, d.Person.AccountID)
	require.Len(t, d.Accounts, 1)
	require.Equal(t, map[string]int{"workday-1": 1}, departed(left))
	all, err := l.Inventory().DeletionsOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, first, all[0].Ref)
	require.Equal(t, left, all[0].LeftAt.UTC())
	require.False(t, all[0].DeletedAt.IsZero())
	none, err := l.Inventory().DeletionsOf(ctx, "workday-2")
	require.NoError(t, err)
	require.Empty(t, none)
}
