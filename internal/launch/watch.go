package launch

import (
	"context"
	"fmt"

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

// Incident tells the run about a case that it has changed, and starts one if there is none.
func (l *Launcher) Incident(ctx context.Context, c api.CaseRef) error {
	if err := l.incident(ctx, c, api.SignalCase, nil); !full(err) {
		return err
	}
	return nil
}

// Reopened tells the run about a case that somebody opened it again in the pager, and starts one if there is none.
func (l *Launcher) Reopened(ctx context.Context, c api.CaseRef, word api.PagerUpdate) error {
	return l.incident(ctx, c, api.SignalPager, word)
}

func (l *Launcher) incident(ctx context.Context, c api.CaseRef, signal string, arg any) error {
	id := api.IncidentID(c.Rule, c.Subject, c.Number)
	options := client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueuePeople,
		StaticSummary:         "incident: " + c.Rule,
		Priority:              temporal.Priority{PriorityKey: 1},
		TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}
	_, err := l.client.SignalWithStartWorkflow(ctx, id, signal, arg, options, api.TypeIncident,
		api.IncidentInput{Case: c, Beside: true, Listed: true})
	if err != nil {
		return fmt.Errorf("tell %s: %w", id, err)
	}
	return nil
}
