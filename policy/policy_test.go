package policy_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

func TestExampleSettings(t *testing.T) {
	t.Parallel()
	p := example(t)
	half := policy.Limit{Count: 400}
	require.Empty(t, cmp.Diff(policy.Safety{
		Window: 24 * time.Hour, Contain: policy.Limit{Count: 20, Percent: 5}, Reactivate: policy.Limit{Count: 20, Percent: 5},
		Remove: policy.Limit{Count: 40, Percent: 10}, GrantPrivileged: policy.Limit{Count: 5, Percent: 2},
		Grant: half, Group: half, Profile: half, Join: half, Delete: policy.Limit{Count: 10, Percent: 10},
		Protected: []string{`account.username.startsWith("breakglass-")`, `account.group == "Break glass"`, `"Super admin" in account.roles`},
	}, p.Safety()))
	require.Empty(t, cmp.Diff(policy.Leaver{
		DisableAt: "18:00", ContainWithin: 15 * time.Minute, FallbackOwner: "it@acme.example", KeepRoles: []string{}, Doubt: policy.DoubtAsk,
		VerifyAfter: []time.Duration{time.Minute, 15 * time.Minute, 24 * time.Hour},
		WarnBefore:  []time.Duration{14 * 24 * time.Hour, 7 * 24 * time.Hour, 24 * time.Hour},
		UndoWithin:  30 * 24 * time.Hour,
	}, p.Leaver()))
	require.Empty(t, cmp.Diff(policy.Joiner{
		CreateBefore: 168 * time.Hour, ActivateAt: "08:00", EarlyRoles: []string{}, Credential: policy.CredentialInvite,
	}, p.Joiner()))
	require.Equal(t, policy.Modes{Onboarding: policy.ModeEnforce, Offboarding: policy.ModeEnforce, RoleChange: policy.ModeEnforce, MFA: policy.ModeEnforce}, p.Modes())
	require.Equal(t, []string{"AWS Admin", "Super admin"}, p.PrivilegedRoles())
	require.NotContains(t, p.ManagedRoles(), "Super admin")
	require.Equal(t, "acme.example", p.Domain())
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone)
	limit := policy.Limit{Count: 20, Percent: 5}
	require.Empty(t, cmp.Diff(policy.Safety{
		Window: 24 * time.Hour, Contain: limit, Reactivate: limit, Remove: limit, GrantPrivileged: limit, Protected: []string{},
		Grant: policy.Limit{Count: 40, Percent: 10}, Group: policy.Limit{Count: 40, Percent: 10}, Profile: policy.Limit{Count: 100, Percent: 20},
		Join: policy.Limit{Count: 50, Percent: 10}, Delete: policy.Limit{Count: 10, Percent: 5},
	}, p.Safety()))
	require.Equal(t, policy.Modes{Onboarding: policy.ModeObserve, Offboarding: policy.ModeObserve, RoleChange: policy.ModeObserve, MFA: policy.ModeObserve}, p.Modes())
	require.Equal(t, 7*24*time.Hour, p.Joiner().CreateBefore)
	require.Equal(t, 15*time.Minute, p.Leaver().ContainWithin)
	require.Zero(t, p.Mover().KeepOldAccess)
	require.Equal(t, []string{"Everyone"}, p.ManagedRoles(), "without a list, what the policy gives is what it takes")
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "15m": 15 * time.Minute, "7d": 168 * time.Hour, "1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute, "0d": 0,
	} {
		p := policytest.Parse(t, policytest.Everyone+"mover: {keep_old_access: "+text+"}")
		require.Equal(t, want, p.Mover().KeepOldAccess, text)
	}
	for _, text := range []string{"7", "d", "1.5d", "7d d", "-1d", "1d-1h", "999999999999d", "106751d24h", "7D", "''", "1w"} {
		_, err := policy.Parse("policy.yaml", []byte(policytest.Whole(policytest.Smallest+policytest.Everyone+"mover: {keep_old_access: "+text+"}")))
		require.Error(t, err, text)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone)
	sum := sha256.Sum256([]byte(policytest.Whole(policytest.Smallest + policytest.Everyone)))
	require.Equal(t, fmt.Sprintf("%x", sum)[:12], p.Hash())
	require.NotEqual(t, p.Hash(), policytest.Parse(t, policytest.Everyone+"# a comment\n").Hash())
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	_, err := policy.Load("testdata/nowhere.yaml")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "testdata/nowhere.yaml")
}

