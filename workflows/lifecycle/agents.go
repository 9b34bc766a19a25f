package lifecycle

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// suspendAgents switches the agents of a leaver off. It goes beside the end of their access, which has begun by then, and holds up none
// of it. Assessments of before name no agents.
func (r *run) suspendAgents(ctx workflow.Context) error {
	agents := r.assessment.Agents
	off := api.Call.AgentsSwitchOff(api.SwitchAgents{Key: r.in.Key, Agents: agents})
	s := step.Step{ID: "agents.switch-off", Activity: off, Summary: "switch their agents off"}
	_, err := r.runStep(ctx, s.Noting(func(f *api.Fact) { f.Outcome = "switched off: " + strings.Join(agents, ", ") }))
	return err
}
