// Package agentread is the run that reads anew what an agent asked about.
package agentread

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// AgentRead has OneLogin read once, within the time that an agent waits. What cannot be read in it is read by the sweeps anyway, so that
// the run asks nobody and ends with what there is.
func AgentRead(ctx workflow.Context, in api.AgentReadRequest) (api.AgentReadOutcome, error) {
	d, err := step.Open(ctx, api.TypeAgentRead, "Reading OneLogin for the agent "+in.Agent)
	if err != nil {
		return api.AgentReadOutcome{}, err
	}
	var out api.AgentReadOutcome
	st := step.Step{ID: "agent.read", Activity: api.Call.AgentReadsRead(in, &out), Summary: "read OneLogin anew"}
	err = st.Execute(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID: st.ID, Summary: st.Summary, TaskQueue: api.QueueSweep,
		StartToCloseTimeout: api.AgentReadWithin, ScheduleToCloseTimeout: api.AgentReadWithin, WaitForCancellation: true,
		Priority: temporal.Priority{PriorityKey: 3},
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second,
		},
	}))
	if temporal.IsCanceledError(err) {
		return out, err
	}
	if err != nil {
		out = api.AgentReadOutcome{Why: why(err)}
	}
	d.Log(ctx, result(out))
	if err := d.SetStage(ctx, api.StageDone); err != nil {
		return out, err
	}
	return out, d.Settle(ctx)
}

// why says what kept OneLogin from being read, in words that hold nothing of its answers.
func why(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.NonRetryable() {
		return "OneLogin does not show this to Gatehouse"
	}
	return "OneLogin did not answer in time"
}

func result(out api.AgentReadOutcome) string {
	if out.Complete {
		return "read anew"
	}
	return "not all of it was read: " + out.Why
}
