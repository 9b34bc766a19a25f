package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
)

// TestFoundAccessIsLeft: a managed role that no rule gives is taken if Gatehouse gave it or HR has moved its holder, and
// reported if not.
func TestFoundAccessIsLeft(t *testing.T) {
	t.Parallel()
	full := string(readFile(t, "testdata/policy.yaml"))
	removes, err := policy.Parse("policy.yaml", []byte(replace(t, full, "access:\n", "access:\n  drift: remove\n")))
	require.NoError(t, err)
	tests := map[string]struct {
		policy *policy.Policy
		given  []string
		moved  bool
		taken  []string
		found  []string
	}{
		"from before":        {policy: example(t), found: []string{"Finance", "Sales"}},
		"one of them ours":   {policy: example(t), given: []string{"Sales"}, taken: []string{"Sales"}, found: []string{"Finance"}},
		"moved":              {policy: example(t), moved: true, taken: []string{"Finance", "Sales"}},
		"what policy orders": {policy: removes, taken: []string{"Finance", "Sales"}},
	}
	for name, tt := range tests {
		a := engineerAccount(func(a *identity.Account) {
			a.Roles, a.Given = append(a.Roles, "Sales", "Finance", "Book club"), tt.given
		})
		person := tt.policy.Person("workday-21001", []identity.Engagement{engineer()}, monday)
		person.Moved = tt.moved
		plan := tt.policy.Plan(person, a, nil)
		step, _ := plan.Step(identity.StepRemoveRoles)
		require.Equal(t, tt.taken, step.Names, name)
		require.Equal(t, tt.found, plan.Found, name)
		require.Equal(t, len(tt.taken) > 0, plan.Verdict == identity.VerdictChange, name)
	}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	was := policy.Position(engineer().Record)
	for name, same := range map[string]func(*identity.Engagement){
		"a new manager": func(e *identity.Engagement) { e.ManagerID = "9" },
		"a new name":    func(e *identity.Engagement) { e.LastName = "Lovelace" },
		"spelling":      func(e *identity.Engagement) { e.Department = " engineering" },
		"a last day":    leaver,
	} {
		require.Equal(t, was, policy.Position(engineer(same).Record), name)
	}
	for name, moved := range map[string]func(*identity.Engagement){
		"department": func(e *identity.Engagement) { e.Department = "Sales" },
		"title":      func(e *identity.Engagement) { e.Title = "Lead" },
		"location":   func(e *identity.Engagement) { e.Location = "London" },
		"type":       func(e *identity.Engagement) { e.EmploymentType = "Contractor" },
	} {
		require.NotEqual(t, was, policy.Position(engineer(moved).Record), name)
	}
	require.Empty(t, policy.Position(engineer(func(e *identity.Engagement) { e.Missing = []string{"title"} }).Record))
}
