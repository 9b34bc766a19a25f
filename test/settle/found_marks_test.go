package settle

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAGroupWhoseNameBeginsWithAHash: distribution lists are called so to be on top of address books. Its name was taken for an id: rules
// gave it to nobody, and neither movers nor leavers lost it.
func TestAGroupWhoseNameBeginsWithAHash(t *testing.T) {
	h := newHouse(t)
	mover, leaver := h.of("Sales"), h.of("Marketing")
	h.company()
	server, err := h.sandbox.LDAP(t.Context())
	require.NoError(t, err)
	of := map[string]string{mover: h.inDirectory(mover), leaver: h.inDirectory(leaver)}
	group := h.addsGroup("#All Sales", server.Groups, of[mover], of[leaver])
	members := func() []string {
		entry, err := h.sandbox.LDAPEntry(t.Context(), group)
		require.NoError(t, err)
		return entry["member"]
	}
	h.days()
	h.repolicy(givesSales, "      groups: {google: [sales@acme.example], ldap: [Sales, \"#All Sales\"]}\n")
	h.leaves(leaver)
	h.days()
	require.NotContains(t, members(), of[leaver], "whoever has left is in no group")
	given := func(key string) bool {
		return key != mover && key != leaver && h.oneLogin(key).Department == "Sales" && slices.Contains(members(), h.inDirectory(key))
	}
	require.True(t, slices.ContainsFunc(h.people, given), "a rule gives it")
	h.moves(mover, "Finance")
	h.days()
	require.NotContains(t, members(), of[mover], "HR has moved them")
}
