package settle

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

// TestAMailboxIsTakenBackFromAnHeirWhoWasMadeAgain: Gatehouse had made the manager's account anew under its address, which the mailbox still
// listed, and the manager went on reading the mail of whoever was back.
func TestAMailboxIsTakenBackFromAnHeirWhoWasMadeAgain(t *testing.T) {
	h := newHouse(t)
	workday := h.ofWorkday()
	who, boss := workday[len(workday)-1], workday[1]
	h.does(who, "change", control.Fields{"manager_id": strings.TrimPrefix(boss, "workday-")})
	h.days()
	id, heir := h.user(h.inGoogle(who)).ID, h.user(h.inGoogle(boss)).ID
	address := h.user(heir).Email
	h.leaves(who)
	h.days()
	require.Equal(t, []string{address}, h.mailbox(h.user(id).Email).Delegates)
	h.hand("delete", heir, "")
	h.days()
	h.days()
	require.NotContains(t, []string{"", heir}, h.user(address).ID, "Gatehouse has made it anew")
	h.withdrawn(who)
	h.days()
	require.True(t, h.user(id).CanSignIn)
	require.Empty(t, h.mailbox(h.user(id).Email).Delegates)
}

// TestALeaverWhoWasMovedByHandGoesBackToTheirOwnPlace: where somebody had put the account during the departure counted as its place before.
// The place of leavers was changed as well, and nobody heard of who stayed in the old one.
func TestALeaverWhoWasMovedByHandGoesBackToTheirOwnPlace(t *testing.T) {
	h := newHouse(t)
	h.movesLeavers()
	h.google("POST", "customer/my_customer/orgunits", `{"name":"Archive","parentOrgUnitPath":"/"}`, "admin.directory.orgunit")
	h.pass()
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	unit := h.user(id).Unit
	h.leaves(who)
	h.days()
	require.Equal(t, "/Leavers", h.user(id).Unit)
	h.google("PATCH", "users/"+id, `{"orgUnitPath":"/Archive"}`, "admin.directory.user")
	h.days()
	require.Equal(t, "/Leavers", h.user(id).Unit)
	h.repolicy("leaver: {sign_in: lock, move_to: /Leavers,", "leaver: {sign_in: lock, ")
	h.pass()
	h.withdrawn(who)
	h.days()
	require.True(t, h.user(id).CanSignIn)
	require.Equal(t, unit, h.user(id).Unit)
}

// TestWhatAnAccountGotForSomebodyElseGoes: a user of Salesforce was linked to the wrong person for a while, and kept for good what rules had
// given that one.
func TestWhatAnAccountGotForSomebodyElseGoes(t *testing.T) {
	h := newHouse(t)
	wrong, right := h.hires("today", "Analyst"), h.of("Marketing")
	h.days()
	require.Empty(t, h.inSalesforce(right))
	id := h.inSalesforce(wrong)
	require.Contains(t, h.crmUser(id).Sets, opportunities, "a rule gives it to the hire of Sales")
	ref := identity.Ref{System: "salesforce", ID: id}
	require.NoError(t, h.app.Ledger.Inventory().UnlinkAccount(t.Context(), ref, "it@acme.example"))
	require.NoError(t, h.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: ref, Person: right, By: "said so", DecidedBy: "it@acme.example",
	}))
	h.days()
	h.clock.advance(30 * time.Hour)
	h.days()
	require.Equal(t, h.oneLogin(right).Title, h.crmUser(id).Title, "it follows them")
	require.Empty(t, h.crmUser(id).Sets)
}
