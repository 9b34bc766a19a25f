package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const mfaRules = policytest.Everyone + `
mfa:
  grace: 14d
  restrict: {group: MFA required}
  exempt:
    - account.username.startsWith("svc-")
  rules:
    - name: high risk
      when: risk >= 70
      grace: 1d
      restrict_after: 1d
      restrict: {suspend: true}
    - name: administrators
      when: '"Super admin" in account.roles'
      grace: 2d
      escalate_to: security@acme.example
    - name: contractors
      when: person.employment_type == "Contractor" || account.group == "Contractors"
      grace: 3d
      remind_every: 1d
`

func TestMFATerms(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, mfaRules)
	everybody := policy.MFATerms{
		Grace: 14 * 24 * time.Hour, RemindEvery: 72 * time.Hour, EscalateTo: policy.EscalateToManager,
		RestrictAfter: 168 * time.Hour, Restrict: policy.Restriction{Group: "MFA required"},
	}
	with := func(change func(*policy.MFATerms)) policy.MFATerms {
		terms := everybody
		change(&terms)
		return terms
	}
	for name, c := range map[string]struct {
		person  identity.Person
		account *identity.Account
		risk    int
		want    policy.MFATerms
	}{
		"everybody":  {account: &identity.Account{Group: "Sales"}, risk: 69, want: everybody},
		"no account": {want: everybody},
		"risky": {
			account: &identity.Account{Roles: []string{"Super admin"}}, risk: 70, want: with(func(t *policy.MFATerms) {
				t.Rule, t.Grace, t.RestrictAfter, t.Restrict = "high risk", 24*time.Hour, 24*time.Hour, policy.Restriction{Suspend: true}
			}),
		},
		"administrator": {
			account: &identity.Account{Roles: []string{"Everyone", "Super admin"}}, want: with(func(t *policy.MFATerms) {
				t.Rule, t.Grace, t.EscalateTo = "administrators", 48*time.Hour, "security@acme.example"
			}),
		},
		"contractor by HR": {
			person: identity.Person{Record: identity.Record{EmploymentType: "Contractor"}}, want: with(func(t *policy.MFATerms) {
				t.Rule, t.Grace, t.RemindEvery = "contractors", 72*time.Hour, 24*time.Hour
			}),
		},
		"contractor by group": {
			account: &identity.Account{Group: "Contractors"}, want: with(func(t *policy.MFATerms) {
				t.Rule, t.Grace, t.RemindEvery = "contractors", 72*time.Hour, 24*time.Hour
			}),
		},
		"service account": {
			account: &identity.Account{Username: "svc-backup"}, risk: 99, want: with(func(t *policy.MFATerms) {
				t.Exempt = `account.username.startsWith("svc-")`
			}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.MFATerms(&c.person, c.account, c.risk)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	require.True(t, p.MFAUsesRisk())
	require.Equal(t, []string{"Default", "MFA required"}, p.Groups())
}

func TestMFADefaults(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone)
	terms, err := p.MFATerms(&identity.Person{}, nil, 100)
	require.NoError(t, err)
	require.True(t, terms.Restrict.None(), "without a restriction nobody is restricted")
	require.Equal(t, 14*24*time.Hour, terms.Grace)
	require.Equal(t, 90*24*time.Hour, p.MFA().Refresh)
	require.NotEmpty(t, p.MFA().Instructions)
	require.False(t, p.MFAUsesRisk())
	require.Equal(t, policy.ModeObserve, p.Modes().MFA)
}

// TestMFAConditionThatFails holds that a condition that cannot be evaluated neither excuses nor restricts anybody.
func TestMFAConditionThatFails(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone+`
mfa:
  rules:
    - name: odd
      when: size(account.roles) > 0 && account.roles[5] == "x"
`)
	_, err := p.MFATerms(&identity.Person{}, &identity.Account{Roles: []string{"Everyone"}}, 0)
	require.ErrorContains(t, err, `mfa rule "odd"`)
}
