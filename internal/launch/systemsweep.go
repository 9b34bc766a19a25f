package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// SystemSweep starts a reading of a system beside OneLogin by hand, or joins the one that was started by hand and is open. An open one
// is not joined where an operator's word goes with the new one: it would be lost.
func (l *Launcher) SystemSweep(ctx context.Context, in api.SystemSweepRequest) (id string, err error) {
	id = api.SystemSweepID(in.System)
	options := client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueueSweep, WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:         "read the accounts of " + in.System,
		TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}
	if in.AcceptMissing {
		options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
		options.WorkflowExecutionErrorWhenAlreadyStarted = true
		options.StaticSummary += ", and take what is not shown as deleted"
	}
	_, err = l.client.ExecuteWorkflow(ctx, options, api.TypeSystemSweep, in)
	switch {
	case temporal.IsWorkflowExecutionAlreadyStartedError(err):
		return "", fmt.Errorf("start a reading of %s: %s is still open: wait until it has ended, then say it again", in.System, id)
	case err != nil:
		return "", fmt.Errorf("start a reading of %s: %w", in.System, err)
	}
	return id, nil
}
