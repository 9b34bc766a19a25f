package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// TestNobodyWhoHasLeftGetsFilesOrMail whether they left before or on the same day.
func TestNobodyWhoHasLeftGetsFilesOrMail(t *testing.T) {
	h := newHouse(t)
	boss, report := "workday-21001", h.of("Marketing")
	to, from := h.inGoogle(boss), h.inGoogle(report)
	h.leaves(boss)
	h.pass()
	h.pass()
	h.leaves(report)
	h.pass()
	h.pass()
	d, err := h.sandbox.GoogleDirectory(t.Context())
	require.NoError(t, err)
	for _, x := range d.Transfers {
		require.False(t, x.From == d.User(from).ID && x.To == d.User(to).ID, "the files went to somebody who had left before")
	}
	for _, m := range d.Mailboxes {
		require.False(t, m.Mailbox == from && len(m.Delegates) > 0, "the mailbox went to somebody who had left before")
	}
}

// TestAnAddressInThePolicyWhoseOwnerHasLeft gets nothing, and somebody is told.
func TestAnAddressInThePolicyWhoseOwnerHasLeft(t *testing.T) {
	h := newHouse(t)
	boss, report := "workday-21001", h.of("Marketing")
	to, from := h.inGoogle(boss), h.inGoogle(report)
	h.repolicy("delegate_to: manager, transfer_to: manager", "delegate_to: "+to+", transfer_to: "+to)
	h.leaves(boss)
	h.pass()
	h.leaves(report)
	h.pass()
	d, err := h.sandbox.GoogleDirectory(t.Context())
	require.NoError(t, err)
	for _, x := range d.Transfers {
		require.NotEqual(t, x.From, d.User(from).ID, "the files went to somebody who had left before")
	}
	for _, m := range d.Mailboxes {
		require.False(t, m.Mailbox == from && len(m.Delegates) > 0, "the mailbox went to somebody who had left before")
	}
	require.True(t, h.told(d.User(from).ID))
}

// joined is somebody of Sales who has been in the group of Sales since before Gatehouse.
func joined(t *testing.T, pairs ...string) (h *house, who string) {
	h = newHouse(t, pairs...)
	who = h.of("Sales")
	h.hand("join", h.inGoogle(who), "sales@acme.example")
	h.pass()
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "sales@acme.example")
	return h, who
}

func (h *house) isOutOfSales(who string) {
	h.t.Helper()
	require.NotContains(h.t, h.oneLogin(who).Roles, "Sales")
	require.NotContains(h.t, h.user(h.inGoogle(who)).Groups, "sales@acme.example", "HR moved them, and they are still in the old group")
}

// TestAMoveWhileASystemIsUnread takes the old group once it is read.
func TestAMoveWhileASystemIsUnread(t *testing.T) {
	h, who := joined(t)
	h.clock.advance(25 * time.Hour)
	for _, other := range []string{"salesforce", "ldap"} {
		_, err := h.sweep(other)
		require.NoError(t, err)
	}
	h.moves(who, "Finance")
	h.looks(who)
	h.days()
	h.isOutOfSales(who)
}

// TestAMoveWhileASystemIsObserved takes the old group once it is enforced.
func TestAMoveWhileASystemIsObserved(t *testing.T) {
	h, who := joined(t, enforced, observed)
	h.moves(who, "Finance")
	h.pass()
	h.repolicy(observed, enforced)
	h.days()
	h.isOutOfSales(who)
}

// TestAMoveThatABudgetHolds takes the old group once it is let through.
func TestAMoveThatABudgetHolds(t *testing.T) {
	h, who := joined(t, enforced, enforced+"    limits: {remove: {count: 1, percent: 1}}\n",
		"  title: {from: person.title, when: always}\n  department: {from: person.department, when: always}\n", "")
	first := h.of("Marketing")
	h.hand("join", h.inGoogle(first), "sales@acme.example")
	h.pass()
	h.moves(first, "Finance") // Takes the room that there is.
	h.looks(first)
	h.moves(who, "Finance")
	h.looks(who)
	keys, err := h.app.Ledger.Budgets().HeldIn(t.Context(), "google", "remove")
	require.NoError(t, err)
	require.NotEmpty(t, keys)
	h.days()
	h.clock.advance(25 * time.Hour)
	require.NoError(t, h.app.Ledger.Budgets().LiftKeys(t.Context(), "google", "remove", keys))
	h.days()
	h.isOutOfSales(who)
}

