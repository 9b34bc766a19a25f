package hints

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/workflows"
)

// Poke has OneLogin's events read soon. However many poke at once, one run reads.
func (s *Sender) Poke(ctx context.Context) error {
	options := client.StartWorkflowOptions{
		ID: workflows.EventWatchID, TaskQueue: api.QueueSweep,
		StaticSummary:         "read OneLogin's events",
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.AttrStage.ValueSet(workflows.StageWorking)),
	}
	_, err := s.client.SignalWithStartWorkflow(ctx, workflows.EventWatchID, workflows.SignalPoke, nil, options,
		workflows.TypeEventWatch, workflows.WatchInput{})
	if err != nil {
		return fmt.Errorf("poke the event watch: %w", err)
	}
	return nil
}

// Incident tells the run about a case that it has changed, and starts one if there is none.
func (s *Sender) Incident(ctx context.Context, c api.CaseRef) error {
	return s.incident(ctx, c, workflows.SignalCase, nil)
}

// Reopened tells the run about a case that somebody opened it again in the pager, and starts one if there is none.
func (s *Sender) Reopened(ctx context.Context, c api.CaseRef, word api.PagerUpdate) error {
	return s.incident(ctx, c, workflows.SignalPager, word)
}

func (s *Sender) incident(ctx context.Context, c api.CaseRef, signal string, arg any) error {
	id := workflows.IncidentID(c.Rule, c.Subject, c.Number)
	options := client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueuePeople,
		StaticSummary:         "incident: " + c.Rule,
		Priority:              temporal.Priority{PriorityKey: 1},
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.AttrStage.ValueSet(workflows.StageWorking)),
	}
	_, err := s.client.SignalWithStartWorkflow(ctx, id, signal, arg, options, workflows.TypeIncident,
		workflows.IncidentInput{Case: c})
	if err != nil {
		return fmt.Errorf("tell %s: %w", id, err)
	}
	return nil
}
