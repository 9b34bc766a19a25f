package settle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// toldInWords reports that a message, a ticket, a page or an open item says some words.
func (h *house) toldInWords(words string) bool {
	var state map[string]any
	require.NoError(h.t, h.sandbox.State(h.t.Context(), &state))
	items, err := h.app.Ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{})
	require.NoError(h.t, err)
	all := fmt.Sprint(state["slack"], state["jira"], state["pagerduty"], state["smtp"])
	for _, i := range items {
		all += i.Text + i.Next
	}
	return strings.Contains(all, words)
}

// itemOf is the text of the open item of a class, "" if there is none.
func (h *house) itemOf(class string) string {
	items, err := h.app.Ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{Class: class})
	require.NoError(h.t, err)
	for _, i := range items {
		return i.Text
	}
	return ""
}

func (h *house) mailboxOf(address string) (box control.GoogleMailbox) {
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	for _, m := range d.Mailboxes {
		if m.Mailbox == address {
			return m
		}
	}
	return box
}

// TestAMailboxWhoseHeirLeavesIsToldOf, with the account's id, until it is suspended or somebody who stays looks after it.
func TestAMailboxWhoseHeirLeavesIsToldOf(t *testing.T) {
	const class = "system_heirs_left"
	for name, edits := range map[string][]string{
		"delegated and named": {`text: "{first} {last} has left."`, `text: "Write to {manager_email}."`},
		"delegated":           nil,
		"named in the reply":  {"delegate_to: manager, ", "", `text: "{first} {last} has left."`, `text: "Write to {manager_email}."`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, edits...)
			boss, report := "workday-21001", h.of("Marketing")
			to, from := h.inGoogle(boss), h.inGoogle(report)
			h.leaves(report)
			h.pass()
			h.pass()
			box := h.mailboxOf(from)
			require.True(t, strings.Contains(box.Reply, to) || len(box.Delegates) == 1 && box.Delegates[0] == to, "%+v", box)
			require.Empty(t, h.itemOf(class), "the manager stays")
			h.leaves(boss)
			h.looks(boss)
			id := h.user(from).ID
			require.Contains(t, h.itemOf(class), "google/"+id, "the departure itself says so, and no reading has to come first")
			h.days()
			require.Contains(t, h.itemOf(class), "google/"+id)
			h.hand("suspend", from, "")
			h.pass()
			require.Empty(t, h.itemOf(class), "mail is rejected by now")
		})
	}
}

// TestAMailboxWhoseHeirIsBackIsInGoodHands again.
func TestAMailboxWhoseHeirIsBackIsInGoodHands(t *testing.T) {
	h := newHouse(t)
	boss, report := "workday-21001", h.of("Marketing")
	h.leaves(report)
	h.pass()
	h.pass()
	h.leaves(boss)
	h.pass()
	require.NotEmpty(t, h.itemOf("system_heirs_left"))
	h.hiredAgain(boss)
	h.pass()
	h.pass()
	require.Empty(t, h.itemOf("system_heirs_left"))
}

// TestAHoldThatOutlivesTheLockIsToldOf: the mailbox was suspended before it could be handed over.
func TestAHoldThatOutlivesTheLockIsToldOf(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	id := h.user(mail).ID
	require.NoError(t, h.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "h1", Key: who, Kind: identity.OrderHold, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	h.leaves(who)
	h.pass()
	h.pass()
	h.clock.advance(40 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
	require.False(t, h.toldInWords("handed over: mail is rejected"), "the hold keeps it as it is")
	_, err := h.app.Ledger.Orders().Release(t.Context(), "h1", "it@acme.example", "over")
	require.NoError(t, err)
	h.days()
	require.Empty(t, h.user(id).Groups)
	require.Empty(t, h.mailboxOf(mail).Delegates)
	require.True(t, h.toldInWords("handed over: mail is rejected"), "the mailbox is handed over to nobody, and nobody was told")
}

// TestALicenceThatADepartureReleasedIsToldOf where it does not come back with whoever is hired again.
func TestALicenceThatADepartureReleasedIsToldOf(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	require.NotEmpty(t, h.user(id).Licences)
	h.leaves(who)
	h.pass()
	for range 2 {
		h.clock.advance(31 * 24 * time.Hour)
		h.pass()
	}
	h.days()
	require.Empty(t, h.user(id).Licences)
	require.False(t, h.toldInWords("licences that the departure released"))
	h.hiredAgain(who)
	h.days()
	require.False(t, h.user(id).Suspended)
	require.Empty(t, h.user(id).Licences)
	require.True(t, h.toldInWords("licences that the departure released"), "hired again without a mailbox, and nobody was told")
}

// TestALongTitleCostsNobodyTheirAccount: the title is set aside, and IT is told of it.
func TestALongTitleCostsNobodyTheirAccount(t *testing.T) {
	h := newHouse(t)
	key := h.hires("today-3", "Analyst "+strings.Repeat("of everything ", 12))
	h.days()
	user := h.crmUser(h.inSalesforce(key))
	require.NotEmpty(t, user.ID, "no account in Salesforce because of a title")
	require.Empty(t, user.Title)
	require.Equal(t, "Sales", user.Department, "everything else is there")
	require.Len(t, user.Sets, 1)
	require.True(t, h.toldInWords("it does not take the title"), "IT is not told which attribute is refused")
}
