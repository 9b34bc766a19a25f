// Package schedule makes the schedules of Temporal what the configuration says.
package schedule

import (
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// Schedule is one schedule as the configuration wants it. Every policy is set on purpose: the server's defaults would make
// up for a year of missed polls.
type Schedule struct {
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
	// Queue is the task queue that its runs begin on.
	Queue   string
	Summary string
	// Source is the HR source that a poll reads, empty for everything else.
	Source string
	// Off says that the configuration does not ask for it: one that the server still has is surplus.
	Off bool
}

const (
	// minCatchup is the shortest catch-up window that the server takes.
	minCatchup = 10 * time.Second
	// calendarJitter keeps reviews and scans of many installations apart.
	calendarJitter = 5 * time.Minute
)

// Every is a schedule with an interval. A firing that would overlap is left out, and the next makes up for one that was missed
// longer ago than catchup.
func Every(id string, every, catchup time.Duration) Schedule {
	return Schedule{
		ID: id, Every: every, Jitter: every / 20, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Catchup: max(catchup, minCatchup), Queue: api.QueueSweep,
	}
}

// Clock is a time of day in a zone.
type Clock struct {
	Hour, Minute int
	Zone         string
}

// Weekly is a schedule that fires on one day of every week.
func Weekly(id string, day time.Weekday, at Clock, catchup time.Duration) Schedule {
	return calendar(id, at, catchup, client.ScheduleRange{Start: 1, End: 31}, client.ScheduleRange{Start: int(day)})
}

// Monthly is a schedule that fires on one day of every month.
func Monthly(id string, day int, at Clock, catchup time.Duration) Schedule {
	return calendar(id, at, catchup, client.ScheduleRange{Start: day}, client.ScheduleRange{Start: 0, End: 6})
}

func calendar(id string, at Clock, catchup time.Duration, days, weekdays client.ScheduleRange) Schedule {
	return Schedule{
		ID: id, Zone: at.Zone, Jitter: calendarJitter, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: catchup, Queue: api.QueueSweep,
		Calendar: client.ScheduleCalendarSpec{
			Hour: []client.ScheduleRange{{Start: at.Hour}}, Minute: []client.ScheduleRange{{Start: at.Minute}}, Second: []client.ScheduleRange{{}},
			DayOfMonth: []client.ScheduleRange{days}, Month: []client.ScheduleRange{{Start: 1, End: 12}}, DayOfWeek: []client.ScheduleRange{weekdays},
		},
	}
}

// Starting is the schedule with what it starts, and what its runs are called in the UI.
func (s Schedule) Starting(workflow string, input any, summary string) Schedule {
	s.Workflow, s.Input, s.Summary = workflow, input, summary
	return s
}

// When says in words when a schedule fires.
func (s Schedule) When() string {
	if s.Every > 0 {
		return "every " + s.Every.String()
	}
	return describe(s.Calendar) + ", " + s.Zone
}

// describe renders a calendar in one form, however the server stores it.
func describe(c client.ScheduleCalendarSpec) string {
	text := fmt.Sprintf("at %s:%s on day %s of month %s, weekday %s (Sunday is 00)", ranges(c.Hour), ranges(c.Minute),
		ranges(c.DayOfMonth), ranges(c.Month), ranges(c.DayOfWeek))
	if seconds := ranges(c.Second); seconds != "00" {
		text += ", second " + seconds
	}
	if len(c.Year) > 0 {
		text += ", year " + ranges(c.Year)
	}
	return text
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

func (s Schedule) spec() client.ScheduleSpec {
	if s.Every > 0 {
		return client.ScheduleSpec{
			Intervals: []client.ScheduleIntervalSpec{{Every: s.Every}}, Jitter: s.Jitter, TimeZoneName: "UTC",
		}
	}
	return client.ScheduleSpec{Calendars: []client.ScheduleCalendarSpec{s.Calendar}, Jitter: s.Jitter, TimeZoneName: s.Zone}
}

func (s Schedule) action() *client.ScheduleWorkflowAction {
	attributes := []temporal.SearchAttributeUpdate{api.AttrStage.ValueSet(api.StageWorking)}
	if s.Source != "" {
		attributes = append(attributes, api.AttrSource.ValueSet(s.Source))
	}
	return &client.ScheduleWorkflowAction{
		ID: s.ID, Workflow: s.Workflow, TaskQueue: s.Queue, Args: []any{s.Input}, StaticSummary: s.Summary,
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
	}
}
