package settle

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

// TestAnAddressThatReachesSomebodyElse: HR gave somebody a colleague's address with a tag, or that of a group. OneLogin, Salesforce and the
// directory took it: resets of passwords reached the colleague, or everybody in the group.
func TestAnAddressThatReachesSomebodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, followsAddresses, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 0s, rename: rename}")
	who, other := h.of("Sales"), h.of("Marketing")
	addresses := h.addressesOf(who)
	was := addresses()
	h.does(who, "change", control.Fields{"work_email": was[0]})
	h.days()
	tagged := func(address string) string { return strings.Replace(address, "@", "+crm@", 1) }
	for _, address := range []string{tagged(h.oneLogin(other).Email), "All@acme.example", "all+crm@acme.example"} {
		h.does(who, "change", control.Fields{"work_email": address})
		h.days()
		require.Equal(t, was, addresses(), address)
		require.True(t, h.told("somebody else has it, or a group"), address)
	}
	h.does(who, "change", control.Fields{"work_email": tagged(was[0])})
	h.days()
	require.Equal(t, []string{was[0], tagged(was[0]), tagged(was[0])}, addresses(), "their own address with a tag is theirs")
}

// TestTheAddressOfAMailboxThatIsSaidNotToBeTheirs: Salesforce and the directory had mail and resets for somebody sent to a mailbox of which
// a person had said that it is not theirs.
func TestTheAddressOfAMailboxThatIsSaidNotToBeTheirs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key, id := h.mailboxBefore("Kiki", "Odd", true)
	h.days()
	ref, books := identity.Ref{System: "google", ID: id}, h.app.Ledger.Inventory()
	row, _, err := books.Account(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, identity.AccountCandidate, row.State)
	require.NoError(t, books.RefuseAccount(t.Context(), ref, key, people.AccountEvidence(h.app.Ledger, row.Document), "it@acme.example"))
	h.days()
	addresses := h.addressesOf(key)
	h.repolicy(alwaysTitle, followsAddresses)
	h.days()
	require.NotContains(t, addresses(), "n.novak@acme.example")
	require.True(t, h.told("or an account that is said not to be theirs"))
	require.NoError(t, h.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: ref, Person: key, Use: identity.UseSecondary, By: "said so", DecidedBy: "it@acme.example",
	}))
	h.days()
	require.Equal(t, []string{"n.novak@acme.example", "n.novak@acme.example"}, addresses()[1:], "somebody has said that it is theirs after all")
}
