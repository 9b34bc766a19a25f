package settle

import (
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

// TestAnAttributeOfAGroupThatIsRenamedStays: what people are shown as is made of a group of the directory. The group was renamed, and its
// members were shown as everybody else.
func TestAnAttributeOfAGroupThatIsRenamedStays(t *testing.T) {
	h := newHouse(t, "  department: {from: person.department, when: always}\n",
		"  department: {owner: ldap, from: '\"Engineering\" in accounts.ldap.groups ? \"Inside\" : \"Outside\"', when: always}\n")
	who := ""
	for _, k := range h.people {
		if h.shownAs(k, "department")["google"] == "Inside" {
			who = k
		}
	}
	require.NotEmpty(t, who)
	require.Equal(t, "Inside", h.oneLogin(who).Department)
	server, err := h.sandbox.LDAP(t.Context())
	require.NoError(t, err)
	require.NoError(t, h.boundToDirectory().ModifyDN(goldap.NewModifyDNRequest("cn=Engineering,"+server.Groups, "cn=Technik", true, "")))
	h.days()
	require.NotEmpty(t, h.unknownNames())
	require.Equal(t, "Inside", h.shownAs(who, "department")["google"], "nobody has left the group")
	require.Equal(t, "Inside", h.oneLogin(who).Department, "nobody has left the group")
}
