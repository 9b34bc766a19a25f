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

const byWifi = "      when: '\"wifi@acme.example\" in accounts.google.groups'\n"

// carries has a mailbox of Google's show somebody's name and id.
func (h *house) carries(id string, of control.GoogleUser) {
	h.t.Helper()
	given, family, _ := strings.Cut(of.Name, " ")
	h.google("PUT", "users/"+id, `{"name":{"givenName":"`+given+`","familyName":"`+family+`"},"externalIds":[{"type":"organization","value":"`+of.ExternalID+`"}]}`,
		"admin.directory.user")
}

// disputes has the Google account of one person carry another's traces, and returns it as it was.
func (h *house) disputes(who, other string) control.GoogleUser {
	h.t.Helper()
	first := h.user(h.inGoogle(who))
	h.carries(first.ID, h.user(h.inGoogle(other)))
	for range 3 {
		h.pass()
	}
	row, _, err := h.app.Ledger.Inventory().Account(h.t.Context(), identity.Ref{System: "google", ID: first.ID})
	require.NoError(h.t, err)
	require.Equal(h.t, identity.AccountDisputed, row.State)
	return first
}

// TestASecondAccountWhileTheFirstIsDisputed took its place: rules read it and gave it their groups for good, and its phone went everywhere.
func TestASecondAccountWhileTheFirstIsDisputed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, trustedWhen, byWifi)
	who, other := h.of("Sales"), h.of("Marketing")
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	second := h.adds("kiki.odd@acme.example", who)
	h.hand("phone", second, "+49 30 999999")
	h.days()
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	phones := h.shownAs(who, "phone")
	first := h.disputes(who, other)
	require.Equal(t, phones, h.shownAs(who, "phone"), "what the owner says is not known")
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite", "the rule is undecided")
	require.NotContains(t, h.user(second).Groups, "sales@acme.example")
	require.True(t, h.told("the account linked to this person carries another employed person's traces"))
	h.carries(first.ID, first)
	h.days()
	h.moves(who, "Finance")
	h.days()
	require.NotContains(t, h.user(first.ID).Groups, "sales@acme.example")
	require.NotContains(t, h.user(second).Groups, "sales@acme.example")
}

// TestAClosedSecondAccountWhileTheFirstIsDisputed was opened, and got what rules give.
func TestAClosedSecondAccountWhileTheFirstIsDisputed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "leaver: {sign_in: lock, suspend_after: 30d, delegate_to: manager, transfer_to: manager, auto_reply: {subject: Gone, text: \"{first} {last} has left.\"}}",
		"leaver: {sign_in: suspend}")
	who, other := h.ofWorkday()[1], h.of("Marketing")
	require.NotEqual(t, who, other)
	second := h.adds("kiki.odd@acme.example", who)
	h.days()
	h.leaves(who)
	h.days()
	h.withdrawn(who)
	h.days()
	require.False(t, h.user(h.inGoogle(who)).Suspended)
	h.disputes(who, other)
	require.True(t, h.user(second).Suspended, "further accounts stay closed")
	require.NotContains(t, h.user(second).Groups, "all@acme.example")
	h.leaves(who)
	h.days()
	require.True(t, h.user(second).Suspended)
}

// TestAFirstAccountThatIsNotShown gave way to the second one with one reading, whatever keep_absent says. It does once it is off the record.
func TestAFirstAccountThatIsNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, trustedWhen, byWifi, "    keep_absent: 10m\n    leaver: {sign_in: lock", "    keep_absent: 48h\n    leaver: {sign_in: lock")
	who := h.of("Sales")
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	second := h.adds("kiki.odd@acme.example", who)
	h.days()
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	h.hand("delete", h.inGoogle(who), "")
	h.days()
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite", "what is not shown is believed for two days")
	require.NotContains(t, h.user(second).Groups, "sales@acme.example")
	h.clock.advance(24 * time.Hour)
	h.days()
	require.NotContains(t, h.oneLogin(who).Roles, "NetSuite")
	require.Contains(t, h.user(second).Groups, "sales@acme.example", "it is the only one they have")
}

// TestAnAccountThatWasThePrimaryOne kept for good what Gatehouse had given it, whatever became of the person.
func TestAnAccountThatWasThePrimaryOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.hires("today", "Analyst")
	h.days()
	first := h.user(h.inGoogle(who)).ID
	h.hand("join", first, "wifi@acme.example")
	second := h.adds("kiki.odd@acme.example", "")
	require.NoError(t, h.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: identity.Ref{System: "google", ID: second}, Person: who, Use: identity.UsePrimary, By: "said so", DecidedBy: "it@acme.example",
	}))
	h.days()
	require.Contains(t, h.user(second).Groups, "sales@acme.example")
	require.Contains(t, h.user(first).Groups, "sales@acme.example", "a rule gives it to the person")
	h.moves(who, "Finance")
	h.days()
	require.NotContains(t, h.user(second).Groups, "sales@acme.example")
	require.NotContains(t, h.user(first).Groups, "sales@acme.example", "Gatehouse gave it, and no rule gives it")
	require.Contains(t, h.user(first).Groups, "wifi@acme.example", "nobody knows who gave it")
	h.rests("moved")
}
