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

// testOpenAccounts: of three people with an open account, those who must be out are found: by HR's word and by an order.
func testOpenAccounts(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	for i, id := range []string{"1", "2", "3"} {
		storetest.Admit(t, l, "workday", id, persons.Digests{})
		_, err := l.People().SetEmployed(ctx, "workday-"+id, true)
		require.NoError(t, err)
		account := int64(i + 1)
		require.NoError(t, l.Inventory().SetAccount(ctx, "workday-"+id, account, false))
		require.NoError(t, l.Inventory().NoteAccount(ctx, c.Now(), inventory.Account{
			Ref: identity.OneLoginRef(account), Document: identity.Account{ID: account, Status: identity.AccountActive},
		}))
	}
	keys := func(refs ...identity.Ref) (found []string) {
		t.Helper()
		all, err := l.Inventory().OpenAccounts(ctx, c.Now(), refs)
		require.NoError(t, err)
		for _, a := range all {
			found = append(found, a.Key)
		}
		return found
	}
	require.Empty(t, keys())
	_, err := l.People().SetEmployed(ctx, "workday-1", false)
	require.NoError(t, err)
	require.NoError(t, l.Orders().Put(ctx, identity.Order{ID: "o", Key: "workday-2", Kind: identity.OrderContain}))
	require.Equal(t, []string{"workday-1", "workday-2"}, keys())
	require.Equal(t, []string{"workday-2"}, keys(identity.OneLoginRef(2), identity.OneLoginRef(3)))

	all, err := l.Inventory().OpenAccounts(ctx, c.Now(), nil)
	require.NoError(t, err)
	require.NoError(t, l.Inventory().NoteOpenHint(ctx, all, c.Now()))
	all, err = l.Inventory().OpenAccounts(ctx, c.Now(), nil)
	require.NoError(t, err)
	require.Equal(t, all[0].Change, all[0].HintedFor)
	require.True(t, all[1].Ordered)

	require.NoError(t, l.People().MarkDepartureContained(ctx, "workday-2", 2, c.Now()))
	c.Advance(time.Hour)
	for range 2 {
		require.NoError(t, l.People().ReopenDeparture(ctx, persons.Departure{Key: "workday-2"}, c.Now()))
		require.NoError(t, l.People().ReopenDeparture(ctx, persons.Departure{Key: "workday-1", Source: "workday"}, c.Now()))
	}
	due, err := l.People().OpenDepartures(ctx, c.Now())
	require.NoError(t, err)
	require.Len(t, due, 2)
	for _, d := range due {
		require.Equal(t, c.Now(), d.DueAt.UTC())
	}
	require.Equal(t, c.Now(), storetest.Dossier(t, l, "workday-2").Departures[0].ReopenedAt.UTC())
	require.Zero(t, storetest.Dossier(t, l, "workday-1").Departures[0].ReopenedAt, "it was never written down before")

	require.NoError(t, l.Inventory().MarkContained(ctx, identity.OneLoginRef(1), "workday-1", c.Now()))
	require.Equal(t, []string{"workday-2"}, keys())
}
