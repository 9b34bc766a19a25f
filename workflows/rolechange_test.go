package workflows_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// mover is person whose new position calls for another group and other roles.
func mover() identity.Plan {
	return identity.Plan{
		Verdict: identity.VerdictChange, Reason: "the account differs from what the policy gives", PolicyHash: "p1",
		Desired: identity.Desired{Exists: true, SignIn: true, Group: "Sales", Roles: []string{"Everyone", "Sales"}},
		Steps: []identity.Step{
			{Kind: identity.StepSetGroup, Names: []string{"Sales"}},
			{Kind: identity.StepRemoveRoles, Names: []string{"Engineering"}},
			{Kind: identity.StepAddRoles, Names: []string{"Everyone", "Sales"}},
		},
	}
}

func TestMoverIsBroughtInLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := person()
	a.Plan = mover()
	w.finds(a)
	e := w.then(w.open(start).person())
	require.NoError(t, e.err)
	require.Equal(t, "access follows the new position", e.out.Result)
	did := w.did()
	require.Len(t, did, 7)
	// The person and the manager are told side by side, in no order.
	slices.Sort(did[4:6])
	require.Equal(t, []string{"Person.Assess", "onelogin.update", "onelogin.roles", "onelogin.read-back", "slack.manager", "slack.person", "Ledger.Record"}, did)
	require.Zero(t, w.tried("onelogin.suspend"))
}

func TestTerminationDuringARoleChangeEndsSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := person()
	a.Plan = mover()
	p := w.open(start)
	w.before("onelogin.roles", func(context.Context, int) error {
		w.finds(leaver())
		p.hint()
		return unreachable()
	})
	e := p.template(api.TypeRoleChange, a)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"onelogin.suspend", "onelogin.suspend:again"}, w.did("onelogin.suspend", "onelogin.suspend:again"))
	require.Zero(t, w.tried("onelogin.read-back"))
}
