package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// makesAnew makes a group in Google of a name that another one had.
func (h *house) makesAnew(group string) {
	h.t.Helper()
	h.google("POST", "groups", `{"email":"`+group+`","name":"Anew"}`, "admin.directory.group")
}

// TestAMoverLosesAGroupAlsoIfItsNameIsMadeAnew: the group of Sales had been renamed when HR moved somebody. IT made another one of the old
// name, as the item said, and the mover kept the renamed one for good.
func TestAMoverLosesAGroupAlsoIfItsNameIsMadeAnew(t *testing.T) {
	t.Parallel()
	h, who, _ := longInSales(t)
	other := h.hires("today", "Analyst")
	h.days()
	h.renames("sales@acme.example", "vertrieb@acme.example")
	h.days()
	require.Len(t, h.unknownNames(), 1)
	require.Contains(t, h.unknownNames()[0].Text, `it was renamed to "vertrieb@acme.example"`)
	h.moves(who, "Finance")
	h.days()
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "vertrieb@acme.example", "nobody can tell what the rule means")
	h.makesAnew("sales@acme.example")
	h.days()
	require.Empty(t, h.unknownNames())
	require.NotContains(t, h.user(h.inGoogle(who)).Groups, "vertrieb@acme.example", "HR has moved them")
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "wifi@acme.example", "no rule ever had it")
	require.Contains(t, h.user(h.inGoogle(other)).Groups, "vertrieb@acme.example", "they are in Sales yet")
}

// TestANameThatIsMadeAnewTakesNobodysRole: the group of a rule's condition was renamed, and another one made of its name. Nobody was in
// that, and everybody lost the role.
func TestANameThatIsMadeAnewTakesNobodysRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, trustedWhen, "      when: '\"wifi@acme.example\" in accounts.google.groups'\n")
	who := h.of("Sales")
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	h.days()
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	h.renames("wifi@acme.example", "wlan@acme.example")
	h.makesAnew("wifi@acme.example")
	h.days()
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite", "nobody can tell which is meant")
	require.Len(t, h.unknownNames(), 1)
	require.Contains(t, h.unknownNames()[0].Text, `was renamed to "wlan@acme.example"`)

	const list = "in accounts.google.groups"
	h.repolicy(`'"wifi@acme.example" `+list+"'", `'"wifi@acme.example" `+list+` && !("wlan@acme.example" `+list+")'")
	h.days()
	require.Empty(t, h.unknownNames())
	require.NotContains(t, h.oneLogin(who).Roles, "NetSuite", "the policy says which")
}

// TestWhatWasPrivilegedByAnEarlierNameStaysTaken: a privileged group was renamed before a departure took it, and another one made of its
// name. HR withdrew, and the membership came back by itself.
func TestWhatWasPrivilegedByAnEarlierNameStaysTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "    keep_absent: 10m\n    leaver: {sign_in: lock", "    keep_absent: 10m\n    privileged: [wifi@acme.example]\n    leaver: {sign_in: lock")
	who := h.ofWorkday()[1]
	id := h.user(h.inGoogle(who)).ID
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	h.days()
	h.renames("wifi@acme.example", "wlan@acme.example")
	h.days()
	h.leaves(who)
	h.pass()
	h.pass()
	require.NotContains(t, h.user(id).Groups, "wlan@acme.example")
	h.makesAnew("wifi@acme.example")
	h.pass()
	h.withdrawn(who)
	h.days()
	require.Contains(t, h.user(id).Groups, "all@acme.example", "rules give it")
	require.NotContains(t, h.user(id).Groups, "wlan@acme.example", "what is privileged does not come back by itself")
}

// TestANameThatAnotherRuleTakesOver: the group of Sales was renamed, and its old name is that of Finance's new group. Whoever moved from the
// one to the other kept the first.
func TestANameThatAnotherRuleTakesOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.hires("today", "Analyst")
	h.days()
	id := h.user(h.inGoogle(who)).ID
	h.renames("sales@acme.example", "vertrieb@acme.example")
	h.makesAnew("sales@acme.example")
	h.pass()
	h.repolicy("groups: {google: [sales@acme.example], ldap: [Sales]}", "groups: {google: [vertrieb@acme.example], ldap: [Sales]}",
		"      roles: [Finance, NetSuite]\n", "      roles: [Finance, NetSuite]\n      groups: {google: [sales@acme.example]}\n")
	h.days()
	require.Contains(t, h.user(id).Groups, "vertrieb@acme.example")
	require.Empty(t, h.unknownNames())
	h.moves(who, "Finance")
	h.days()
	require.Contains(t, h.user(id).Groups, "sales@acme.example", "Finance's")
	require.NotContains(t, h.user(id).Groups, "vertrieb@acme.example", "Gatehouse gave it, and no rule gives it")
}

// TestOldAccessStaysUnderAnotherName: a mover kept the groups of the old position for two weeks, and lost the one that was renamed meanwhile
// at once.
func TestOldAccessStaysUnderAnotherName(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 14d}")
	who := h.hires("today", "Analyst")
	h.days()
	id := h.user(h.inGoogle(who)).ID
	h.moves(who, "Finance")
	h.days()
	require.Contains(t, h.user(id).Groups, "sales@acme.example")
	h.renames("sales@acme.example", "vertrieb@acme.example")
	h.days()
	require.Contains(t, h.user(id).Groups, "vertrieb@acme.example", "the old access stays for two weeks")
	h.clock.advance(14 * 24 * time.Hour)
	h.days()
	require.NotContains(t, h.user(id).Groups, "vertrieb@acme.example", "and no longer")
}

// TestALeaverKeepsAGroupThatIsRenamed: the policy had leavers keep a group, and they lost it once it was renamed.
func TestALeaverKeepsAGroupThatIsRenamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "leaver: {sign_in: lock,", "leaver: {keep_groups: [wifi@acme.example], sign_in: lock,")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	h.days()
	h.renames("wifi@acme.example", "wlan@acme.example")
	h.days()
	h.leaves(who)
	h.days()
	require.Equal(t, []string{"wlan@acme.example"}, h.user(id).Groups)
	h.makesAnew("wifi@acme.example")
	h.days()
	require.Empty(t, h.user(id).Groups, "what the policy means is another one by now")
}
