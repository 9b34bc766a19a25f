package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// graceOptions are how a grace period is started: one that is open goes on undisturbed.
func graceOptions(key string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       api.MFAGraceID(key),
		TaskQueue:                api.QueueSweep,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            key + ": no second factor",
		Priority:                 temporal.Priority{PriorityKey: 4},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			api.AttrPersonKey.ValueSet(key),
			api.AttrStage.ValueSet(api.StageWorking),
		),
	}
}

// Grace makes sure that a person's grace period runs. A signal has it look at once, also where it has to be started for that.
func (l *Launcher) Grace(ctx context.Context, key string, account int64, signal string) error {
	options, input := graceOptions(key), api.GraceInput{Key: key, AccountID: account, Beside: true}
	var err error
	if signal != "" {
		options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED
		_, err = l.client.SignalWithStartWorkflow(ctx, options.ID, signal, nil, options, api.TypeMFAGrace, input)
	} else {
		_, err = l.client.ExecuteWorkflow(ctx, options, api.TypeMFAGrace, input)
	}
	if err != nil && !full(err) {
		return fmt.Errorf("start the grace period of %s: %w", key, err)
	}
	return nil
}
