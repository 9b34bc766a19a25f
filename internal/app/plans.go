package app

import (
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows"
)

// Plan is one schedule as the configuration wants it. Every policy is set on purpose: the server's defaults would make
// up for a year of missed polls.
type Plan struct {
	ID string
	// Every is the interval of a poll; zero for a schedule that follows the calendar.
	Every time.Duration
	// Calendar and Zone are when a schedule without an interval fires.
	Calendar client.ScheduleCalendarSpec
	Zone     string
	Jitter   time.Duration

	Overlap enumspb.ScheduleOverlapPolicy
	// Catchup is how far back missed firings are made up for.
	Catchup time.Duration
	// PauseOnFailure stops a schedule whose run failed until somebody has looked.
	PauseOnFailure bool

	Workflow string
	Input    any
	Summary  string
	// Source is the HR source that a poll reads, empty for everything else.
	Source string
}

// syncCatchup is how far back missed polls are made up for: a poll compares with now, so one is as good as ten.
const syncCatchup = 10 * time.Minute

// Plans lists the schedules of the configuration.
func (a *App) Plans() []Plan {
	var plans []Plan
	s := a.Config.Schedules
	if a.Config.Workday.BaseURL != "" {
		plans = append(plans, pollPlan(identity.SourceWorkday, s.Workday))
	}
	if a.Config.BambooHR.BaseURL != "" {
		plans = append(plans, pollPlan(identity.SourceBambooHR, s.BambooHR))
	}
	return plans
}

// pollPlan is the net under the webhooks of one HR source. A poll that failed does not stop the next one.
func pollPlan(source string, every time.Duration) Plan {
	return Plan{
		ID: "hr-sync-" + source, Every: every, Jitter: every / 20,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: syncCatchup,
		Workflow: workflows.TypeHRSync, Input: workflows.SyncRequest{Source: source}, Source: source,
		Summary: "compare " + source + " with the ledger",
	}
}

// When says in words when a schedule fires.
func (p Plan) When() string {
	if p.Every > 0 {
		return "every " + p.Every.String()
	}
	return describe(p.Calendar) + " " + p.Zone
}

// describe renders a calendar in one form, however the server stores it.
func describe(c client.ScheduleCalendarSpec) string {
	return fmt.Sprintf("at %s:%s:%s on day %s of month %s, weekday %s", ranges(c.Hour), ranges(c.Minute), ranges(c.Second),
		ranges(c.DayOfMonth), ranges(c.Month), ranges(c.DayOfWeek))
}

func ranges(all []client.ScheduleRange) string {
	if len(all) == 0 {
		return "00"
	}
	parts := make([]string, len(all))
	for i, r := range all {
		parts[i] = fmt.Sprintf("%02d", r.Start)
		if r.End > r.Start {
			parts[i] += fmt.Sprintf("-%02d", r.End)
		}
		if r.Step > 1 {
			parts[i] += fmt.Sprintf("/%d", r.Step)
		}
	}
	return strings.Join(parts, ",")
}

func (p Plan) spec() client.ScheduleSpec {
	if p.Every > 0 {
		return client.ScheduleSpec{
			Intervals: []client.ScheduleIntervalSpec{{Every: p.Every}}, Jitter: p.Jitter, TimeZoneName: "UTC",
		}
	}
	return client.ScheduleSpec{Calendars: []client.ScheduleCalendarSpec{p.Calendar}, Jitter: p.Jitter, TimeZoneName: p.Zone}
}

func (p Plan) action() *client.ScheduleWorkflowAction {
	attributes := []temporal.SearchAttributeUpdate{workflows.AttrStage.ValueSet(workflows.StageWorking)}
	if p.Source != "" {
		attributes = append(attributes, workflows.AttrSource.ValueSet(p.Source))
	}
	return &client.ScheduleWorkflowAction{
		ID: p.ID, Workflow: p.Workflow, TaskQueue: api.QueueSweep, Args: []any{p.Input}, StaticSummary: p.Summary,
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
	}
}
