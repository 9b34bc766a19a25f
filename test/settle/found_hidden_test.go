package settle

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestLicencesStayUntilSomebodyGetsTheFiles: the manager has left before. What goes with a licence would be lost.
func TestLicencesStayUntilSomebodyGetsTheFiles(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	boss, report := "workday-21001", h.of("Marketing")
	id := h.user(h.inGoogle(report)).ID
	h.leaves(boss)
	h.days()
	h.leaves(report)
	h.days()
	require.Zero(t, h.transfersOf(id))
	for range 3 {
		h.clock.advance(31 * 24 * time.Hour)
		h.days()
	}
	require.True(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences, "nobody has the files yet")
	require.True(t, h.told("the licences stay until then"))
	stays := h.ofWorkday()[slices.IndexFunc(h.ofWorkday(), func(key string) bool { return key != boss && key != report })]
	h.does(report, "change", control.Fields{"manager_id": strings.TrimPrefix(stays, "workday-")})
	h.days()
	require.Equal(t, 1, h.transfersOf(id))
	require.Empty(t, h.user(id).Licences)
}

// TestWhoWasFrozenBeforeTheyLeft is deactivated as well: a click would open the user, who holds a licence.
func TestWhoWasFrozenBeforeTheyLeft(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	_, crm, _ := h.accountsOf(who)
	_, err := h.sandbox.CRMHand(t.Context(), control.Fields{"action": "freeze", "id": crm})
	require.NoError(t, err)
	h.pass()
	require.True(t, h.crmUser(crm).Active)
	h.leaves(who)
	h.days()
	require.False(t, h.crmUser(crm).Active)
}

// TestAMoverWhoseOldAccessIsNotShown: the systems show no memberships while somebody moves, and do again later. The old ones go then.
func TestAMoverWhoseOldAccessIsNotShown(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.hires("today", "Account Executive") // The directory lets the last member of a group go nowhere.
	h.days()
	_, crm, dn := h.accountsOf(who)
	inSales := func() bool {
		return slices.ContainsFunc(h.membersOf("sales"), func(m string) bool { return strings.EqualFold(m, dn) })
	}
	require.True(t, inSales())
	const ofSales = "Edit Opportunities"
	require.Contains(t, h.crmUser(crm).Sets, ofSales)
	h.moves(who, "Marketing")
	require.NoError(t, h.sandbox.LDAPLie(t.Context(), "no groups"))
	require.NoError(t, h.sandbox.CRMSettings(t.Context(), control.Fields{"empty": []string{"PermissionSetAssignment"}}))
	h.looks(who)
	require.True(t, inSales(), "nothing is known of what they are in")
	h.honest()
	h.days()
	require.False(t, inSales())
	require.NotContains(t, h.crmUser(crm).Sets, ofSales)
}
