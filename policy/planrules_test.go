package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

func TestEarlyRolesAndNoCredential(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone+`joiner: {early_roles: [Welcome, Everyone], credential: none}`)
	early := planCase{noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-09" }}.run(t, p)
	require.Equal(t, []identity.Step{{Kind: create, Names: []string{"Default"}}, {Kind: add, Names: []string{"Everyone", "Welcome"}}}, early.Steps)
	require.False(t, early.Desired.SignIn)
	first := planCase{
		account: func(a *identity.Account) {
			a.Status, a.InvitationSentAt, a.Roles = 7, time.Time{}, []string{"Everyone", "Welcome"}
			a.Given = a.Roles
		},
		engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-02" },
	}.run(t, p)
	require.Equal(t, []identity.StepKind{group, remove, activate}, kinds(first), "an early role that no rule gives goes, and nobody is invited")
}

func TestDoubtfulRules(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, `
access:
  rules:
    - {name: policytest.Everyone, when: "true", roles: [Everyone]}
    - {name: numbered, when: 'person.employee_id == "" || int(person.employee_id) > 5', roles: [Jira]}
    - {name: sales, when: person.department == "Sales", group: Sales}
    - {name: berlin, when: person.location == "Berlin", group: Berlin}
    - {name: head, when: person.title.startsWith("Head"), group: Heads, priority: 5}
`)
	tests := map[string]struct {
		change  func(*identity.Engagement)
		notices []string
		group   string
	}{
		"one rule sets the group":   {change: func(*identity.Engagement) {}, group: "Berlin"},
		"two rules disagree":        {change: func(e *identity.Engagement) { e.Department = "Sales" }, notices: []string{"group_conflict"}},
		"a higher priority decides": {change: func(e *identity.Engagement) { e.Department, e.Title = "Sales", "Head of Sales" }, group: "Heads"},
		"a rule fails":              {change: func(e *identity.Engagement) { e.EmployeeID = "A7" }, notices: []string{"rule_failed"}, group: "Berlin"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := func(e *identity.Engagement) { e.Location = "Berlin"; tt.change(e) }
			got := planCase{engagement: change}.run(t, p)
			require.Equal(t, tt.group, got.Desired.Group)
			if tt.notices == nil {
				require.NotEqual(t, identity.VerdictAttention, got.Verdict)
				return
			}
			require.Equal(t, identity.VerdictAttention, got.Verdict)
			require.Equal(t, append([]string{"unknown_zone"}, tt.notices...), codes(got.Notices))
			require.Empty(t, got.Steps)
			contained := planCase{engagement: change, orders: order(identity.OrderContain)}.run(t, p)
			require.Equal(t, identity.VerdictLeave, contained.Verdict, "a doubt about access must not stop containment")
		})
	}
}

func TestRestrictWithoutAnyGroup(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone)
	got := planCase{orders: order(identity.OrderRestrict)}.run(t, p)
	require.Equal(t, identity.VerdictAttention, got.Verdict)
	require.Contains(t, codes(got.Notices), policy.NoticeNoRestrictGroup)
}

func TestRestrictedAccountThatNoRulePlaces(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, `access: {rules: [{name: policytest.Everyone, when: "true", roles: [Everyone]}]}
mfa: {restrict: {group: MFA required}}`)
	got := planCase{account: func(a *identity.Account) { a.Group = "MFA required" }}.run(t, p)
	require.Contains(t, codes(got.Notices), policy.NoticeNoGroup)
	require.False(t, got.Has(group))
}
