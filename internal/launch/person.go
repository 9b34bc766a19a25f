package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// Send hints the person with this key. Hints that say the same and come up while one is being sent are sent as one.
func (l *Launcher) Send(ctx context.Context, key string, hint api.Hint) (api.Sent, error) {
	return l.lanes.bundle(ctx, api.PersonID(key)+" "+hint.Source+" "+hint.Cause, func(ctx context.Context) (api.Sent, error) {
		return l.send(ctx, key, hint)
	})
}

// send starts a run, or signals the one that is open; a run that ends at the very moment is started again by
// signal-with-start, so no hint is lost between the two.
func (l *Launcher) send(ctx context.Context, key string, hint api.Hint) (api.Sent, error) {
	id := api.PersonID(key)
	options := client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                api.QueuePeople,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		EnableEagerStart:                         l.eager,
		StaticSummary:                            key + ": " + hint.Source + " " + hint.Cause,
		Priority:                                 temporal.Priority{PriorityKey: priority(hint)},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			api.AttrPersonKey.ValueSet(key),
			api.AttrStage.ValueSet(api.StageWorking),
			api.AttrSource.ValueSet(hint.Source),
		),
	}
	input := api.ChainInput{Key: key, Hint: hint}
	run, err := l.client.ExecuteWorkflow(ctx, options, api.TypePerson, input)
	if err == nil {
		return api.Sent{WorkflowID: id, RunID: run.GetRunID(), Started: true}, nil
	}
	if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return api.Sent{}, fmt.Errorf("hint %s: start a run: %w", key, err)
	}
	options.EnableEagerStart = false
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED
	run, err = l.client.SignalWithStartWorkflow(ctx, id, api.SignalHint, hint, options, api.TypePerson, input)
	if full(err) {
		return api.Sent{WorkflowID: id}, nil
	}
	if err != nil {
		return api.Sent{}, fmt.Errorf("hint %s: signal its run: %w", key, err)
	}
	return api.Sent{WorkflowID: id, RunID: run.GetRunID()}, nil
}

// priority puts webhooks and operators before the polls that only confirm them.
func priority(h api.Hint) int {
	if h.Cause == "poll" {
		return 3
	}
	return 1
}
