package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// SystemSweep starts a reading of a system beside OneLogin by hand, or joins the one that was started by hand and is open.
func (l *Launcher) SystemSweep(ctx context.Context, system string, full bool) (id string, err error) {
	id = api.SystemSweepID(system)
	_, err = l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueueSweep, WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:         "read the accounts of " + system,
		TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}, api.TypeSystemSweep, api.SystemSweepRequest{System: system, Full: full})
	if err != nil {
		return "", fmt.Errorf("start a reading of %s: %w", system, err)
	}
	return id, nil
}
