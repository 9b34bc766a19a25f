package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const moverPolicy = `
company: {zone: Europe/Berlin, domain: acme.example}
leaver: {fallback_owner: it@acme.example}
locations: {Berlin: Europe/Berlin}
access:
  rules:
    - {name: policytest.Everyone, when: "true", group: Default, roles: [Everyone], priority: -1}
    - {name: engineering, when: person.department == "Engineering", roles: [Engineering, GitHub]}
    - {name: payers, when: person.department == "Accounts", roles: [Payer], keep_old_access: 48h}
    - {name: control, when: person.department == "Control", roles: [Approver]}
    - {name: founders, when: person.title == "Founder", roles: [Approver]}
  conflicts:
    - {name: payments, roles: [Payer, Approver]}
mover: {keep_old_access: 24h}
`

// moved plans for somebody in the default group whose position HR has changed.
func moved(t *testing.T, text, department, title string, holds []string, orders ...identity.Order) identity.Plan {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(text)))
	require.NoError(t, err)
	e := engineer(func(e *identity.Engagement) { e.Department, e.Title = department, title })
	a := engineerAccount()
	a.Group, a.Roles, a.Department, a.Title = "Default", holds, department, title
	person := p.Person("workday-21001", []identity.Engagement{e}, monday)
	person.Moved = true
	return p.Plan(person, a, orders)
}

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// overlapping is the grant that keeps roles for a while.
func overlapping(until time.Time, roles ...string) identity.Order {
	return identity.Order{
		ID: "overlap/workday-21001/1/0", Key: "workday-21001", Kind: identity.OrderGrant, Rule: identity.RuleOverlap, By: "gatehouse",
		Roles: roles, Given: roles, At: monday.Add(-time.Hour), Until: until,
	}
}

func TestOldAccessStaysAsLongAsItsRuleSays(t *testing.T) {
	t.Parallel()
	day := monday.Add(24 * time.Hour)
	keep := func(until time.Time, roles ...string) identity.Step {
		return identity.Step{Kind: identity.StepKeepRoles, Names: roles, Until: until}
	}
	gives := func(roles ...string) identity.Step { return identity.Step{Kind: identity.StepAddRoles, Names: roles} }
	takes := func(roles ...string) identity.Step {
		return identity.Step{Kind: identity.StepRemoveRoles, Names: roles}
	}
	ended := overlapping(monday.Add(-time.Minute), "Engineering", "GitHub")
	closing := takes("Engineering", "GitHub")
	closing.Orders = []string{ended.ID}
	tests := map[string]struct {
		department string
		holds      []string
		orders     []identity.Order
		steps      []identity.Step
		due        time.Time
	}{
		"the default":                     {"Accounts", []string{"Engineering", "Everyone", "GitHub"}, nil, []identity.Step{keep(day, "Engineering", "GitHub"), gives("Payer")}, day},
		"the rule's own":                  {"Engineering", []string{"Everyone", "Payer"}, nil, []identity.Step{keep(monday.Add(48*time.Hour), "Payer"), gives("Engineering", "GitHub")}, monday.Add(48 * time.Hour)},
		"never a forbidden pair":          {"Control", []string{"Everyone", "Payer"}, nil, []identity.Step{takes("Payer"), gives("Approver")}, time.Time{}},
		"an unmanaged role is left alone": {"Accounts", []string{"Everyone", "Payer", "Choir"}, nil, nil, time.Time{}},
		"while it stays":                  {"Accounts", []string{"Engineering", "Everyone", "GitHub", "Payer"}, []identity.Order{overlapping(day, "Engineering", "GitHub")}, nil, day},
		"when its time is up":             {"Accounts", []string{"Engineering", "Everyone", "GitHub", "Payer"}, []identity.Order{ended}, []identity.Step{closing}, time.Time{}},
		"it gives way to a second move":   {"Control", []string{"Everyone", "Payer"}, []identity.Order{overlapping(day, "Payer")}, []identity.Step{takes("Payer"), gives("Approver")}, day},
		"and ends no later for one":       {"Accounts", []string{"Engineering", "Everyone", "GitHub"}, []identity.Order{overlapping(day, "Engineering", "GitHub")}, []identity.Step{gives("Payer")}, day},
	}
	for name, tt := range tests {
		plan := moved(t, moverPolicy, tt.department, "Clerk", tt.holds, tt.orders...)
		require.Empty(t, cmp.Diff(tt.steps, plan.Steps), name)
		require.Equal(t, tt.due, plan.Due, name)
	}
}

