package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// TestTwoAnswersOfNotFoundTakeNoLeaversAccountOffTheRecord: a system that has lost sight of it for a moment says the same.
func TestTwoAnswersOfNotFoundTakeNoLeaversAccountOffTheRecord(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.adds("kiki@acme.example", who)
	h.leaves(who)
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{
		System: "google", Method: "GET", Path: "/admin/directory/v1/users/" + id, Status: 404, Times: 2, ContentType: "application/json",
		Body: `{"error":{"code":404,"message":"Resource Not Found: userKey","errors":[{"message":"Resource Not Found: userKey","domain":"global","reason":"notFound"}]}}`,
	}))
	h.looks(who)
	h.days()
	require.True(t, !h.user(id).OwnPassword || h.told(id), "the leaver keeps the account that an operator had linked, and nobody was told")
}

// TestADepartureTellsOfAccountsThatTheLeaverLookedAfter: they need a new owner and another secret.
func TestADepartureTellsOfAccountsThatTheLeaverLookedAfter(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.adds("svc-billing@acme.example", "")
	require.NoError(t, h.app.Ledger.Inventory().DeclareAccount(t.Context(), inventory.Declaration{
		Ref: identity.Ref{System: "google", ID: id}, Kind: identity.KindService, Owner: who, Purpose: "billing", By: "it@acme.example",
	}))
	h.leaves(who)
	h.looks(who)
	require.True(t, h.told(id), "the departure itself says so, and no reading has to come first")
	h.days()
	require.True(t, h.told(id), "nobody hears that a service account needs a new owner and another secret")
}

// TestNothingIsOwedOfAnAccountThatWasDeleted, and no item says that it is.
func TestNothingIsOwedOfAnAccountThatWasDeleted(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	h.leaves(who)
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: method, Times: -1}))
	}
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "POST", Path: "/admin/**", Times: -1}))
	h.looks(who)
	h.honest()
	h.hand("delete", mail, "")
	h.looks(who)
	h.days()
	debts, err := h.app.Ledger.Systems().Debts(t.Context(), "google")
	require.NoError(t, err)
	require.Empty(t, debts)
	items, err := h.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{System: "google", Class: "system_debt"})
	require.NoError(t, err)
	require.Empty(t, items, "nothing is owed, and a critical item says that it is")
}

// TestNothingIsOwedInASystemThatIsNotFollowedAnyMore: nothing would ever carry it out, and somebody is told so.
func TestNothingIsOwedInASystemThatIsNotFollowedAnyMore(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.leaves(who)
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "salesforce", Times: -1}))
	h.looks(who)
	h.honest()
	h.repolicy("  salesforce: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m}\n", "",
		"      accounts: {salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n", "")
	h.days()
	debts, err := h.app.Ledger.Systems().Debts(t.Context(), "salesforce")
	require.NoError(t, err)
	require.Empty(t, debts, "it is said to be tried again by itself, and is not")
	items, err := h.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{System: "salesforce", Class: "system_debt"})
	require.NoError(t, err)
	require.Empty(t, items)
	items, err = h.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{System: "salesforce", Class: "system_not_followed"})
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Contains(t, items[0].Text, "1 person")
}
