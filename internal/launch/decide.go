package launch

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// Decide carries a decision to the run that waits for it, and waits until the run has taken it.
func (l *Launcher) Decide(ctx context.Context, workflowID string, d api.Decision) error {
	handle, err := l.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: d.Verb, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", d.Verb, workflowID, err)
	}
	if err := handle.Get(ctx, nil); err != nil {
		return fmt.Errorf("%s %s: %w", d.Verb, workflowID, err)
	}
	return nil
}
