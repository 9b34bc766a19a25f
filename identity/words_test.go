package identity

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlanHash(t *testing.T) {
	t.Parallel()
	plan := func(edit func(*Plan)) Plan {
		p := Plan{Verdict: VerdictChange, Reason: "r", PolicyHash: "p1", Steps: []Step{
			{Kind: StepSetGroup, Names: []string{"Support"}},
			{Kind: StepAddRoles, Names: []string{"Jira", "Support"}},
		}}
		if edit != nil {
			edit(&p)
		}
		return p
	}
	account := OneLoginRef(42)
	base := plan(nil).Hash(1, account)
	for name, same := range map[string]func(*Plan){
		"names in another order": func(p *Plan) { p.Steps[1].Names = []string{"Support", "Jira"} },
		"steps in another order": func(p *Plan) { p.Steps[0], p.Steps[1] = p.Steps[1], p.Steps[0] },
		"another moment":         func(p *Plan) { p.Due, p.Steps[1].Until = time.Now(), time.Now() },
		"another policy":         func(p *Plan) { p.PolicyHash, p.Reason = "p2", "another" },
	} {
		require.Equal(t, base, plan(same).Hash(1, account), name)
	}
	for name, other := range map[string]func(*Plan){
		"a role more":           func(p *Plan) { p.Steps[1].Names = append(p.Steps[1].Names, "AWS Admin") },
		"another group":         func(p *Plan) { p.Steps[0].Names = []string{"Sales"} },
		"a step less":           func(p *Plan) { p.Steps = p.Steps[1:] },
		"another verdict":       func(p *Plan) { p.Verdict = VerdictJoin },
		"one name of two":       func(p *Plan) { p.Steps[1].Names = []string{"Jira Support"} },
		"a profile by an order": func(p *Plan) { p.Steps = append(p.Steps, Step{Kind: StepSetProfile, Orders: []string{"o1"}}) },
		"names that look like two": func(p *Plan) {
			p.Steps[1].Names = []string{`Jira" "Support`}
		},
	} {
		require.NotEqual(t, base, plan(other).Hash(1, account), name)
	}
	require.NotEqual(t, base, plan(nil).Hash(2, account), "another episode")
	by := func(orders ...string) string {
		return plan(func(p *Plan) { p.Steps = []Step{{Kind: StepSetProfile, Orders: orders}} }).Hash(1, account)
	}
	require.NotEqual(t, by("o1"), by("o2"), "another order")
	require.NotEqual(t, by("o1"), by(), "an order, and HR")
	require.NotEqual(t, base, plan(nil).Hash(1, OneLoginRef(43)), "another account")
	require.NotEqual(t, base, plan(nil).Hash(1), "no account")
	require.Equal(t, plan(nil).Hash(1, account, OneLoginRef(43)), plan(nil).Hash(1, OneLoginRef(43), account))
}

func TestStepsNameRolesAndGroups(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"suspend the account", "give roles: AWS Admin, Jira", "move the account to the group Support",
		"keep until 2026-03-02 09:00 UTC: GitHub", "lock the account for 30 minutes", "frobnicate x",
		"update the profile, for the order o1", "take roles away: Jira, for the order o2", "open the account that somebody else has closed",
	}, Words([]Step{
		{Kind: StepSuspend},
		{Kind: StepAddRoles, Names: []string{"Jira", "AWS Admin"}},
		{Kind: StepSetGroup, Names: []string{"Support"}},
		{Kind: StepKeepRoles, Names: []string{"GitHub"}, Until: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)},
		{Kind: StepLock, Minutes: 30},
		{Kind: "frobnicate", Names: []string{"x"}},
		{Kind: StepSetProfile, Orders: []string{"o1"}},
		{Kind: StepRemoveRoles, Names: []string{"Jira"}, Denies: []string{"o2"}},
		{Kind: StepEnable, Orders: []string{"o3"}},
	}))
}
