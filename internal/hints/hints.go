// Package hints makes a hint durable: when Send returns without an error, a run of the person will look at them.
package hints

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/workflows"
)

// Sender hints people.
type Sender struct {
	client client.Client
	// eager lets a worker on the same client take the first workflow task without a round through the queue.
	eager bool
}

// NewSender returns a Sender. Eager is for processes that host the people queue on the same client.
func NewSender(c client.Client, eager bool) *Sender { return &Sender{client: c, eager: eager} }

// Sent says how a hint was made durable.
type Sent struct {
	WorkflowID string `json:"workflow_id"`
	RunID      string `json:"run_id"`
	// Started is true if the hint started the run, false if it joined one that was open.
	Started bool `json:"started"`
}

// Send hints the person with this key. It starts a run, or signals the one that is open; a run that ends at the very
// moment is started again by signal-with-start, so no hint is lost between the two.
func (s *Sender) Send(ctx context.Context, key string, hint api.Hint) (Sent, error) {
	id := workflows.PersonID(key)
	options := client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                api.QueuePeople,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		EnableEagerStart:                         s.eager,
		StaticSummary:                            key + ": " + hint.Source + " " + hint.Cause,
		Priority:                                 temporal.Priority{PriorityKey: priority(hint)},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttrPersonKey.ValueSet(key),
			workflows.AttrStage.ValueSet(workflows.StageWorking),
			workflows.AttrSource.ValueSet(hint.Source),
		),
	}
	input := workflows.ChainInput{Key: key, Hint: hint}
	run, err := s.client.ExecuteWorkflow(ctx, options, workflows.TypePerson, input)
	if err == nil {
		return Sent{WorkflowID: id, RunID: run.GetRunID(), Started: true}, nil
	}
	if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return Sent{}, fmt.Errorf("hint %s: start a run: %w", key, err)
	}
	options.EnableEagerStart = false
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED
	run, err = s.client.SignalWithStartWorkflow(ctx, id, workflows.SignalHint, hint, options, workflows.TypePerson, input)
	if err != nil {
		return Sent{}, fmt.Errorf("hint %s: signal its run: %w", key, err)
	}
	return Sent{WorkflowID: id, RunID: run.GetRunID()}, nil
}

// priority puts webhooks and operators before the polls that only confirm them.
func priority(h api.Hint) int {
	if h.Cause == "poll" {
		return 3
	}
	return 1
}
