package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/codec"
	"gatehouse/workflows"
)

// syncCatchup is how far back missed polls are made up for: a poll compares with now, so one is as good as ten.
const syncCatchup = 10 * time.Minute

// Plan is one schedule as the configuration wants it.
type Plan struct {
	ID    string
	Every time.Duration
	Input workflows.SyncRequest
}

// Difference is what is between a schedule and the configuration; empty Changes mean that they agree.
type Difference struct {
	ID      string
	Missing bool
	Changes []string
}

// Plans lists the schedules of the configuration: one poll per HR source.
func (a *App) Plans() []Plan {
	var plans []Plan
	add := func(source string, every time.Duration) {
		plans = append(plans, Plan{ID: "hr-sync-" + source, Every: every, Input: workflows.SyncRequest{Source: source}})
	}
	if a.Config.Workday.BaseURL != "" {
		add(identity.SourceWorkday, a.Config.Schedules.Workday)
	}
	if a.Config.BambooHR.BaseURL != "" {
		add(identity.SourceBambooHR, a.Config.Schedules.BambooHR)
	}
	return plans
}

// jitter keeps the polls of many installations from arriving together, without moving them noticeably.
func jitter(every time.Duration) time.Duration { return every / 20 }

func (p Plan) spec() client.ScheduleSpec {
	return client.ScheduleSpec{
		Intervals: []client.ScheduleIntervalSpec{{Every: p.Every}}, Jitter: jitter(p.Every), TimeZoneName: "UTC",
	}
}

func (p Plan) action() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: p.ID, Workflow: workflows.TypeHRSync, TaskQueue: api.QueueSweep, Args: []any{p.Input},
		StaticSummary: "compare " + p.Input.Source + " with the ledger",
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttrSource.ValueSet(p.Input.Source), workflows.AttrStage.ValueSet(workflows.StageWorking),
		),
	}
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
		changes, err := a.changes(p, found.Schedule)
		if err != nil {
			return nil, fmt.Errorf("read schedule %s: %w", p.ID, err)
		}
		all = append(all, Difference{ID: p.ID, Changes: changes})
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
	var every, spread time.Duration
	if s.Spec != nil && len(s.Spec.Intervals) > 0 {
		every, spread = s.Spec.Intervals[0].Every, s.Spec.Jitter
	}
	differ("interval", every, p.Every)
	differ("jitter", spread, jitter(p.Every))
	if s.Policy != nil {
		differ("overlap", s.Policy.Overlap, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP)
		differ("catch-up window", s.Policy.CatchupWindow, syncCatchup)
	}
	action, ok := s.Action.(*client.ScheduleWorkflowAction)
	if !ok {
		return append(changes, "it starts something else than a workflow"), nil
	}
	differ("workflow", action.Workflow, workflows.TypeHRSync)
	differ("task queue", action.TaskQueue, api.QueueSweep)
	if len(action.Args) != 1 {
		return append(changes, fmt.Sprintf("it has %d arguments, should have 1", len(action.Args))), nil
	}
	var input workflows.SyncRequest
	payload, ok := action.Args[0].(*commonpb.Payload)
	if !ok {
		return append(changes, "its argument cannot be read"), nil
	}
	data, _ := codec.Converters(a.codec)
	if err := data.FromPayload(payload, &input); err != nil {
		return nil, fmt.Errorf("decode its argument: %w", err)
	}
	differ("argument", input, p.Input)
	return changes, nil
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
				Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: syncCatchup,
			})
		case len(all[i].Changes) > 0:
			err = a.Temporal.ScheduleClient().GetHandle(ctx, p.ID).Update(ctx, client.ScheduleUpdateOptions{
				DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
					s := in.Description.Schedule
					spec := p.spec()
					s.Spec, s.Action = &spec, p.action()
					s.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: syncCatchup}
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
