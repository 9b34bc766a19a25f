package inventory_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testLeaversIn: of those who must be out, who has an account in one of the systems that is not closed is found, whatever OneLogin has.
func testLeaversIn(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		storetest.Admit(t, l, "workday", id, persons.Digests{})
		_, err := l.People().SetEmployed(ctx, "workday-"+id, true)
		require.NoError(t, err)
	}
	has := func(system, id, key string, status identity.AccountStatus) {
		t.Helper()
		ref := identity.Ref{System: system, ID: id}
		require.NoError(t, l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: ref, Person: key, By: "test"}))
		require.NoError(t, l.Inventory().NoteAccount(ctx, c.Now(), inventory.Account{Ref: ref, Document: identity.Account{Status: status}}))
	}
	has("google", "g1", "workday-1", identity.AccountActive)
	has("ldap", "l1", "workday-1", identity.AccountActive)
	has("google", "g2", "workday-2", identity.AccountSuspended)
	has("salesforce", "s3", "workday-3", identity.AccountActive)
	has("google", "g4", "workday-4", identity.AccountActive)
	has("google", "g5", "workday-5", identity.AccountActive)
	require.NoError(t, l.Inventory().DeclareAccount(ctx, inventory.Declaration{
		Ref: identity.Ref{System: "google", ID: "g5"}, Kind: identity.KindShared, Owner: "workday-4", By: "it",
	}))
	for _, id := range []string{"1", "2", "3", "5"} {
		_, err := l.People().SetEmployed(ctx, "workday-"+id, false)
		require.NoError(t, err)
	}
	found := func(systems ...string) []string {
		t.Helper()
		keys, err := l.Inventory().LeaversIn(ctx, c.Now(), systems)
		require.NoError(t, err)
		return keys
	}
	require.Empty(t, found())
	require.Equal(t, []string{"workday-1"}, found("google", "ldap"), "suspended ones are out, shared ones are no human's, and who works here stays")
	require.Equal(t, []string{"workday-1", "workday-3"}, found("google", "ldap", "salesforce"))
	require.NoError(t, l.Orders().Put(ctx, identity.Order{ID: "o", Key: "workday-4", Kind: identity.OrderContain}))
	require.Equal(t, []string{"workday-1", "workday-4"}, found("google"), "an order counts as HR's word does")
}