// TestAHoldIsAboutTheBudgetThatIsFull and not about one with room.
func TestAHoldIsAboutTheBudgetThatIsFull(t *testing.T) {
	h, who := joined(t, enforced, enforced+"    limits: {remove: {count: 1, percent: 1}}\n")
	first := h.of("Marketing")
	h.hand("join", h.inGoogle(first), "sales@acme.example")
	h.pass()
	h.moves(first, "Finance")
	h.looks(first)
	h.moves(who, "Finance")
	h.looks(who)
	keys, err := h.app.Ledger.Budgets().HeldIn(t.Context(), "google", "profile")
	require.NoError(t, err)
	require.Empty(t, keys, "the budget of profiles has room for 9,000, and somebody is asked about it")
}

// TestAMoveUnderASuspendOrder takes the old access, OneLogin's too, once the order is over.
func TestAMoveUnderASuspendOrder(t *testing.T) {
	h, who := joined(t)
	require.NoError(t, h.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "s1", Key: who, Kind: identity.OrderSuspend, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	h.looks(who)
	h.moves(who, "Finance")
	h.pass()
	_, err := h.app.Ledger.Orders().Release(t.Context(), "s1", "it@acme.example", "over")
	require.NoError(t, err)
	h.days()
	h.isOutOfSales(who)
}

// TestARenamedGroupKeepsItsMembers whom Gatehouse put in under the old name.
func TestARenamedGroupKeepsItsMembers(t *testing.T) {
	h := newHouse(t)
	for _, k := range h.people {
		h.hand("leave", h.inGoogle(k), "all@acme.example")
	}
	h.pass()
	h.pass() // Gatehouse has put everybody in again.
	who := h.inGoogle(h.of("Sales"))
	require.Contains(t, h.user(who).Groups, "all@acme.example")
	h.google("PATCH", "groups/all@acme.example", `{"email":"everyone@acme.example"}`, "admin.directory.group")
	h.pass()
	h.pass()
	require.Contains(t, h.user(who).Groups, "everyone@acme.example", "a group got another name, and everybody was thrown out")
}

// TestAHireThatIsCalledOff is undone where onboarding enforces and offboarding observes.
func TestAHireThatIsCalledOff(t *testing.T) {
	h := newHouse(t, "modes: {onboarding: enforce, offboarding: enforce,", "modes: {onboarding: enforce, offboarding: observe,")
	key := h.hires("today+3", "Analyst")
	h.pass()
	h.pass()
	crm := h.inSalesforce(key)
	require.NotEmpty(t, crm)
	h.does(key, "rescind", nil)
	h.pass()
	h.pass()
	require.False(t, h.crmUser(crm).CanSignIn, "OneLogin's account is deleted, and that of Salesforce is open")
}

// TestARelinkedAccount keeps nothing of the departure of whoever it was linked to before.
func TestARelinkedAccount(t *testing.T) {
	h := newHouse(t)
	a, b := h.of("Sales"), h.of("Marketing")
	mail := h.inGoogle(b)
	ref, inv := identity.Ref{System: "google", ID: h.user(mail).ID}, h.app.Ledger.Inventory()
	link := func(key string) {
		require.NoError(t, inv.UnlinkAccount(t.Context(), ref, "it@acme.example"))
		require.NoError(t, inv.LinkAccount(t.Context(), inventory.LinkAccount{Ref: ref, Person: key, By: "said so", DecidedBy: "it@acme.example"}))
	}
	link(a)
	h.leaves(a)
	h.looks(a)
	link(b)
	h.days()
	d, err := h.sandbox.GoogleDirectory(t.Context())
	require.NoError(t, err)
	for _, m := range d.Mailboxes {
		require.False(t, m.Mailbox == mail && m.AutoReply, "it answers that somebody else has left: %q", m.Reply)
		require.False(t, m.Mailbox == mail && len(m.Delegates) > 0, "somebody else's manager reads it")
	}
}

// TestAContainedMailboxNamesItsPerson or answers nothing.
func TestAContainedMailboxNamesItsPerson(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	require.NoError(t, h.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "c1", Key: who, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	h.pass()
	d, err := h.sandbox.GoogleDirectory(t.Context())
	require.NoError(t, err)
	for _, m := range d.Mailboxes {
		if m.Mailbox == mail {
			require.Equal(t, "Esther Hoffman-Reyes has left.", m.Reply)
		}
	}
}
