package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

const followsAddresses = alwaysTitle + "  email: {}\n"

// addressesOf finds out what the addresses of somebody are at OneLogin, in Salesforce and in the directory.
func (h *house) addressesOf(who string) func() []string {
	crm, dn := h.inSalesforce(who), h.inDirectory(who)
	return func() []string {
		entry, err := h.sandbox.LDAPEntry(h.t.Context(), dn)
		require.NoError(h.t, err)
		return []string{h.oneLogin(who).Email, h.crmUser(crm).Email, one(entry["mail"])}
	}
}

// TestAPrivateAddressIsNoWorkAddress: HR has the private address as the work address too. OneLogin did not get it; Salesforce and the
// directory did, and resets of passwords went there. IT is told, and not by each system.
func TestAPrivateAddressIsNoWorkAddress(t *testing.T) {
	t.Parallel()
	for name, edits := range map[string][]string{
		"display": {alwaysTitle, followsAddresses},
		"rename":  {alwaysTitle, followsAddresses, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 0s, rename: rename}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, edits...)
			who := h.of("Sales")
			addresses := h.addressesOf(who)
			was := addresses()
			for _, private := range []string{"somebody.private@home.example", "somebody.private@acme.example"} {
				h.does(who, "change", control.Fields{"work_email": private, "personal_email": private})
				h.days()
				require.Equal(t, was, addresses(), private)
				require.True(t, h.told("HR has it as the private one too"))
			}
			h.rests("an address that is not written")
			require.False(t, h.told("somebody.private"), "no notice quotes an address")
		})
	}
}

// TestAColleaguesAddressIsNotWritten: HR gives somebody the address of a colleague. The directory said of one that they are the other.
func TestAColleaguesAddressIsNotWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, followsAddresses)
	who, other := h.of("Sales"), h.of("Marketing")
	addresses := h.addressesOf(who)
	was := addresses()
	h.does(who, "change", control.Fields{"work_email": h.oneLogin(other).Email})
	h.days()
	require.Equal(t, was, addresses())
	require.True(t, h.told("somebody else has it"))
	h.does(who, "change", control.Fields{"work_email": "their.own@acme.example"})
	h.days()
	require.Equal(t, []string{was[0], "their.own@acme.example", "their.own@acme.example"}, addresses(), "mover.rename leaves OneLogin's as it is")
}
