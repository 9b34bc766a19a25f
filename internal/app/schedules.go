package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/internal/codec"
)

// Difference is what is between a schedule and the configuration; empty Changes mean that they agree.
type Difference struct {
	ID      string
	Missing bool
	// Paused is the note of a pause, which is an operator's or the server's and is left alone.
	Paused  string
	Changes []string
}

// Compare tells how the schedules on the server differ from the configuration.
func (a *App) Compare(ctx context.Context) ([]Difference, error) {
	var all []Difference
	for _, p := range a.Plans() {
		found, err := a.Temporal.ScheduleClient().GetHandle(ctx, p.ID).Describe(ctx)
		var missing *serviceerror.NotFound
		if errors.As(err, &missing) {
			all = append(all, Difference{ID: p.ID, Missing: true})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read schedule %s: %w", p.ID, err)
		}
		d := Difference{ID: p.ID}
		if d.Changes, err = a.changes(p, found.Schedule); err != nil {
			return nil, fmt.Errorf("read schedule %s: %w", p.ID, err)
		}
		if s := found.Schedule.State; s != nil && s.Paused {
			d.Paused = "paused"
			if s.Note != "" {
				d.Paused += ": " + s.Note
			}
		}
		all = append(all, d)
	}
	return all, nil
}

// changes compares what matters of a schedule, its arguments decoded: the same input may be encoded in many ways.
func (a *App) changes(p Plan, s client.Schedule) ([]string, error) {
	var changes []string
	differ := func(what string, is, want any) {
		if fmt.Sprint(is) != fmt.Sprint(want) {
			changes = append(changes, fmt.Sprintf("%s is %v, should be %v", what, is, want))
		}
	}
	if s.Spec == nil || s.Policy == nil {
		return []string{"it has no times or no policy"}, nil
	}
	differ("interval", intervals(s.Spec), intervals(pointer(p.spec())))
	differ("calendar", calendars(s.Spec), calendars(pointer(p.spec())))
	differ("time zone", zone(s.Spec.TimeZoneName), zone(p.spec().TimeZoneName))
	differ("jitter", s.Spec.Jitter, p.Jitter)
	differ("overlap", s.Policy.Overlap, p.Overlap)
	differ("catch-up window", s.Policy.CatchupWindow, p.Catchup)
	differ("pause on failure", s.Policy.PauseOnFailure, p.PauseOnFailure)
	action, ok := s.Action.(*client.ScheduleWorkflowAction)
	if !ok {
		return append(changes, "it starts something else than a workflow"), nil
	}
	differ("workflow", action.Workflow, p.Workflow)
	differ("task queue", action.TaskQueue, api.QueueSweep)
	if len(action.Args) != 1 {
		return append(changes, fmt.Sprintf("it has %d arguments, should have 1", len(action.Args))), nil
	}
	is, err := a.decoded(action.Args[0])
	if err != nil {
		return nil, err
	}
	want, err := canonical(p.Input)
	if err != nil {
		return nil, err
	}
	differ("argument", is, want)
	return changes, nil
}

// decoded renders the argument that a schedule on the server carries.
func (a *App) decoded(argument any) (string, error) {
	payload, ok := argument.(*commonpb.Payload)
	if !ok {
		return "", fmt.Errorf("its argument is a %T, not a payload", argument)
	}
	data, _ := codec.Converters(a.codec)
	var input map[string]any
	if err := data.FromPayload(payload, &input); err != nil {
		return "", fmt.Errorf("decode its argument: %w", err)
	}
	return canonical(input)
}

// canonical renders a value so that equal values render equally, whichever type they were read into.
func canonical(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("render an argument: %w", err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		return "", fmt.Errorf("render an argument: %w", err)
	}
	text, err = json.Marshal(plain)
	return string(text), err
}

func pointer[T any](v T) *T { return &v }

func intervals(s *client.ScheduleSpec) []time.Duration {
	var all []time.Duration
	for _, i := range s.Intervals {
		all = append(all, i.Every)
	}
	return all
}

func calendars(s *client.ScheduleSpec) []string {
	var all []string
	for _, c := range s.Calendars {
		all = append(all, describe(c))
	}
	return all
}

// zone is a time zone as the server reports it: it drops the name of UTC.
func zone(name string) string {
	if name == "" {
		return "UTC"
	}
	return name
}

// Apply makes the schedules what the configuration says. A pause that an operator made stays.
func (a *App) Apply(ctx context.Context) ([]Difference, error) {
	if err := a.EnsureSearchAttributes(ctx); err != nil {
		return nil, err
	}
	all, err := a.Compare(ctx)
	if err != nil {
		return nil, err
	}
	for i, p := range a.Plans() {
		switch {
		case all[i].Missing:
			_, err = a.Temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
				ID: p.ID, Spec: p.spec(), Action: p.action(),
				Overlap: p.Overlap, CatchupWindow: p.Catchup, PauseOnFailure: p.PauseOnFailure,
			})
		case len(all[i].Changes) > 0:
			err = a.Temporal.ScheduleClient().GetHandle(ctx, p.ID).Update(ctx, client.ScheduleUpdateOptions{
				DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
					s := in.Description.Schedule
					spec := p.spec()
					s.Spec, s.Action = &spec, p.action()
					s.Policy = &client.SchedulePolicies{Overlap: p.Overlap, CatchupWindow: p.Catchup, PauseOnFailure: p.PauseOnFailure}
					return &client.ScheduleUpdate{Schedule: &s}, nil
				},
			})
		}
		if err != nil {
			return nil, fmt.Errorf("write schedule %s: %w", p.ID, err)
		}
	}
	return all, nil
}
