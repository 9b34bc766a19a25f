package identity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestPlanHash(t *testing.T) {
	t.Parallel()
	plan := func(edit func(*identity.Plan)) identity.Plan {
		p := identity.Plan{Verdict: identity.VerdictChange, Reason: "r", PolicyHash: "p1", Steps: []identity.Step{
			{Kind: identity.StepSetGroup, Names: []string{"Support"}},
			{Kind: identity.StepAddRoles, Names: []string{"Jira", "Support"}},
		}}
		if edit != nil {
			edit(&p)
		}
		return p
	}
	account := identity.OneLoginRef(42)
	base := plan(nil).Hash(1, account)
	for name, same := range map[string]func(*identity.Plan){
		"names in another order": func(p *identity.Plan) { p.Steps[1].Names = []string{"Support", "Jira"} },
		"steps in another order": func(p *identity.Plan) { p.Steps[0], p.Steps[1] = p.Steps[1], p.Steps[0] },
		"another moment":         func(p *identity.Plan) { p.Due, p.Steps[1].Until = time.Now(), time.Now() },
		"another policy":         func(p *identity.Plan) { p.PolicyHash, p.Reason = "p2", "another" },
	} {
		require.Equal(t, base, plan(same).Hash(1, account), name)
	}
	for name, other := range map[string]func(*identity.Plan){
		"a role more":     func(p *identity.Plan) { p.Steps[1].Names = append(p.Steps[1].Names, "AWS Admin") },
		"another group":   func(p *identity.Plan) { p.Steps[0].Names = []string{"Sales"} },
		"a step less":     func(p *identity.Plan) { p.Steps = p.Steps[1:] },
		"another verdict": func(p *identity.Plan) { p.Verdict = identity.VerdictJoin },
		"one name of two": func(p *identity.Plan) { p.Steps[1].Names = []string{"Jira Support"} },
		"names that look like two": func(p *identity.Plan) {
			p.Steps[1].Names = []string{`Jira" "Support`}
		},
	} {
		require.NotEqual(t, base, plan(other).Hash(1, account), name)
	}
	require.NotEqual(t, base, plan(nil).Hash(2, account), "another episode")
	require.NotEqual(t, base, plan(nil).Hash(1, identity.OneLoginRef(43)), "another account")
	require.NotEqual(t, base, plan(nil).Hash(1), "no account")
	require.Equal(t, plan(nil).Hash(1, account, identity.OneLoginRef(43)), plan(nil).Hash(1, identity.OneLoginRef(43), account))
}

func TestStepsNameRolesAndGroups(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"suspend the account", "give roles: AWS Admin, Jira", "move the account to the group Support",
		"keep until 2026-03-02 09:00 UTC: GitHub", "lock the account for 30 minutes", "frobnicate x",
	}, identity.Words([]identity.Step{
		{Kind: identity.StepSuspend},
		{Kind: identity.StepAddRoles, Names: []string{"Jira", "AWS Admin"}},
		{Kind: identity.StepSetGroup, Names: []string{"Support"}},
		{Kind: identity.StepKeepRoles, Names: []string{"GitHub"}, Until: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)},
		{Kind: identity.StepLock, Minutes: 30},
		{Kind: "frobnicate", Names: []string{"x"}},
	}))
}
