package settle

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsPrivilegedStaysTakenUnderAnyName: a termination was withdrawn after the privileged group that it took had got another name, or a
// namesake. The membership came back by itself.
func TestWhatIsPrivilegedStaysTakenUnderAnyName(t *testing.T) {
	const ldap = "  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m}"
	h := newHouse(t, ldap, strings.TrimSuffix(ldap, "}")+", privileged: [Finance]}",
		"    keep_absent: 10m\n    leaver: {sign_in: lock,", "    keep_absent: 10m\n    privileged: [wifi@acme.example]\n    leaver: {sign_in: lock,")
	who, group := h.inFinance()
	mail, dn := h.inGoogle(who), h.inDirectory(who)
	h.hand("join", mail, "wifi@acme.example")
	h.days()
	h.leaves(who)
	h.days()
	require.Empty(t, h.user(mail).Groups)
	require.NotContains(t, h.membersOf("Finance"), dn)
	h.namesakeOf(group, "finance")
	h.renames("wifi@acme.example", "wlan@acme.example")
	h.days()
	h.withdrawn(who)
	h.days()
	require.Contains(t, h.user(mail).Groups, "all@acme.example", "rules give it")
	require.NotContains(t, h.user(mail).Groups, "wlan@acme.example", "what is privileged does not come back by itself")
	require.NotContains(t, h.membersOf("Finance"), dn, "what is privileged does not come back by itself")

	h.repolicy("wifi@acme.example", "wlan@acme.example")
	h.days()
	require.NotContains(t, h.user(mail).Groups, "wlan@acme.example", "it is privileged by its new name too")
}
