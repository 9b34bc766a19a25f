package launch

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// Hold tells the run about a hold which list is held now, and starts it if there is none. When nobody is held any more
// there is nothing to start one for.
func (l *Launcher) Hold(ctx context.Context, ref api.HoldRef, hash string) error {
	id := api.HoldID(ref)
	if hash == "" {
		_, err := l.Signal(ctx, id, api.SignalHold, hash)
		return err
	}
	options := client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueueSweep,
		StaticSummary: ref.Source + ": held by the safety budget",
		Priority:      temporal.Priority{PriorityKey: 2},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			api.AttrStage.ValueSet(api.StageWorking), api.AttrSource.ValueSet(ref.Source),
		),
	}
	_, err := l.client.SignalWithStartWorkflow(ctx, id, api.SignalHold, hash, options, api.TypeHold,
		api.HoldInput{Source: ref.Source, Kind: ref.Kind})
	if err != nil {
		return fmt.Errorf("tell %s: %w", id, err)
	}
	return nil
}

// Authorised tells the run about an authorised list that somebody has decided about it, and starts it if there is none.
func (l *Launcher) Authorised(ctx context.Context, in api.AuthorisedInput) error {
	id := api.AuthorisedID(in.ID)
	options := client.StartWorkflowOptions{
		ID: id, TaskQueue: api.QueueSweep, StaticSummary: "an authorised list", Priority: temporal.Priority{PriorityKey: 2},
		TypedSearchAttributes: temporal.NewSearchAttributes(api.AttrStage.ValueSet(api.StageWorking)),
	}
	if _, err := l.client.SignalWithStartWorkflow(ctx, id, api.SignalAuthorised, nil, options, api.TypeAuthorised, in); err != nil {
		return fmt.Errorf("tell %s: %w", id, err)
	}
	return nil
}
