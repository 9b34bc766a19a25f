package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
)

// Difference is what is between a schedule and the configuration. One that is neither missing nor surplus and has no
// changes is in step.
type Difference struct {
	ID      string
	Missing bool
	// Surplus says that nothing in the configuration asks for the schedule. Foreign is one that Gatehouse did not make
	// but that starts a workflow of Gatehouse's: it is reported and left alone.
	Surplus, Foreign bool
	// Paused is the note of a pause, which is an operator's or the server's and is left alone.
	Paused  string
	Changes []string
}

// Keeper makes the schedules of a namespace what a configuration says.
type Keeper struct {
	Temporal client.Client
	// Data decodes the arguments that schedules on the server carry.
	Data converter.DataConverter
	// All are the schedules of Gatehouse, those included that the configuration does not ask for.
	All []Schedule
}

// Wanted are the schedules that the configuration asks for.
func (k Keeper) Wanted() []Schedule {
	return slices.DeleteFunc(slices.Clone(k.All), func(s Schedule) bool { return s.Off })
}

// Compare tells how the schedules on the server differ from the configuration.
func (k Keeper) Compare(ctx context.Context) ([]Difference, error) {
	var all []Difference
	for _, p := range k.Wanted() {
		found, err := k.Temporal.ScheduleClient().GetHandle(ctx, p.ID).Describe(ctx)
		var missing *serviceerror.NotFound
		if errors.As(err, &missing) {
			all = append(all, Difference{ID: p.ID, Missing: true})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read schedule %s: %w", p.ID, err)
		}
		d := Difference{ID: p.ID}
		if d.Changes, err = k.changes(p, found.Schedule); err != nil {
			return nil, fmt.Errorf("read schedule %s: %w", p.ID, err)
		}
		if s := found.Schedule.State; s != nil && s.Paused {
			d.Paused = pause(s.Note)
		}
		all = append(all, d)
	}
	surplus, err := k.surplus(ctx)
	return append(all, surplus...), err
}

// changes compares what matters of a schedule, its arguments decoded: the same input may be encoded in many ways.
func (k Keeper) changes(p Schedule, s client.Schedule) ([]string, error) {
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
	differ("calendar", calendars(s.Spec.Calendars), calendars(p.spec().Calendars))
	differ("times left out", calendars(s.Spec.Skip), calendars(nil))
	differ("beginning", bound(s.Spec.StartAt), bound(noBound))
	differ("end", bound(s.Spec.EndAt), bound(noBound))
	differ("time zone", zone(s.Spec.TimeZoneName), zone(p.spec().TimeZoneName))
	differ("jitter", s.Spec.Jitter, p.Jitter)
	differ("overlap", s.Policy.Overlap, p.Overlap)
	differ("catch-up window", s.Policy.CatchupWindow, p.Catchup)
	differ("pause on failure", s.Policy.PauseOnFailure, p.PauseOnFailure)
	if s.State != nil && s.State.LimitedActions {
		differ("runs left", s.State.RemainingActions, "unlimited")
	}
	action, ok := s.Action.(*client.ScheduleWorkflowAction)
	if !ok {
		return append(changes, "it starts something else than a workflow"), nil
	}
	differ("workflow", action.Workflow, p.Workflow)
	differ("workflow id", action.ID, p.ID)
	differ("task queue", action.TaskQueue, p.Queue)
	differ("timeouts of the run", action.WorkflowExecutionTimeout+action.WorkflowRunTimeout, time.Duration(0))
	differ("retried as a whole", action.RetryPolicy != nil, false)
	if len(action.Args) != 1 {
		return append(changes, fmt.Sprintf("it has %d arguments, should have 1", len(action.Args))), nil
	}
	want, err := canonical(p.Input)
	if err != nil {
		return nil, err
	}
	is, err := k.decoded(action.Args[0])
	if err != nil {
		// What cannot be read differs: apply replaces it, and a lost key must not keep the others from being compared.
		return append(changes, fmt.Sprintf("argument cannot be read (%v), should be %s", err, want)), nil
	}
	differ("argument", is, want)
	return changes, nil
}

