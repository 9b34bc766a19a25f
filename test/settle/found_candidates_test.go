package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// TestAMoveWhileAnAccountIsACandidate: HR moved somebody twice while nobody had said whose a mailbox was. Once it was linked to them, it kept the
// groups of both departments that they had left.
func TestAMoveWhileAnAccountIsACandidate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key, id := h.mailboxBefore("Kiki", "Odd", true)
	ref, books := identity.Ref{System: "google", ID: id}, h.app.Ledger.Inventory()
	row, _, err := books.Account(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, inventory.Account{Person: key, State: identity.AccountCandidate}, inventory.Account{Person: row.Person, State: row.State})
	for _, group := range []string{"sales@acme.example", "engineering@acme.example", "wifi@acme.example"} {
		h.hand("join", id, group)
	}
	h.days()
	h.moves(key, "Engineering")
	h.days()
	h.moves(key, "Finance")
	h.days()
	require.Contains(t, h.user(id).Groups, "sales@acme.example", "nothing is done about it before somebody has said whose it is")
	require.NoError(t, books.LinkAccount(t.Context(), inventory.LinkAccount{Ref: ref, Person: key, By: "said so", DecidedBy: "it@acme.example"}))
	h.days()
	require.NotContains(t, h.user(id).Groups, "sales@acme.example", "HR has moved them")
	require.NotContains(t, h.user(id).Groups, "engineering@acme.example", "and again")
	require.Contains(t, h.user(id).Groups, "wifi@acme.example", "no rule ever had it")
}
