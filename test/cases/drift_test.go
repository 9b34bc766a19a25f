package cases

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_R12_AccessFromBeforeGatehouse: a third of the company holds managed roles that no rule gives, since before
// Gatehouse or by an administrator's hand. Whatever has them assessed, nothing of it is taken; what Gatehouse gave is, and
// so is all of it when HR changes the position.
func TestCase_R12_AccessFromBeforeGatehouse(t *testing.T) {
	t.Parallel()
	extra := []string{"NetSuite", "Zendesk"}
	var holders []control.Person
	s := company(t, func(s *kit.Stack) {
		for _, key := range workday(5, 24) {
			p := s.Account(key)
			holders = append(holders, s.Age(key, control.Fields{"roles": with(p.Roles, extra...)}))
		}
	})
	held := func(p control.Person, roles ...string) bool {
		now := s.Of(p.ID).Roles
		return !slices.ContainsFunc(roles, func(r string) bool { return !slices.Contains(now, r) })
	}
	for _, p := range holders {
		s.Hint(p.ExternalID, "test")
	}
	for _, p := range holders {
		s.Outcome(p.ExternalID)
		require.True(t, held(p, p.Roles...), "%s holds %q", p.ExternalID, s.Of(p.ID).Roles)
	}
	shown := s.Desk(nil).MustRun("records", "--source", "workday")
	require.Contains(t, shown, "access beyond policy")
	require.Contains(t, shown, holders[0].ExternalID)

	// An administrator gives somebody a managed role while Gatehouse runs, and HR corrects their name and manager.
	byHand := holders[1]
	_, err := s.Sandbox.EditAccount(t.Context(), byHand.ID, control.Fields{"roles": with(s.Of(byHand.ID).Roles, "Salesforce")})
	require.NoError(t, err)
	s.HR(byHand.ExternalID, "change", control.Fields{"last_name": "Newname", "manager_id": "21003"})
	s.Sync("workday")
	s.Outcome(byHand.ExternalID)
	s.Until("the new name is there", func() bool { return s.Of(byHand.ID).LastName == "Newname" })
	require.True(t, held(byHand, with(extra, "Salesforce")...))

	// HR moves one of them: what is managed goes, whoever gave it.
	mover := holders[0]
	s.HR(mover.ExternalID, "change", control.Fields{"department": "Marketing", "title": "Content Strategist"})
	s.Sync("workday")
	s.Outcome(mover.ExternalID)
	require.Equal(t, []string{"Everyone", "Marketing"}, s.Of(mover.ID).Roles)

	// What Gatehouse gave, it takes when a rule no longer gives it.
	reload(s, func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "      roles: [Marketing]\n", "      roles: [Marketing, Salesforce]\n")
	})
	s.Hint(mover.ExternalID, "test")
	s.Outcome(mover.ExternalID)
	require.Equal(t, []string{"Everyone", "Marketing", "Salesforce"}, s.Of(mover.ID).Roles)
	reload(s, roomy(t))
	s.Hint(mover.ExternalID, "test")
	s.Outcome(mover.ExternalID)
	require.Equal(t, []string{"Everyone", "Marketing"}, s.Of(mover.ID).Roles)
	for _, p := range holders[2:] {
		require.True(t, held(p, extra...))
	}
}

// with adds roles to those that somebody holds.
func with(roles []string, more ...string) []string {
	out := slices.Concat(roles, more)
	slices.Sort(out)
	return slices.Compact(out)
}

// workday are the keys of employees with these numbers.
func workday(from, to int) []string {
	var keys []string
	for n := from; n <= to; n++ {
		if n != 14 { // They have left.
			keys = append(keys, "workday-21"+fmt3(n))
		}
	}
	return keys
}

func fmt3(n int) string { return itoa(int64(1000 + n))[1:] }

// TestCase_R11_DepartmentWithoutRule: a reorganisation moves people to a department that no rule is for. They keep what they
// have and wait; when the policy gets the rule, all of them go on by themselves.
func TestCase_R11_DepartmentWithoutRule(t *testing.T) {
	t.Parallel()
	ample := func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "remove: {count: 40, percent: 10}", "remove: {count: 100, percent: 100}")
	}
	s := kit.New(t, kit.Options{Policy: ample})
	s.Baseline()
	var moved []control.Person
	for _, key := range workday(5, 16) {
		moved = append(moved, s.Account(key))
		s.HR(key, "change", control.Fields{"department": "Robotics"})
	}
	intact := untouched(s)
	s.Sync("workday")
	waits := func(p control.Person) bool {
		state, open := s.State(p.ExternalID)
		return open && len(state.Attention) > 0
	}
	for _, p := range moved {
		s.Until("they wait for a decision: "+p.ExternalID, func() bool { return waits(p) })
	}
	intact()

	s.WritePolicy(func(policy string) string {
		return kit.Replace(t, ample(policy), "    - name: support\n", "    - name: robotics\n      when: person.department == \"Robotics\"\n      group: IT\n      roles: [Jira]\n    - name: support\n")
	})
	for _, p := range moved {
		s.Until("they have what the new rule gives, and nothing else", func() bool {
			now := s.Of(p.ID)
			return now.Group == "IT" && slices.Equal(now.Roles, []string{"Everyone", "Jira"})
		})
		s.Until("nobody is asked about them any more", func() bool { return !waits(p) })
	}
}