func TestNamesOfTheTenant(t *testing.T) {
	t.Parallel()
	p := example(t)
	roles := []string{
		"Everyone", "Engineering", "GitHub", "AWS Read Only", "AWS Admin", "Sales", "Salesforce", "Marketing", "Finance",
		"NetSuite", "People", "IT", "Jira", "Support", "Zendesk", "Super admin",
	}
	groups := []string{
		"Default", "Engineering", "Sales", "Marketing", "Finance", "People", "IT", "Support", "Contractors", "MFA required", "Break glass",
	}
	require.ElementsMatch(t, roles, p.Roles())
	require.ElementsMatch(t, groups, append(p.Groups(), "Break glass"))
	require.NoError(t, p.CheckTenant(roles, groups))

	err := p.CheckTenant(without(roles, "Zendesk"), append(without(groups, "MFA required"), "mfa-required"))
	var problems *yamlfile.Problems
	require.ErrorAs(t, err, &problems)
	lines := strings.Split(string(readFile(t, "testdata/policy.yaml")), "\n")
	require.Len(t, problems.List, 3, "Zendesk is mentioned twice")
	for i, name := range []string{"Zendesk", "Zendesk", "MFA required"} {
		at := problems.List[i]
		require.Contains(t, at.Text, fmt.Sprintf("%q", name))
		require.Equal(t, name, lines[at.Line-1][at.Col-1:][:len(name)], "the problem points at the name")
		require.Equal(t, "testdata/policy.yaml", at.File)
	}
	require.Contains(t, problems.List[2].Text, `did you mean "mfa-required"?`)
}

func without(names []string, name string) []string {
	var out []string
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

func TestProtected(t *testing.T) {
	t.Parallel()
	p := example(t)
	require.Empty(t, p.Protected(*engineerAccount()))
	require.Empty(t, p.Protected(identity.Account{}))
	require.Equal(t, `protected by account.username.startsWith("breakglass-")`, p.Protected(identity.Account{Username: "breakglass-1"}))
	require.NotEmpty(t, p.Protected(identity.Account{Roles: []string{"Jira", "Super admin"}}))

	fields := policytest.Parse(t, policytest.Everyone+`
safety:
  protected:
    - account.id == 42
    - has(account.last_login) && account.last_login < timestamp("2020-01-01T00:00:00Z")
    - account.status == "locked" && account.email.endsWith("@ops.example") && account.external_id == ""
    - size(account.roles) > 0 && int(account.roles[0]) > 5
`)
	require.Empty(t, fields.Protected(identity.Account{}))
	require.NotEmpty(t, fields.Protected(identity.Account{ID: 42}))
	require.NotEmpty(t, fields.Protected(identity.Account{LastLogin: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)}))
	require.Empty(t, fields.Protected(identity.Account{LastLogin: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)}))
	require.NotEmpty(t, fields.Protected(identity.Account{Status: identity.AccountLocked, Email: "a@ops.example"}))
	require.Contains(t, fields.Protected(identity.Account{Roles: []string{"Jira"}}), "cannot be evaluated",
		"a condition that fails must not open an account to changes")
}

// TestPersonFields holds that every documented field can be used in a condition.
func TestPersonFields(t *testing.T) {
	t.Parallel()
	e := engineer(func(e *identity.Engagement) { e.WorkEmail = "ada@acme.example" })
	conditions := []string{
		`person.key == "workday-21001"`, `person.source == "workday"`, `person.employee_id == "21001"`, `person.first_name == "Ada"`,
		`person.last_name == "Byron"`, `person.department == "Engineering"`, `person.title.matches("^Eng")`, `person.location == "Berlin"`,
		`person.company == "Acme"`, `person.employment_type in ["employee"]`, `person.standing == "active"`, `person.zone == "Europe/Berlin"`,
		`person.manager_id == "20001"`, `person.work_email.endsWith("@acme.example")`, `has(person.title) && !(person.title == "x")`,
	}
	var text strings.Builder
	text.WriteString("access:\n  rules:\n")
	for i, c := range conditions {
		fmt.Fprintf(&text, "    - {name: r%d, when: '%s', roles: [R%d]}\n", i, c, i)
	}
	p := policytest.Parse(t, text.String())
	got := p.Plan(p.Person("workday-21001", []identity.Engagement{e}, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), engineerAccount(), nil)
	require.Len(t, got.Desired.Rules, len(conditions), "matched: %v", got.Desired.Rules)
}

// TestSettingsAreCopies holds that nobody can change a policy through what it returns.
func TestSettingsAreCopies(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone+`
joiner: {early_roles: [Welcome]}
safety: {protected: ['account.id == 42']}
`)
	p.Joiner().EarlyRoles[0] = "Super admin"
	p.Safety().Protected[0] = "true"
	p.ManagedRoles()[0] = "Super admin"
	require.Equal(t, []string{"Welcome"}, p.Joiner().EarlyRoles)
	require.Equal(t, []string{"account.id == 42"}, p.Safety().Protected)
	require.NotContains(t, p.ManagedRoles(), "Super admin")
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	p := example(t)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	want := p.Plan(p.Person("workday-21001", []identity.Engagement{engineer()}, now), nil, nil)
	var wg sync.WaitGroup
	plans := make([]identity.Plan, 8)
	for i := range plans {
		wg.Go(func() {
			for range 20 {
				person := p.Person("workday-21001", []identity.Engagement{engineer()}, now)
				plans[i] = p.Plan(person, nil, nil)
			}
		})
	}
	wg.Wait()
	for _, got := range plans {
		require.Empty(t, cmp.Diff(want, got))
	}
}
