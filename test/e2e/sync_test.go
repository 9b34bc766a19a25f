package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// syncState asks a HRSync run for its state.
func syncState(s *kit.Stack, source string) api.SyncState {
	var state api.SyncState
	value, err := s.Temporal.QueryWorkflow(s.T.Context(), "hr-sync-"+source, "", api.QueryState)
	if err != nil {
		return state
	}
	require.NoError(s.T, value.Get(&state))
	return state
}

func TestFirstSyncIsABaselineAndTouchesNobody(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	mark := s.Mark()
	for _, source := range []string{"workday", "bamboohr"} {
		out := s.Sync(source)
		require.True(t, out.Report.Baseline)
		require.Zero(t, out.Hinted)
		require.Zero(t, s.Sync(source).Hinted)
	}
	require.Empty(t, s.Effects(mark))
}

func TestShrunkReportIsQuarantined(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	mark := s.Mark()
	require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{"drop_rows": 0.3}))
	run := s.StartSync("workday")
	s.Until("the source is quarantined", func() bool { return syncState(s, "workday").Stage == api.StageAttention })
	s.Until("IT is told", func() bool { return strings.Contains(s.Messages("C0IT"), "quarantined") })
	require.Empty(t, filter(s.Effects(mark), "onelogin."), "nobody was touched")
	require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{}))
	require.NoError(t, s.Decide("hr-sync-workday", api.VerbRetry))
	var out api.SyncOutcome
	require.NoError(t, run.Get(t.Context(), &out))
	require.Equal(t, "in step", out.Result)
	require.Zero(t, out.Hinted)
}

func TestLostColumnIsQuarantined(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{"drop_columns": []string{"Hire_Date"}}))
	run := s.StartSync("workday")
	s.Until("the source is quarantined", func() bool { return syncState(s, "workday").Stage == api.StageAttention })
	require.Contains(t, syncState(s, "workday").Report.Quarantine, "hire_date")
	require.NoError(t, s.Decide("hr-sync-workday", api.VerbReject))
	var out api.SyncOutcome
	require.NoError(t, run.Get(t.Context(), &out))
	require.Equal(t, "rejected by an operator", out.Result)
}

func TestBatchOfLeaversBeyondTheBudgetTouchesNobodyUntilAllowed(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]int{api.VerbAllow: 2, api.VerbReject: 1} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{})
			s.Baseline()
			leavers := []string{"workday-21002", "workday-21003", "workday-21005", "workday-21006", "workday-21008", "workday-21009"}
			for _, key := range leavers {
				s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			}
			joiner := s.Hire("workday", engineer("New", "Comer", "today"))
			out := s.Sync("workday")
			require.Equal(t, "6 leavers held by the budget, everybody else in step", out.Result)
			require.Equal(t, "can sign in", s.Outcome(joiner).Result, "a joiner of the same report waits for nobody")
			s.Until("IT is told", func() bool { return strings.Contains(s.Messages("C0IT"), "6 people would lose access") })
			for _, key := range leavers {
				require.Equal(t, 1, s.Account(key).Status, "%s was not touched", key)
			}
			require.Equal(t, 6, s.Sync("workday").Held, "the next poll reads on, and they are still held")
			require.NoError(t, s.Decide("hold/workday/leaver", verb))
			for _, key := range leavers {
				if verb == api.VerbAllow {
					s.AwaitShut(s.Account(key).ID)
					require.Equal(t, "access ended", s.Outcome(key).Result)
				}
				require.Equal(t, want, s.Account(key).Status, key)
			}
			held := map[string]int{api.VerbAllow: 0, api.VerbReject: 6}[verb]
			require.Equal(t, held, s.Sync("workday").Held, "a rejected batch is held for as long as HR says the same")
		})
	}
}

func TestVanishedRecordIsAttentionNeverATermination(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	mark := s.Mark()
	s.HR("workday-21007", "delete", nil)
	require.Equal(t, 1, s.Sync("workday").Report.Vanished)
	s.AwaitStage("workday-21007", api.StageAttention)
	require.Empty(t, filter(s.Effects(mark), "onelogin."))
	require.Equal(t, 1, s.Account("workday-21007").Status)
	require.Zero(t, s.Sync("workday").Report.Vanished, "it is raised once")
}

func TestBambooHRPollFindsWhatWebhooksMissed(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	s.HR("bamboohr-105", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 1, s.Sync("bamboohr").Hinted)
	require.Equal(t, "access ended", s.Outcome("bamboohr-105").Result)
	require.Zero(t, s.Sync("bamboohr").Hinted)

	s.HR("bamboohr-106", "terminate", control.Fields{"last_day": "today+9", "termination_date": "today+9"})
	require.Equal(t, 1, s.Sync("bamboohr").Hinted, "a planned departure shows in the status table only")
	s.AwaitStage("bamboohr-106", api.StageWaiting)
}

func TestScheduleAppliesAndItsDriftIsMended(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	all, err := s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 7)
	for _, d := range all {
		require.True(t, d.Missing)
	}
	all, err = s.App.Schedules().Compare(t.Context())
	require.NoError(t, err)
	for _, d := range all {
		require.False(t, d.Missing)
		require.Empty(t, d.Changes)
	}
	s.App.Config.Schedules.Workday *= 2
	all, err = s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, append(all[0].Changes, all[1].Changes...))
	s.App.Config.Schedules.Review.Day, s.App.Config.Schedules.MFA.Weekday, s.App.Config.Schedules.Zone = 3, "friday", "Asia/Tokyo"
	all, err = s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	var changed []string
	for _, d := range all {
		if len(d.Changes) > 0 {
			changed = append(changed, d.ID)
		}
	}
	require.ElementsMatch(t, []string{"mfa-compliance", "access-review"}, changed)
	all, err = s.App.Schedules().Compare(t.Context())
	require.NoError(t, err)
	for _, d := range all {
		require.Empty(t, d.Changes)
	}
}
