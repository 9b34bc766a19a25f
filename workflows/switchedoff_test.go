package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// asked is a step for the order of an agent.
func asked(s identity.Step) identity.Step {
	s.Asked = []identity.Asker{{Agent: "helpdesk", Tool: "a tool"}}
	return s
}

// TestStepsForAnAgentSaySo, so that each of their writes can ask for its switch; steps for nobody's agent do not.
func TestStepsForAnAgentSaySo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(planned(identity.VerdictRespond, asked(response(identity.StepResetPassword, "a")), response(identity.StepEndSessions, "b")))
	w.becomes("orders.close:a", person())
	require.NoError(t, w.open(start).person().err)
	by := map[string][]identity.Asker{}
	for _, r := range w.responses {
		by[r.Order] = r.Asked
	}
	require.Equal(t, map[string][]identity.Asker{"a": {{Agent: "helpdesk", Tool: "a tool"}}, "b": nil}, by)
	require.Equal(t, by["a"], w.invites[0].Asked, "the link as well")

	w = newWorld(t)
	a := toSuspend()
	a.Plan.Steps[0] = asked(a.Plan.Steps[0])
	w.finds(a)
	w.becomes("onelogin.log-out", person())
	require.NoError(t, w.open(start).person().err)
	require.Equal(t, by["a"], w.suspends[0].Asked)
}

// TestASwitchedOffStepLooksAgain: nobody is asked about it, and no order is closed that was not carried out.
func TestASwitchedOffStepLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(planned(identity.VerdictRespond, asked(response(identity.StepResetPassword, "a"))))
	w.before("onelogin.reset-password:a", func(context.Context, int) error {
		w.finds(person())
		return superseded()
	})
	e := w.open(start).person()
	require.Equal(t, api.TypePerson, e.next)
	require.Empty(t, w.closed)
	require.Empty(t, w.invites)
	require.Empty(t, w.posted())
}

// TestTheAgentsOfALeaverAreSwitchedOffBesideTheRest of the end of their access, once.
func TestTheAgentsOfALeaverAreSwitchedOffBesideTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.Reach, a.Agents = 3, []string{"helpdesk"}
	w.finds(a)
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Empty(t, w.did("agents.switch-off"), "nothing of it stands before the suspension")
	w.open(e.at).run(e.next, e.input)
	require.Equal(t, []string{"agents.switch-off"}, w.did("agents.switch-off"))
	require.Equal(t, "switched off: helpdesk", w.fact("agents.switch-off").Outcome)
}
