package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

// mailboxBefore has IT make a mailbox by hand, which a reading may show before HR has the record of whom it is for. The record names it.
func (h *house) mailboxBefore(given, family string, shown bool) (key, id string) {
	h.t.Helper()
	id, err := h.sandbox.GoogleHand(h.t.Context(), control.GoogleOrder{Do: "add", Person: control.GooglePerson{Email: "n.novak@acme.example", Given: given, Family: family}})
	require.NoError(h.t, err)
	if shown {
		h.pass()
	}
	key = h.hiresNina(control.Fields{"work_email": "n.novak@acme.example"})
	h.looks(key) // A webhook, long before the next reading of Google.
	return key, id
}

// TestAMailboxThatITMadeBeforeHR had the record: the hire's run made a second one, as accounts were compared with people by readings only.
func TestAMailboxThatITMadeBeforeHR(t *testing.T) {
	for name, shown := range map[string]bool{"a reading has shown it": true, "no reading has": false} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			before := len(h.mailboxes())
			key, id := h.mailboxBefore("Nina", "Novak", shown)
			h.days()
			require.Len(t, h.mailboxes(), before+1, "one person has two mailboxes: %v", h.mailboxes())
			row, _, err := h.app.Ledger.Inventory().Account(t.Context(), identity.Ref{System: "google", ID: id})
			require.NoError(t, err)
			require.Equal(t, key, row.Person)
			require.False(t, row.CreatedByUs)
			require.Contains(t, h.user("n.novak@acme.example").Groups, "sales@acme.example", "it is theirs, and gets what rules give")
		})
	}
}

// TestAMailboxThatMayBeAHires is asked about before anything is made, and once somebody has said that it is not theirs, they get their own.
func TestAMailboxThatMayBeAHires(t *testing.T) {
	h := newHouse(t)
	before := len(h.mailboxes())
	key, id := h.mailboxBefore("Kiki", "Odd", true)
	require.NotEmpty(t, h.itemOf("system_accounts_whose"), "nobody is asked whose it is")
	h.days()
	require.Len(t, h.mailboxes(), before+1, "one person may have two mailboxes: %v", h.mailboxes())
	ref := identity.Ref{System: "google", ID: id}
	row, _, err := h.app.Ledger.Inventory().Account(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, inventory.Account{Person: key, State: identity.AccountCandidate}, inventory.Account{Person: row.Person, State: row.State})
	require.NoError(t, h.app.Ledger.Inventory().RefuseAccount(t.Context(), ref, key, people.AccountEvidence(h.app.Ledger, row.Document), "it@acme.example"))
	h.days()
	require.Len(t, h.mailboxes(), before+2)
	require.NotEmpty(t, h.ownMailbox(key))
}

// mailboxes are the addresses of everybody at Google.
func (h *house) mailboxes() (all []string) {
	h.t.Helper()
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	for _, u := range d.Users {
		all = append(all, u.Email+" "+u.ExternalID)
	}
	return all
}
