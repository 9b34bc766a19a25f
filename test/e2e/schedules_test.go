package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/internal/schedule"
	"gatehouse/ledger/mfa"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// edit changes a schedule as somebody would by hand.
func edit(s *kit.Stack, id string, change func(*client.Schedule)) {
	s.T.Helper()
	err := s.Temporal.ScheduleClient().GetHandle(s.T.Context(), id).Update(s.T.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			change(&in.Description.Schedule)
			return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
		},
	})
	require.NoError(s.T, err)
}

// argue gives a schedule another argument.
func argue(argument any) func(*client.Schedule) {
	return func(sc *client.Schedule) { sc.Action.(*client.ScheduleWorkflowAction).Args = []any{argument} }
}

func compare(s *kit.Stack) map[string]schedule.Difference {
	s.T.Helper()
	all, err := s.App.Schedules().Compare(s.T.Context())
	require.NoError(s.T, err)
	byID := map[string]schedule.Difference{}
	for _, d := range all {
		byID[d.ID] = d
	}
	return byID
}

// apply applies the schedules and leaves them paused, so that none fires into what a test does.
func apply(s *kit.Stack) {
	s.T.Helper()
	all, err := s.App.ApplySchedules(s.T.Context())
	require.NoError(s.T, err)
	for _, d := range all {
		require.NoError(s.T, s.Temporal.ScheduleClient().GetHandle(s.T.Context(), d.ID).Pause(s.T.Context(), client.SchedulePauseOptions{Note: "for a test"}))
	}
	s.Until("the list shows the schedules", func() bool { return len(listed(s)) == len(all) })
}

func listed(s *kit.Stack) []string {
	s.T.Helper()
	var ids []string
	found, err := s.Temporal.ScheduleClient().List(s.T.Context(), client.ScheduleListOptions{})
	require.NoError(s.T, err)
	for found.HasNext() {
		entry, err := found.Next()
		require.NoError(s.T, err)
		ids = append(ids, entry.ID)
	}
	return ids
}

// TestEveryKindOfDriftIsShownAndMended changes each schedule by hand in another way.
func TestEveryKindOfDriftIsShownAndMended(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	apply(s)
	tomorrow := time.Now().Add(24 * time.Hour)
	edit(s, "hr-sync-workday", argue(api.SyncRequest{Source: "bamboohr"}))
	edit(s, "event-watch", argue("not what it takes"))
	edit(s, "mfa-compliance", func(sc *client.Schedule) {
		sc.Spec.EndAt, sc.Spec.Calendars[0].Second = tomorrow, []client.ScheduleRange{{End: 59}}
		sc.State.LimitedActions, sc.State.RemainingActions = true, 3
		sc.Action.(*client.ScheduleWorkflowAction).WorkflowRunTimeout = time.Minute
	})
	require.NoError(t, s.Temporal.ScheduleClient().GetHandle(t.Context(), "access-review").Delete(t.Context()))
	s.App.Config.BambooHR.BaseURL = ""
	_, err := s.Temporal.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: "nightly", Paused: true, Action: &client.ScheduleWorkflowAction{
			ID: "nightly", Workflow: api.TypeHRSync, TaskQueue: api.QueueSweep, Args: []any{api.SyncRequest{Source: "workday"}},
		},
	})
	require.NoError(t, err)
	s.Until("the list is up to date", func() bool { return compare(s)["nightly"].Surplus && !compare(s)["access-review"].Surplus })

	found := compare(s)
	require.Equal(t, []string{`argument is {"source":"bamboohr"}, should be {"every":3600000000000,"source":"workday"}`}, found["hr-sync-workday"].Changes)
	require.Len(t, found["event-watch"].Changes, 1)
	require.Contains(t, found["event-watch"].Changes[0], "argument cannot be read")
	drift := strings.Join(found["mfa-compliance"].Changes, "\n")
	for _, want := range []string{"second 00-59", "end is " + tomorrow.UTC().Format("2006-01-02"), "runs left is 3", "timeouts of the run is 1m0s"} {
		require.Contains(t, drift, want)
	}
	require.Equal(t, "paused: for a test", found["mfa-compliance"].Paused)
	require.True(t, found["access-review"].Missing)
	require.True(t, found["hr-sync-bamboohr"].Surplus)
	require.False(t, found["hr-sync-bamboohr"].Foreign)
	require.True(t, found["nightly"].Foreign)

	for range 2 {
		_, err = s.App.ApplySchedules(t.Context())
		require.NoError(t, err)
	}
	s.Until("the surplus schedule is gone", func() bool { return !compare(s)["hr-sync-bamboohr"].Surplus })
	found = compare(s)
	require.Len(t, found, 7)
	for id, d := range found {
		require.False(t, d.Missing, id)
		require.Empty(t, d.Changes, id)
		require.Equal(t, id == "nightly", d.Surplus, id)
	}
	require.Equal(t, "paused: for a test", found["mfa-compliance"].Paused, "a pause is an operator's")
}

