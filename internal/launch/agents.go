package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// AgentRequest starts the run of an agent's request, or finds that there is one. A run that has ended may be followed by another:
// the ledger knows what became of the request, and a run of one that is over ends at once.
func (l *Launcher) AgentRequest(ctx context.Context, id string) error {
	_, err := l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueueTemplates,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "a request of an agent",
		TypedSearchAttributes:    temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}, api.TypeAgentRequest, api.AgentRequestInput{ID: id})
	if err != nil {
		return fmt.Errorf("start %s: %w", id, err)
	}
	return nil
}