// decoded renders the argument that a schedule on the server carries.
func (k Keeper) decoded(argument any) (string, error) {
	payload, ok := argument.(*commonpb.Payload)
	if !ok {
		return "", fmt.Errorf("its argument is a %T, not a payload", argument)
	}
	var input map[string]any
	if err := k.Data.FromPayload(payload, &input); err != nil {
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

// intervals lists each interval and its offset.
func intervals(s *client.ScheduleSpec) []time.Duration {
	var all []time.Duration
	for _, i := range s.Intervals {
		all = append(all, i.Every, i.Offset)
	}
	return all
}

func calendars(given []client.ScheduleCalendarSpec) []string {
	all := []string{}
	for _, c := range given {
		all = append(all, describe(c))
	}
	return all
}

// noBound is the beginning or end of a schedule that has none.
var noBound time.Time

func bound(at time.Time) string {
	if at.IsZero() || at.Unix() == 0 {
		return "none"
	}
	return at.UTC().Format(time.RFC3339)
}

// zone is a time zone as the server reports it: it drops the name of UTC.
func zone(name string) string {
	if name == "" {
		return "UTC"
	}
	return name
}

// Apply makes the schedules what the configuration says, and deletes those of ours that it does not ask for any more. A
// pause that an operator made stays. What it returns is what was different before.
func (k Keeper) Apply(ctx context.Context) ([]Difference, error) {
	all, err := k.Compare(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]Schedule{}
	for _, p := range k.Wanted() {
		wanted[p.ID] = p
	}
	for _, d := range all {
		if err := k.write(ctx, d, wanted[d.ID]); err != nil {
			return nil, fmt.Errorf("write schedule %s: %w", d.ID, err)
		}
	}
	return all, nil
}

func (k Keeper) write(ctx context.Context, d Difference, p Schedule) error {
	switch {
	case d.Missing:
		_, err := k.Temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: p.ID, Spec: p.spec(), Action: p.action(),
			Overlap: p.Overlap, CatchupWindow: p.Catchup, PauseOnFailure: p.PauseOnFailure,
		})
		return err
	case d.Surplus && !d.Foreign:
		err := k.Temporal.ScheduleClient().GetHandle(ctx, d.ID).Delete(ctx)
		var gone *serviceerror.NotFound
		if errors.As(err, &gone) {
			return nil
		}
		return err
	case len(d.Changes) > 0:
		return k.Temporal.ScheduleClient().GetHandle(ctx, p.ID).Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				s := in.Description.Schedule
				spec := p.spec()
				s.Spec, s.Action = &spec, p.action()
				s.Policy = &client.SchedulePolicies{Overlap: p.Overlap, CatchupWindow: p.Catchup, PauseOnFailure: p.PauseOnFailure}
				if s.State != nil {
					s.State.LimitedActions, s.State.RemainingActions = false, 0
				}
				return &client.ScheduleUpdate{Schedule: &s}, nil
			},
		})
	}
	return nil
}

// surplus lists the schedules that the configuration does not ask for: those under an id that only Gatehouse gives, and
// those that somebody else made for a workflow of Gatehouse's.
func (k Keeper) surplus(ctx context.Context) ([]Difference, error) {
	wanted := map[string]bool{}
	ids, types := map[string]bool{}, map[string]bool{}
	for _, s := range k.All {
		ids[s.ID], types[s.Workflow] = true, true
		wanted[s.ID] = !s.Off
	}
	found, err := k.Temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 100})
	if err != nil {
		return nil, fmt.Errorf("list the schedules: %w", err)
	}
	var all []Difference
	for found.HasNext() {
		entry, err := found.Next()
		if err != nil {
			return nil, fmt.Errorf("list the schedules: %w", err)
		}
		ours := ids[entry.ID]
		if wanted[entry.ID] || !ours && !types[entry.WorkflowType.Name] {
			continue
		}
		d := Difference{ID: entry.ID, Surplus: true, Foreign: !ours}
		if entry.Paused {
			d.Paused = pause(entry.Note)
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(x, y Difference) int { return strings.Compare(x.ID, y.ID) })
	return all, nil
}

// Applied lists the schedules that are on the server, with the note of the pause of those that are paused.
func (k Keeper) Applied(ctx context.Context) (map[string]string, error) {
	found, err := k.Temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 100})
	if err != nil {
		return nil, fmt.Errorf("list the schedules: %w", err)
	}
	all := map[string]string{}
	for found.HasNext() {
		entry, err := found.Next()
		if err != nil {
			return nil, fmt.Errorf("list the schedules: %w", err)
		}
		all[entry.ID] = ""
		if entry.Paused {
			all[entry.ID] = pause(entry.Note)
		}
	}
	return all, nil
}

// pause says that a schedule is paused, and why where that was said.
func pause(note string) string {
	if note == "" {
		return "paused"
	}
	return "paused: " + note
}
