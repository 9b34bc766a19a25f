package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// namesakeIsHired has HR hire another Nina Novak today.
func (h *house) namesakeIsHired() (key string) {
	h.t.Helper()
	return h.hiresNina(control.Fields{"personal_email": "another.human@elsewhere.example", "birth_date": "1999-09-09"})
}

// ownMailbox is the address of the mailbox that carries somebody's external id, "" if there is none.
func (h *house) ownMailbox(key string) string {
	h.t.Helper()
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	for _, u := range d.Users {
		if u.ExternalID == key {
			return u.Email
		}
	}
	return ""
}

// TestALeaversNamesAreNobodyElses: a leaver's mailbox was deleted by hand, as companies do after a while, and a namesake who was hired
// later got its address, and the mail that still came for the leaver. Whoever had the name gets it back.
func TestALeaversNamesAreNobodyElses(t *testing.T) {
	h := newHouse(t, "  google:\n    mode: enforce\n", "  google:\n    mode: enforce\n    username: [\"{first}.{last}@acme.example\", \"{first}.{last}{n}@acme.example\"]\n",
		"  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m}", "  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m, username: [\"{first}.{last}\", \"{first}.{last}{n}\"]}")
	first := h.hires("today", "Analyst")
	h.days()
	require.Equal(t, "nina.novak@acme.example", h.ownMailbox(first))
	h.leaves(first)
	h.gone[first] = true
	h.days()
	h.hand("delete", "nina.novak@acme.example", "")
	h.days()
	h.days()
	second := h.namesakeIsHired()
	h.days()
	h.days()
	require.Equal(t, "nina.novak2@acme.example", h.oneLogin(second).Username)
	require.Equal(t, "nina.novak2@acme.example", h.ownMailbox(second), "the address of somebody who has left is given to somebody else")
	require.NotEmpty(t, h.inDirectory(second), "the directory calls them as OneLogin does")

	delete(h.gone, first)
	h.hiredAgain(first)
	h.days()
	h.days()
	require.Equal(t, "nina.novak@acme.example", h.ownMailbox(first), "whoever comes back has their own address")
	require.Equal(t, "nina.novak2@acme.example", h.ownMailbox(second))
}
