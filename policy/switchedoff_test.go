package policy_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// What an agent's order asks for waits while the agent is switched off; what was carried out stays, and so does everything else.
func TestPlanOfOrdersWhoseAgentIsOff(t *testing.T) {
	t.Parallel()
	grant := identity.Order{ID: "g", Kind: identity.OrderGrant, Roles: []string{"Book club", "Zendesk"}, Agent: "helpdesk", Tool: "assign_role"}
	pause := identity.Order{ID: "s", Kind: identity.OrderSuspend, Agent: "helpdesk", Tool: "disable_user"}
	reset := identity.Order{ID: "r", Kind: identity.OrderResetPassword, Agent: "helpdesk", Tool: "reset_password"}
	off := func(o identity.Order) identity.Order { o.Off = "agent/helpdesk"; return o }
	holds := func(roles ...string) func(*identity.Account) {
		return func(a *identity.Account) { a.Roles = append(a.Roles, roles...) }
	}
	forOrder := func(a *identity.Account) {
		a.Status, a.SuspendedByUs, a.SuspendedFor = identity.AccountSuspended, true, "s"
	}
	for name, c := range map[string]struct {
		planCase
		waits, added []string
	}{
		"on: given":                    {planCase: planCase{orders: []identity.Order{grant}, verdict: identity.VerdictChange, steps: []identity.StepKind{identity.StepAddRoles}}, added: []string{"Book club", "Zendesk"}},
		"off: waits":                   {planCase: planCase{orders: []identity.Order{off(grant)}, verdict: identity.VerdictNone}, waits: []string{"g"}},
		"off: what was given stays":    {planCase: planCase{orders: []identity.Order{off(grant)}, account: holds("Book club", "Zendesk"), verdict: identity.VerdictNone}},
		"off: half of it stays":        {planCase: planCase{orders: []identity.Order{off(grant)}, account: holds("Book club"), verdict: identity.VerdictNone}},
		"off beside a person's order":  {planCase: planCase{orders: []identity.Order{off(grant), {ID: "p", Kind: identity.OrderGrant, Roles: []string{"Figma"}}}, verdict: identity.VerdictChange, steps: []identity.StepKind{identity.StepAddRoles}}, waits: []string{"g"}, added: []string{"Figma"}},
		"off: nobody is suspended":     {planCase: planCase{orders: []identity.Order{off(pause)}, verdict: identity.VerdictNone}, waits: []string{"s"}},
		"off: who is suspended stays":  {planCase: planCase{orders: []identity.Order{off(pause)}, account: forOrder, verdict: identity.VerdictNone}},
		"off: the end is carried out":  {planCase: planCase{account: forOrder, verdict: identity.VerdictLift, steps: []identity.StepKind{activate}}},
		"off: no password is reset":    {planCase: planCase{orders: []identity.Order{off(reset)}, verdict: identity.VerdictNone}, waits: []string{"r"}},
		"off: others' resets go on":    {planCase: planCase{orders: []identity.Order{off(reset), {ID: "p", Kind: identity.OrderLogOut}}, verdict: identity.VerdictRespond, steps: []identity.StepKind{identity.StepEndSessions}}, waits: []string{"r"}},
		"off: a leaver leaves":         {planCase: planCase{engagement: leaver, orders: []identity.Order{off(pause)}, verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, remove, scramble, factors}}, waits: []string{"s"}},
		"on: a suspension is an order": {planCase: planCase{orders: []identity.Order{pause}, verdict: identity.VerdictSuspend, steps: []identity.StepKind{suspend, logOut}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := c.run(t, example(t))
			require.Equal(t, c.verdict, plan.Verdict, plan.Reason)
			require.Equal(t, c.waits, plan.SwitchedOff)
			require.Equal(t, c.steps, kinds(plan))
			added, _ := plan.Step(identity.StepAddRoles)
			require.Equal(t, c.added, added.Names)
			for _, s := range plan.Steps {
				for _, o := range c.orders {
					if slices.Contains(s.Orders, o.ID) && o.Agent != "" {
						require.Equal(t, []identity.Asker{{Agent: o.Agent, Tool: o.Tool}}, s.Asked)
					}
				}
			}
		})
	}
}

// TestNoSwitchHoldsUpADeparture: what an agent asked for is closed with it, and none of its writes asks for a switch.
func TestNoSwitchHoldsUpADeparture(t *testing.T) {
	t.Parallel()
	pending := []identity.Order{
		{ID: "r", Kind: identity.OrderResetPassword, Agent: "helpdesk", Tool: "reset_password"},
		{ID: "s", Kind: identity.OrderSuspend, Agent: "helpdesk", Tool: "disable_user"},
	}
	plan := planCase{engagement: leaver, orders: pending}.run(t, example(t))
	require.Equal(t, identity.VerdictLeave, plan.Verdict)
	require.Empty(t, plan.Askers())
	plan = planCase{orders: pending[1:]}.run(t, example(t))
	require.Equal(t, []identity.Asker{{Agent: "helpdesk", Tool: "disable_user"}}, plan.Askers())
}