func TestNobodyGetsAForbiddenPair(t *testing.T) {
	t.Parallel()
	plan := moved(t, moverPolicy, "Accounts", "Founder", []string{"Everyone"})
	require.Equal(t, identity.VerdictAttention, plan.Verdict)
	require.Equal(t, []string{policy.NoticeConflict}, codes(plan.Notices))
	require.Contains(t, plan.Notices[0].Text, `"Payer" and "Approver", which "payments" keeps apart`)

	plan = moved(t, moverPolicy, "Accounts", "Founder", []string{"Approver", "Everyone", "Payer"})
	require.Equal(t, identity.VerdictNone, plan.Verdict, "a pair that is there already is for the review")
}

func TestUnmappedDepartmentTakesNothing(t *testing.T) {
	t.Parallel()
	plan := moved(t, moverPolicy, "Enginering", "Engineer", []string{"Engineering", "Everyone", "GitHub"})
	require.Equal(t, identity.VerdictAttention, plan.Verdict)
	require.Contains(t, codes(plan.Notices), policy.NoticeDepartmentUnmapped)
	require.Empty(t, plan.Steps)
}

func TestNameChange(t *testing.T) {
	t.Parallel()
	rename := []string{"ada.lovelace", "ada.lovelace2", "ada.lovelace3"}
	tests := map[string]struct {
		mode, last, username string
		verdict              identity.Verdict
		steps                []identity.StepKind
		usernames            []string
		notices              []string
	}{
		"display":                    {"display", "Lovelace", "", identity.VerdictChange, []identity.StepKind{profile}, nil, nil},
		"attention":                  {"attention", "Lovelace", "", identity.VerdictAttention, nil, nil, []string{policy.NoticeNameChanged}},
		"rename":                     {"rename", "Lovelace", "", identity.VerdictChange, []identity.StepKind{identity.StepRename, profile}, rename, nil},
		"rename, done but the names": {"rename", "Lovelace", "ada.lovelace2@acme.example", identity.VerdictChange, []identity.StepKind{profile}, nil, nil},
		"rename, address set apart":  {"rename", "Lovelace", "ada@other.example", identity.VerdictChange, []identity.StepKind{profile}, nil, nil},
		"nothing new":                {"rename", "Byron", "", identity.VerdictNone, nil, nil, nil},
	}
	for name, tt := range tests {
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(moverPolicy[:len(moverPolicy)-len("mover: {keep_old_access: 24h}\n")]+"mover: {rename: "+tt.mode+"}\n")))
		require.NoError(t, err)
		e := engineer(func(e *identity.Engagement) { e.LastName = tt.last })
		a := engineerAccount()
		a.Group, a.Roles = "Default", []string{"Engineering", "Everyone", "GitHub"}
		if tt.username != "" {
			a.Username = tt.username
		}
		plan := p.Plan(p.Person("workday-21001", []identity.Engagement{e}, monday), a, nil)
		require.Equal(t, tt.verdict, plan.Verdict, name)
		require.Equal(t, tt.steps, kinds(plan), name)
		require.Equal(t, tt.notices, codes(plan.Notices), name)
		require.Equal(t, tt.usernames, plan.Desired.Profile.Usernames[:min(3, len(plan.Desired.Profile.Usernames))], name)
	}
}

func TestManagerAndDatedChange(t *testing.T) {
	t.Parallel()
	p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(moverPolicy)))
	require.NoError(t, err)
	a := engineerAccount()
	a.Group, a.Roles, a.ManagerID = "Default", []string{"Engineering", "Everyone", "GitHub"}, 7
	person := p.Person("workday-21001", []identity.Engagement{engineer()}, monday)
	require.Equal(t, identity.VerdictNone, p.Plan(person, a, nil).Verdict, "a manager who is not known changes nothing")
	person.ManagerAccount = 8
	require.Equal(t, []identity.StepKind{profile}, kinds(p.Plan(person, a, nil)))

	dated := engineer(func(e *identity.Engagement) { e.NextChange = "2026-04-01" })
	plan := p.Plan(p.Person("workday-21001", []identity.Engagement{dated}, monday), a, nil)
	require.Equal(t, identity.VerdictWait, plan.Verdict)
	require.Equal(t, "2026-03-31T22:00:00Z", plan.Due.Format(time.RFC3339), "the day begins in Berlin")
	plan = p.Plan(p.Person("workday-21001", []identity.Engagement{dated}, plan.Due), a, nil)
	require.Equal(t, identity.VerdictNone, plan.Verdict, "what the source does not show yet is left to the next poll")
}
