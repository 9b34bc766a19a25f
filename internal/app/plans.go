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
	"gatehouse/internal/config"
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
	plans = append(plans, eventsPlan(s.Events), accountsPlan(s.Accounts), reconcilePlan(s), mfaPlan(s))
	// The process that writes schedules need not hold the credential.
	if a.Config.Google.Subject != "" {
		plans = append(plans, reviewPlan(s))
	}
	return plans
}

// The ids of the schedules. A run that a schedule starts has its id and the time it was meant for.
const (
	pollID      = "hr-sync-"
	eventsID    = "event-watch"
	accountsID  = api.AccountSweepID
	reconcileID = api.ReconcileID
	mfaID       = "mfa-compliance"
	reviewID    = "access-review"
)

// scheduleIDs are the ids of all schedules that any configuration asks for.
func scheduleIDs() []string {
	return []string{pollID + identity.SourceWorkday, pollID + identity.SourceBambooHR, eventsID, accountsID, reconcileID, mfaID, reviewID}
}

// scheduledTypes are the workflows that schedules start.
func scheduledTypes() []string {
	return []string{api.TypeHRSync, api.TypeEventWatch, api.TypeAccountSweep, api.TypeReconcile, api.TypeMFACompliance, api.TypeAccessReview}
}

// eventsPlan reads OneLogin's events where no webhook asks for it. The cursor makes up for whatever was missed, so that
// no firing has to be.
func eventsPlan(every time.Duration) Plan {
	return Plan{
		ID: eventsID, Every: every, Jitter: every / 20,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: max(every, minCatchup),
		Workflow: api.TypeEventWatch, Input: api.WatchInput{Scheduled: true}, Summary: "read OneLogin's events",
	}
}

// accountsEach is how often what was changed of the accounts is read.
const accountsEach = time.Hour

// accountsPlan keeps the inventory of accounts. A sweep that was missed is made up for by the next.
func accountsPlan(every time.Duration) Plan {
	each := min(accountsEach, every)
	return Plan{
		ID: accountsID, Every: each, Jitter: each / 20,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: max(each/4, minCatchup),
		Workflow: api.TypeAccountSweep, Input: api.AccountSweepRequest{Every: every, Each: each}, Summary: "read OneLogin's accounts",
	}
}

// reconcilePlan finds whoever was forgotten: hourly who has left or is due, and everybody once a day. One that was missed is made
// up for by the next.
func reconcilePlan(s config.Schedules) Plan {
	return Plan{
		ID: reconcileID, Every: s.Reconcile, Jitter: s.Reconcile / 20,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: max(s.Reconcile/4, minCatchup),
		Workflow: api.TypeReconcile, Input: api.ReconcileRequest{Every: s.Everybody}, Summary: "compare people with their accounts",
	}
}

// mfaPlan looks for people without a second factor every week. It leads to restrictions, so that a scan which failed
// stops the next until somebody has looked.
func mfaPlan(s config.Schedules) Plan {
	day, _ := s.MFA.Day()
	return Plan{
		ID: mfaID, Calendar: calendar(s.MFA.At, nil, []client.ScheduleRange{{Start: int(day)}}), Zone: s.Zone,
		Jitter: calendarJitter, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: 3 * 24 * time.Hour, PauseOnFailure: true,
		Workflow: api.TypeMFACompliance, Input: api.ScanRequest{}, Summary: "find who has no second factor",
	}
}

// reviewPlan reviews access every month. A month that was missed is made up for, and one that has to wait for the last
// is not dropped: an auditor asks for every one of them.
func reviewPlan(s config.Schedules) Plan {
	return Plan{
		ID: reviewID, Calendar: calendar(s.Review.At, []client.ScheduleRange{{Start: s.Review.Day}}, nil), Zone: s.Zone,
		Jitter: calendarJitter, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE, Catchup: 28 * 24 * time.Hour,
		Workflow: api.TypeAccessReview, Input: api.ReviewRequest{Zone: s.Zone}, Summary: "review who has access to what",
	}
}

const (
	// minCatchup is the shortest catch-up window that the server takes.
	minCatchup = 10 * time.Second
	// calendarJitter keeps reviews and scans of many installations apart.
	calendarJitter = 5 * time.Minute
)

// calendar is a time of day on days of the month or of the week; nil is every one of them. The time was checked when the
// configuration was read.
func calendar(at string, days, weekdays []client.ScheduleRange) client.ScheduleCalendarSpec {
	hour, minute, _ := config.TimeOfDay(at)
	every := func(given []client.ScheduleRange, first, last int) []client.ScheduleRange {
		if given == nil {
			return []client.ScheduleRange{{Start: first, End: last}}
		}
		return given
	}
	return client.ScheduleCalendarSpec{
		Hour: []client.ScheduleRange{{Start: hour}}, Minute: []client.ScheduleRange{{Start: minute}}, Second: []client.ScheduleRange{{}},
		DayOfMonth: every(days, 1, 31), Month: every(nil, 1, 12), DayOfWeek: every(weekdays, 0, 6),
	}
}

// pollPlan is the net under the webhooks of one HR source. A poll that failed does not stop the next one.
func pollPlan(source string, every time.Duration) Plan {
	return Plan{
		ID: pollID + source, Every: every, Jitter: every / 20,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, Catchup: syncCatchup,
		Workflow: api.TypeHRSync, Input: api.SyncRequest{Source: source, Every: every}, Source: source,
		Summary: "compare " + source + " with the ledger",
	}
}

// When says in words when a schedule fires.
func (p Plan) When() string {
	if p.Every > 0 {
		return "every " + p.Every.String()
	}
	return describe(p.Calendar) + ", " + p.Zone
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

func (p Plan) spec() client.ScheduleSpec {
	if p.Every > 0 {
		return client.ScheduleSpec{
			Intervals: []client.ScheduleIntervalSpec{{Every: p.Every}}, Jitter: p.Jitter, TimeZoneName: "UTC",
		}
	}
	return client.ScheduleSpec{Calendars: []client.ScheduleCalendarSpec{p.Calendar}, Jitter: p.Jitter, TimeZoneName: p.Zone}
}

func (p Plan) action() *client.ScheduleWorkflowAction {
	attributes := []temporal.SearchAttributeUpdate{api.AttrStage.ValueSet(api.StageWorking)}
	if p.Source != "" {
		attributes = append(attributes, api.AttrSource.ValueSet(p.Source))
	}
	return &client.ScheduleWorkflowAction{
		ID: p.ID, Workflow: p.Workflow, TaskQueue: api.QueueSweep, Args: []any{p.Input}, StaticSummary: p.Summary,
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
	}
}
