package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_V16_WhyAccessChanged: one person's access changes for four reasons, one after the other. They and their manager read
// which it was, and only a change of position is called one.
func TestCase_V16_WhyAccessChanged(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	const key, boss = "workday-21009", "workday-21003"
	s.HR(key, "change", control.Fields{"manager_id": "21003"})
	s.Hint(key, "test")
	s.Outcome(key)
	person, manager := s.Account(key), s.Account(boss)
	// read is what both have been told since the last time, theirs and the manager's.
	seen := [2]string{s.Told(person.Email), s.Told(manager.Email)}
	read := func() (theirs, managers string) {
		t.Helper()
		s.Hint(key, "test")
		s.Outcome(key)
		now := [2]string{s.Told(person.Email), s.Told(manager.Email)}
		theirs = strings.TrimPrefix(now[0], strings.TrimSuffix(seen[0], "]"))
		managers = strings.TrimPrefix(now[1], strings.TrimSuffix(seen[1], "]"))
		seen = now
		return theirs, managers
	}
	const position = "position in HR"

	// A role that was there before Gatehouse is taken by hand.
	byHand := func(edit func([]string) []string) {
		_, err := s.Sandbox.EditAccount(t.Context(), person.ID, control.Fields{"roles": edit(s.Of(person.ID).Roles)})
		require.NoError(t, err)
	}
	lost := ""
	for _, role := range s.Of(person.ID).Roles {
		if role != "Everyone" {
			lost = role
		}
	}
	byHand(func(roles []string) []string {
		return slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return r == lost })
	})
	theirs, managers := read()
	require.Contains(t, s.Of(person.ID).Roles, lost)
	require.Contains(t, theirs, "Your access was put back")
	require.Contains(t, managers, "The access of somebody in your team was put back")
	require.NotContains(t, theirs+managers, position)

	// A move.
	s.HR(key, "change", control.Fields{"department": "Marketing", "title": "Content Strategist"})
	theirs, managers = read()
	require.Equal(t, []string{"Everyone", "Marketing"}, s.Of(person.ID).Roles)
	require.Contains(t, theirs, "it follows your position in HR")
	require.Contains(t, managers, "it follows their position in HR")

	// A role that the move gave is taken by hand right after it.
	byHand(func([]string) []string { return []string{"Everyone"} })
	theirs, managers = read()
	require.Equal(t, []string{"Everyone", "Marketing"}, s.Of(person.ID).Roles)
	require.Contains(t, theirs, "Your access was put back")
	require.Contains(t, managers, "was put back")
	require.NotContains(t, theirs+managers, position)

	// A grant, and its end.
	_, err := s.Vendors.Activities.Orders.Give(t.Context(), api.GiveOrder{
		Order: identity.Order{
			ID: "stand-in", Key: key, Kind: identity.OrderGrant, Roles: []string{"Salesforce"}, By: "grace@acme.example", Reason: "stands in for the sales team",
		},
		Hint: api.Hint{Source: "operator", Cause: "order"},
	})
	require.NoError(t, err)
	theirs, managers = read()
	require.Contains(t, s.Of(person.ID).Roles, "Salesforce")
	for _, said := range []string{theirs, managers} {
		require.Contains(t, said, "somebody has decided that")
		require.Contains(t, said, "Given for: stands in for the sales team")
		require.NotContains(t, said, position)
	}
	_, err = s.Vendors.Activities.Orders.Release(t.Context(), api.ReleaseOrder{
		ID: "stand-in", Key: key, By: "grace@acme.example", Reason: "they are back",
	})
	require.NoError(t, err)
	theirs, managers = read()
	require.NotContains(t, s.Of(person.ID).Roles, "Salesforce")
	for _, said := range []string{theirs, managers} {
		require.Contains(t, said, "for a while has ended")
		require.Contains(t, said, "Had been given for: stands in for the sales team")
		require.NotContains(t, said, position)
	}

	// Another policy, and a repair by that policy.
	reload(s, func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "      roles: [Marketing]\n", "      roles: [Marketing, Salesforce]\n")
	})
	theirs, managers = read()
	require.Equal(t, []string{"Everyone", "Marketing", "Salesforce"}, s.Of(person.ID).Roles)
	for _, said := range []string{theirs, managers} {
		require.Contains(t, said, "the company's rules for access have changed")
		require.NotContains(t, said, position)
	}
	byHand(func([]string) []string { return []string{"Everyone", "Marketing"} })
	theirs, managers = read()
	require.Contains(t, theirs, "Your access was put back")
	require.NotContains(t, theirs+managers, position)
}
