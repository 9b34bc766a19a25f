package settle

import (
	"slices"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

// trustedWhen is the condition of the rule that follows a group of the directory.
const trustedWhen = "      when: '\"Finance\" in accounts.ldap.groups'\n"

// inFinance has somebody who is not of Finance be in the directory's group of that name, which gives NetSuite.
func (h *house) inFinance() (who, group string) {
	h.t.Helper()
	who = h.of("Sales")
	server, err := h.sandbox.LDAP(h.t.Context())
	require.NoError(h.t, err)
	group = "cn=Finance," + server.Groups
	entry, err := h.sandbox.LDAPEntry(h.t.Context(), group)
	require.NoError(h.t, err)
	require.NoError(h.t, h.sandbox.LDAPHand(h.t.Context(), group, "member", append(slices.Clone(entry["member"]), h.inDirectory(who))...))
	h.days()
	require.Contains(h.t, h.oneLogin(who).Roles, "NetSuite")
	return who, group
}

// keepsUndecided expects that somebody keeps the role, and that one item names the rule and the object.
func (h *house) keepsUndecided(who, system, object string) {
	h.t.Helper()
	require.Contains(h.t, h.oneLogin(who).Roles, "NetSuite", "nobody has left the group")
	items := h.unknownNames()
	require.Len(h.t, items, 1)
	require.Equal(h.t, system, items[0].System)
	require.Contains(h.t, items[0].Text, `the condition of rule "who is trusted in the directory" cannot be decided`)
	require.Contains(h.t, items[0].Text, object)
}

// TestAGroupOfTheSameNameTakesNobodysRole: somebody made another group called Finance elsewhere below the groups. Both went by their DN from
// then on, and whoever was in the first one lost the role that follows it.
func TestAGroupOfTheSameNameTakesNobodysRole(t *testing.T) {
	h := newHouse(t)
	who, group := h.inFinance()
	_, groups, _ := strings.Cut(group, ",")
	conn := h.boundToDirectory()
	unit := goldap.NewAddRequest("ou=projects,"+groups, nil)
	unit.Attribute("objectClass", []string{"organizationalUnit"})
	unit.Attribute("ou", []string{"projects"})
	require.NoError(t, conn.Add(unit))
	second := "cn=finance,ou=projects," + groups
	add := goldap.NewAddRequest(second, nil)
	add.Attribute("objectClass", []string{"groupOfNames"})
	add.Attribute("cn", []string{"finance"})
	add.Attribute("member", []string{h.inDirectory(h.of("Marketing"))})
	require.NoError(t, conn.Add(add))
	h.days()
	h.keepsUndecided(who, "ldap", `"Finance"`)
	require.NotContains(t, h.oneLogin(h.of("Marketing")).Roles, "NetSuite", "nor is anything given by the second one")

	require.NoError(t, conn.Del(goldap.NewDelRequest(second, nil)))
	h.days()
	require.Empty(t, h.unknownNames())
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	h.leavesFinance(who, group)
}

// leavesFinance takes somebody out of the group, and expects that the role goes.
func (h *house) leavesFinance(who, group string) {
	h.t.Helper()
	entry, err := h.sandbox.LDAPEntry(h.t.Context(), group)
	require.NoError(h.t, err)
	left := slices.DeleteFunc(slices.Clone(entry["member"]), func(dn string) bool { return dn == h.inDirectory(who) })
	require.NoError(h.t, h.sandbox.LDAPHand(h.t.Context(), group, "member", left...))
	h.days()
	require.NotContains(h.t, h.oneLogin(who).Roles, "NetSuite", "who leaves the group loses its role")
}

// TestAGroupThatIsRenamedTakesNobodysRole: the group of a rule's condition was called otherwise, with the same members, and they lost the
// role that follows it.
func TestAGroupThatIsRenamedTakesNobodysRole(t *testing.T) {
	h := newHouse(t, trustedWhen, "      when: '\"wifi@acme.example\" in accounts.google.groups'\n")
	who := h.of("Sales")
	h.hand("join", h.inGoogle(who), "wifi@acme.example")
	h.days()
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	h.renames("wifi@acme.example", "wlan@acme.example")
	h.days()
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "wlan@acme.example")
	h.keepsUndecided(who, "google", `"wifi@acme.example"`)

	h.writePolicy(h.config.Policy, "wifi@acme.example", "wlan@acme.example")
	require.NoError(t, h.vendors.Policy.Reload(t.Context()))
	h.days()
	require.Empty(t, h.unknownNames())
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	h.hand("leave", h.inGoogle(who), "wlan@acme.example")
	h.days()
	require.NotContains(t, h.oneLogin(who).Roles, "NetSuite", "who leaves the group loses its role")
}

// TestAGroupThatIsNotShownIsBelieved: the bind account could not see one group for two hours, and a day is how long what is not shown is
// believed. Its name was forgotten at once, and with it who was in it.
func TestAGroupThatIsNotShownIsBelieved(t *testing.T) {
	h := newHouse(t, "  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m}", "  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 24h}")
	who, group := h.inFinance()
	_, groups, _ := strings.Cut(group, ",")
	_, above, _ := strings.Cut(groups, ",")
	conn := h.boundToDirectory()
	require.NoError(t, conn.ModifyDN(goldap.NewModifyDNRequest(group, "cn=Finance", true, above)))
	h.pass()
	h.pass()
	h.keepsUndecided(who, "ldap", `"Finance"`)
	h.days()
	h.days()
	h.keepsUndecided(who, "ldap", `"Finance"`)

	require.NoError(t, conn.ModifyDN(goldap.NewModifyDNRequest("cn=Finance,"+above, "cn=Finance", true, groups)))
	h.days()
	require.Empty(t, h.unknownNames())
	require.Contains(t, h.oneLogin(who).Roles, "NetSuite")
	h.leavesFinance(who, group)
}

// TestAConditionOfNoGroupIsRefused: a rule's condition named a group by other letters, or a permission set by its label. It matched nobody,
// and nobody said so.
func TestAConditionOfNoGroupIsRefused(t *testing.T) {
	h := newHouse(t)
	h.writePolicy(h.config.Policy, trustedWhen,
		"      when: '\"finance\" in accounts.ldap.groups || \"Wifi@acme.example\" in accounts.google.groups || \"Edit Opportunities\" in accounts.salesforce.roles'\n")
	err := h.vendors.Policy.Reload(t.Context())
	for _, want := range []string{
		`ldap has no group "finance"`, `google has no group "Wifi@acme.example"`, `salesforce has no permission set "Edit Opportunities"`,
	} {
		require.ErrorContains(t, err, want)
	}
}
