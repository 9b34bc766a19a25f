package ledger_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testDossiers holds that the bulk reading says of each person what the reading of one says.
func testDossiers(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	for _, id := range []string{"1", "2", "3"} {
		storetest.Admit(t, l, "workday", id, persons.Digests{WorkEmail: l.Digest("p" + id + "@acme.example")})
	}
	storetest.Admit(t, l, "bamboohr", "9", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "workday-1", 41, false))
	require.NoError(t, l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: identity.OneLoginRef(42), Person: "workday-1", Use: identity.UseAdmin, By: "test", DecidedBy: "grace"}))
	require.NoError(t, l.Inventory().SetAccount(ctx, "bamboohr-9", 49, true))
	require.NoError(t, l.Inventory().MarkSuspended(ctx, identity.OneLoginRef(49), "bamboohr-9", true, ""))
	_, err := l.People().SetEmployed(ctx, "workday-2", false)
	require.NoError(t, err)
	for _, o := range []identity.Order{
		{ID: "open", Key: "workday-2", Kind: identity.OrderContain, By: "grace", Reason: "why", At: c.Now()},
		{ID: "grant", Key: "workday-2", Kind: identity.OrderGrant, Roles: []string{"Sales"}, By: "grace", Reason: "why", At: c.Now()},
		{ID: "over", Key: "workday-3", Kind: identity.OrderFreeze, By: "grace", Reason: "why", At: c.Now()},
		{ID: "lapsed", Key: "workday-3", Kind: identity.OrderGrant, Roles: []string{"Sales"}, By: "grace", Reason: "why", At: c.Now(), Until: c.Now().Add(time.Minute)},
	} {
		require.NoError(t, l.Orders().Put(ctx, o))
	}
	_, err = l.Orders().Release(ctx, "over", "grace", "done")
	require.NoError(t, err)
	// One human under two keys: what the second has is the first one's.
	require.NoError(t, l.People().Join(ctx, "bamboohr", "9", "workday-3", "grace"))
	c.Advance(time.Hour)

	all, err := l.Dossiers(ctx)
	require.NoError(t, err)
	require.Len(t, all, 3)
	for key, got := range all {
		one := storetest.Dossier(t, l, key)
		require.Empty(t, cmp.Diff(one, *got, cmpopts.IgnoreFields(ledger.Dossier{}, "Departures", "Accounts"), cmpopts.IgnoreFields(persons.Link{}, "DecidedBy"),
			cmpopts.EquateEmpty()), key)
	}
	// A page of people is what the bulk says of them, and the index who is who.
	everybody, err := l.People().Everybody(ctx)
	require.NoError(t, err)
	index, err := l.People().Index(ctx)
	require.NoError(t, err)
	keys := slices.Collect(maps.Keys(everybody.People))
	some, err := l.People().Some(ctx, append(keys, "workday-99"))
	require.NoError(t, err)
	require.Equal(t, everybody.People, some.People)
	require.Equal(t, everybody.Links, some.Links)
	one, err := l.People().Some(ctx, []string{"workday-3"})
	require.NoError(t, err)
	require.Len(t, one.People, 1)
	require.Len(t, one.Links["workday-3"], 2)
	require.Len(t, index.People, len(keys))
	for key, p := range everybody.People {
		require.Equal(t, p.AccountID, index.People[key].AccountID)
		require.Equal(t, everybody.StandsFor(key), index.StandsFor(key))
		for _, link := range everybody.Links[key] {
			owner, linked := index.Owner(link.Source, link.EmployeeID)
			require.True(t, linked)
			require.Equal(t, key, owner)
		}
	}
	_, linked := index.Owner("workday", "99")
	require.False(t, linked)

	stated := map[identity.Ref]string{}
	require.NoError(t, l.Inventory().EachStated(ctx, identity.SystemOneLogin, func(a inventory.Account) error {
		stated[a.Ref] = a.Person
		return nil
	}))
	require.Len(t, stated, 3)
	require.Equal(t, "workday-3", stated[identity.OneLoginRef(49)])

	rows, _, complete, err := l.Inventory().All(ctx, identity.SystemOneLogin)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	require.False(t, complete, "no sweep was complete yet")

	_, _, done, err := l.Journal().Completed(ctx, "adopt/x")
	require.NoError(t, err)
	require.False(t, done)
	_, err = l.Journal().Claim(ctx, "adopt/x")
	require.NoError(t, err)
	_, _, done, err = l.Journal().Completed(ctx, "adopt/x")
	require.NoError(t, err)
	require.False(t, done, "claimed is not done")
	require.NoError(t, l.Journal().Done(ctx, "adopt/x", []byte("workday-1")))
	result, at, done, err := l.Journal().Completed(ctx, "adopt/x")
	require.NoError(t, err)
	require.True(t, done)
	require.Equal(t, "workday-1", string(result))
	require.Equal(t, c.Now(), at)
}
