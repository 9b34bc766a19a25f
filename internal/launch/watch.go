package launch

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// Poke has OneLogin's events read soon. However many poke at once, one run reads.
func (l *Launcher) Poke(ctx context.Context) error {
	_, err := l.lanes.bundle(ctx, api.EventWatchID, func(ctx context.Context) (api.Sent, error) {
		return api.Sent{WorkflowID: api.EventWatchID}, l.poke(ctx)
	})
	return err
}

func (l *Launcher) poke(ctx context.Context) error {
	options := client.StartWorkflowOptions{
		ID: api.EventWatchID, TaskQueue: api.QueueSweep,
		StaticSummary:         "read OneLogin's events",
		TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}
	_, err := l.client.SignalWithStartWorkflow(ctx, api.EventWatchID, api.SignalPoke, nil, options,
		api.TypeEventWatch, api.WatchInput{Beside: true})
	if err != nil && !full(err) {
		return fmt.Errorf("poke the event watch: %w", err)
	}
	return nil
}

// Incident tells the run about a case that it has changed, and starts one if there is none. Again says that there should be one.
func (l *Launcher) Incident(ctx context.Context, c api.CaseRef, again bool) error {
	if err := l.incident(ctx, c, again, api.SignalCase, nil); !full(err) {
		return err
	}
	return nil
}

// Restore starts the run of a case if Temporal knows of none, not even of one that is over: one that somebody has ended stays so.
func (l *Launcher) Restore(ctx context.Context, c api.CaseRef) (started bool, err error) {
	options := incidentOptions(c)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	_, err = l.client.ExecuteWorkflow(ctx, options, api.TypeIncident, incidentInput(c, true))
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("start %s again: %w", options.ID, err)
	}
	return true, nil
}

// Reopened tells the run about a case that somebody opened it again in the pager, and starts one if there is none.
func (l *Launcher) Reopened(ctx context.Context, c api.CaseRef, word api.PagerUpdate) error {
	return l.incident(ctx, c, false, api.SignalPager, word)
}

func (l *Launcher) incident(ctx context.Context, c api.CaseRef, again bool, signal string, arg any) error {
	options := incidentOptions(c)
	_, err := l.client.SignalWithStartWorkflow(ctx, options.ID, signal, arg, options, api.TypeIncident, incidentInput(c, again))
	if err != nil {
		return fmt.Errorf("tell %s: %w", options.ID, err)
	}
	return nil
}

func incidentOptions(c api.CaseRef) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: api.IncidentID(c.Rule, c.Subject, c.Number), TaskQueue: api.QueuePeople,
		StaticSummary:         "incident: " + c.Rule,
		Priority:              temporal.Priority{PriorityKey: 1},
		TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}
}

func incidentInput(c api.CaseRef, again bool) api.IncidentInput {
	return api.IncidentInput{Case: c, Beside: true, Listed: true, Again: again, Linked: true}
}
