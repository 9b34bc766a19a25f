package launch

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

const (
	// agentReadStart is how long an agent waits for its reading to be started: Temporal answers in much less, or is down.
	agentReadStart = 3 * time.Second
	// agentReadAtMost ends a reading that nobody works on: who asked for it has had another answer by then.
	agentReadAtMost = time.Minute
)

// AgentRead has something read anew for an agent and waits for its end as long as the context lives. The same id is one reading,
// whether it is open or over.
func (l *Launcher) AgentRead(ctx context.Context, id string, in api.AgentReadRequest) (api.AgentReadOutcome, error) {
	starting, cancel := context.WithTimeout(ctx, agentReadStart)
	defer cancel()
	run, err := l.client.ExecuteWorkflow(starting, client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueueSweep, WorkflowExecutionTimeout: agentReadAtMost,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:            "reading anew for the agent " + in.Agent,
		Priority:                 temporal.Priority{PriorityKey: 3},
		TypedSearchAttributes:    temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}, api.TypeAgentRead, in)
	if err != nil {
		return api.AgentReadOutcome{}, fmt.Errorf("%w for the agent %s: %w", api.ErrReadNotStarted, in.Agent, err)
	}
	var out api.AgentReadOutcome
	if err := run.Get(ctx, &out); err != nil {
		return out, fmt.Errorf("wait for a reading for the agent %s: %w", in.Agent, err)
	}
	return out, nil
}