// backfill makes a schedule catch up with what it missed between two moments, as `temporal schedule backfill` does, and
// returns the outcomes of its runs.
func backfill(s *kit.Stack, id string, from, to time.Time, runs int) []client.WorkflowRun {
	s.T.Helper()
	h := s.Temporal.ScheduleClient().GetHandle(s.T.Context(), id)
	require.NoError(s.T, h.Backfill(s.T.Context(), client.ScheduleBackfillOptions{Backfill: []client.ScheduleBackfill{{
		Start: from, End: to, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL,
	}}}))
	var started []client.WorkflowRun
	s.Until("the schedule has caught up", func() bool {
		// The server answers with what a run of its own knows, which may not have come to it yet.
		described, err := h.Describe(s.T.Context())
		if err != nil {
			s.T.Logf("%s cannot be described yet: %v", id, err)
			return false
		}
		started = nil
		for _, a := range described.Info.RecentActions {
			started = append(started, s.Temporal.GetWorkflow(s.T.Context(), a.StartWorkflowResult.WorkflowID, a.StartWorkflowResult.FirstExecutionRunID))
		}
		return len(started) == runs
	})
	return started
}

func cameTo[T any](ctx context.Context, t *testing.T, run client.WorkflowRun) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var out T
	require.NoError(t, run.Get(ctx, &out))
	return out
}

// TestBackfillReviewsTheMonthsThatWereMissed: the schedule is in a zone where the first of the month begins while it is
// still the last one elsewhere.
func TestBackfillReviewsTheMonthsThatWereMissed(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	s.App.Config.Schedules.Zone = "Asia/Tokyo"
	apply(s)
	from := time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC)
	var campaigns []string
	for _, run := range backfill(s, "access-review", from, from.AddDate(0, 2, 0), 2) {
		out := cameTo[api.ReviewOutcome](t.Context(), t, run)
		campaigns = append(campaigns, out.Campaign)
		own := cameTo[api.ReviewOutcome](t.Context(), t, s.Temporal.GetWorkflow(t.Context(), api.ReviewID(out.Campaign), ""))
		require.Equal(t, "reviewed", own.Result)
	}
	require.ElementsMatch(t, []string{"2026-09", "2026-10"}, campaigns)
	mark := s.Mark()
	backfill(s, "access-review", from, from.AddDate(0, 1, 0), 3)
	require.Empty(t, filter(s.Effects(mark), "google."), "a month that was reviewed is not reviewed again")
	require.Len(t, books(s), 1)
	require.NotNil(t, books(s)[0].Tab("2026-09 Access"))
	require.NotNil(t, books(s)[0].Tab("2026-10 Access"))
}

// TestBackfillOfPollsAndScansComparesWithNow: what was missed is found once, however many firings are made up for.
func TestBackfillOfPollsAndScansComparesWithNow(t *testing.T) {
	t.Parallel()
	const covered = "workday-21010"
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, `- account.username.startsWith("breakglass-")`, `- person.key != "`+covered+`"`)
	}})
	s.Baseline()
	apply(s)
	s.HR("workday-21003", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	hour := time.Now().Truncate(time.Hour)
	hinted := 0
	for _, run := range backfill(s, "hr-sync-workday", hour.Add(-210*time.Minute), hour.Add(-10*time.Minute), 3) {
		hinted += cameTo[api.SyncOutcome](t.Context(), t, run).Hinted
	}
	require.Positive(t, hinted, "somebody who has to be out is raised at each poll until they are")
	require.Equal(t, "access ended", s.Outcome("workday-21003").Result)

	account := s.WithoutFactors(covered)
	var clock mfa.State
	for i, run := range backfill(s, "mfa-compliance", hour.AddDate(0, 0, -14), hour, 2) {
		out := cameTo[api.ScanOutcome](t.Context(), t, run)
		require.Positive(t, out.Scanned.None)
		if i == 0 {
			clock = s.Grace(account.ID)
		}
	}
	s.Until("the first reminder is out", func() bool { return s.Grace(account.ID).Reminders == 1 })
	require.Equal(t, 1, s.Grace(account.ID).Clock)
	require.Equal(t, clock.Since, s.Grace(account.ID).Since, "the second scan does not restart the clock")
}
