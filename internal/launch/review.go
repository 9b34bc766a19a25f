package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// Review starts the run of a campaign. One that is open is joined, and one that was completed stays completed; only
// a run that failed or was terminated is followed by another, which goes on from what the ledger has.
func (l *Launcher) Review(ctx context.Context, campaign string) (api.ReviewStarted, error) {
	id := api.ReviewID(campaign)
	_, err := l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                api.QueueSweep,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            "access review " + campaign,
		TypedSearchAttributes:                    temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}, api.TypeAccessReview, api.ReviewRequest{Campaign: campaign, Own: true})
	started := api.ReviewStarted{Campaign: campaign, WorkflowID: id, Fresh: err == nil}
	if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return api.ReviewStarted{}, fmt.Errorf("start the review %s: %w", campaign, err)
	}
	return started, nil
}
