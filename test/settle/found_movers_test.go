package settle

import (
	"slices"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

// givesSales is what the rule of Sales gives outside of OneLogin, and beforeIt the line before that.
const (
	givesSales = "      groups: {google: [sales@acme.example], ldap: [Sales]}\n"
	beforeIt   = "permission_sets: [Edit_Opportunities]}}\n"
)

// longInSales is a company in which somebody has been in the groups of Sales since before rules gave them, and the DN of the directory's one.
func longInSales(t *testing.T) (h *house, who, group string) {
	h = newHouse(t, givesSales, "")
	who = h.of("Sales")
	server, err := h.sandbox.LDAP(t.Context())
	require.NoError(t, err)
	group = "cn=Sales," + server.Groups
	members := append(slices.Clone(h.membersOf("Sales")), h.inDirectory(who), h.inDirectory(h.of("Marketing")))
	slices.Sort(members)
	require.NoError(t, h.sandbox.LDAPHand(t.Context(), group, "member", slices.Compact(members)...))
	h.hand("join", h.inGoogle(who), "sales@acme.example")
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	h.pass()
	h.repolicy(beforeIt, beforeIt+givesSales)
	h.days()
	return h, who, group
}

// namesakeOf adds a group of the directory that has the name of another one, elsewhere, and returns its DN.
func (h *house) namesakeOf(group, cn string) (dn string) {
	h.t.Helper()
	_, groups, _ := strings.Cut(group, ",")
	conn := h.boundToDirectory()
	unit := goldap.NewAddRequest("ou=projects,"+groups, nil)
	unit.Attribute("objectClass", []string{"organizationalUnit"})
	unit.Attribute("ou", []string{"projects"})
	require.NoError(h.t, conn.Add(unit))
	return h.addsGroup(cn, "ou=projects,"+groups, h.inDirectory(h.of("Marketing")))
}

// addsGroup adds a group to the directory, and returns its DN.
func (h *house) addsGroup(cn, under string, members ...string) (dn string) {
	h.t.Helper()
	dn = "cn=" + goldap.EscapeDN(cn) + "," + under
	add := goldap.NewAddRequest(dn, nil)
	add.Attribute("objectClass", []string{"groupOfNames"})
	add.Attribute("cn", []string{cn})
	add.Attribute("member", members)
	require.NoError(h.t, h.boundToDirectory().Add(add))
	return dn
}

// TestAMoverLosesAGroupOnceItsNameIsClear: somebody had been in the groups of Sales since before Gatehouse. Google's was renamed, and the
// directory had a second one of the name, when HR moved them: they stayed in both for good.
func TestAMoverLosesAGroupOnceItsNameIsClear(t *testing.T) {
	h, who, group := longInSales(t)
	second := h.namesakeOf(group, "sales")
	h.renames("sales@acme.example", "vertrieb@acme.example")
	h.days()
	require.Len(t, h.unknownNames(), 2)
	h.moves(who, "Finance")
	h.days()
	require.Contains(t, h.membersOf("Sales"), h.inDirectory(who), "nobody can tell what the rule means")
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "vertrieb@acme.example", "nobody can tell what the rule means")

	require.NoError(t, h.boundToDirectory().Del(goldap.NewDelRequest(second, nil)))
	h.repolicy("sales@acme.example", "vertrieb@acme.example")
	h.days()
	require.Empty(t, h.unknownNames())
	require.NotContains(t, h.membersOf("Sales"), h.inDirectory(who), "HR has moved them")
	require.NotContains(t, h.user(h.inGoogle(who)).Groups, "vertrieb@acme.example", "HR has moved them")
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "wifi@acme.example", "no rule ever had it")
}

// TestAMoverLosesAGroupOnceTheirAccountIsCertain: HR moved somebody while their account in the directory carried a colleague's traces. They
// stayed in the group of Sales for good.
func TestAMoverLosesAGroupOnceTheirAccountIsCertain(t *testing.T) {
	h, who, _ := longInSales(t)
	dn := h.inDirectory(who)
	own, err := h.sandbox.LDAPEntry(t.Context(), dn)
	require.NoError(t, err)
	theirs, err := h.sandbox.LDAPEntry(t.Context(), h.inDirectory(h.of("Marketing")))
	require.NoError(t, err)
	carries := func(from map[string][]string) {
		for _, attribute := range []string{"mail", "givenname", "sn"} {
			require.NoError(t, h.sandbox.LDAPHand(t.Context(), dn, attribute, from[attribute]...))
		}
	}
	disputed := func() int {
		counts, err := h.app.Ledger.Inventory().CountStates(t.Context(), "ldap")
		require.NoError(t, err)
		return int(counts["disputed"])
	}
	carries(theirs)
	h.pass()
	h.pass()
	require.NotZero(t, disputed())
	h.moves(who, "Finance")
	h.days()
	require.Contains(t, h.membersOf("Sales"), dn, "nothing is done about such an account")
	carries(own)
	h.days()
	require.Zero(t, disputed())
	require.NotContains(t, h.membersOf("Sales"), dn, "HR has moved them")
}
