package activities_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// collect reads a source and returns what it found.
func (r *rig) collect(source, batch string) api.SyncReport {
	r.t.Helper()
	var report api.SyncReport
	require.NoError(r.t, r.must(api.SyncCollect, api.SyncInput{Source: source, Batch: batch}).Get(&report))
	return report
}

// settle hints a batch and moves the source on.
func (r *rig) settle(source, batch, cursor string) {
	r.t.Helper()
	r.must(api.SyncHint, api.BatchInput{Source: source, Batch: batch, Cursor: cursor})
}

// TestFirstReadingTakesPeopleAsTheyAre, and then sees what changes. Who had left long before is counted.
func TestFirstReadingTakesPeopleAsTheyAre(t *testing.T) {
	t.Parallel()
	for source, people := range map[string]int{"workday": 46, "bamboohr": 10} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			first := r.collect(source, "1")
			require.True(t, first.Baseline)
			require.Equal(t, people, first.Seen)
			require.Zero(t, first.Changed+first.Leavers+first.Vanished)
			require.Equal(t, map[string]int{"workday": 3, "bamboohr": 0}[source], first.LeftBefore)
			r.settle(source, "1", first.Cursor)
			require.Empty(t, r.hints())

			r.clock.Advance(time.Hour)
			quiet := r.collect(source, "2")
			require.Equal(t, api.SyncReport{Seen: people, Cursor: quiet.Cursor}, quiet)
			r.settle(source, "2", quiet.Cursor)
			require.Empty(t, r.hints())
		})
	}
}

// TestSyncFindsWhatWebhooksMissed: new, changed and left people are hinted once each.
func TestSyncFindsWhatWebhooksMissed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ changed, leaver, vanished, stays string }{
		"workday":  {"21005", "21003", "21006", "21007"},
		"bamboohr": {"105", "103", "106", "107"},
	}
	for source, people := range tests {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			first := r.collect(source, "1")
			r.settle(source, "1", first.Cursor)
			r.clock.Advance(time.Hour)
			joiner := r.hire(source, ada())
			r.hr(source, "change", people.changed, control.Fields{"title": "Chief Tester"})
			r.hr(source, "terminate", people.leaver, control.Fields{"last_day": "today", "location": "Berlin"})
			r.hr(source, "delete", people.vanished, nil)
			want := []string{
				"person/" + joiner, "person/" + source + "-" + people.changed, "person/" + source + "-" + people.leaver,
				"person/" + source + "-" + people.vanished,
			}

			report := r.collect(source, "2")
			require.Equal(t, 2, report.Changed)
			require.Equal(t, 1, report.Leavers)
			require.Equal(t, 1, report.Vanished)
			require.Empty(t, r.hints(), "collecting hints nobody")
			again := r.collect(source, "2")
			require.Equal(t, report, again, "a retried collection finds the same")

			r.settle(source, "2", report.Cursor)
			require.ElementsMatch(t, want, r.hints())
			r.settle(source, "2", report.Cursor)
			require.ElementsMatch(t, want, r.hints(), "nobody is hinted twice")

			r.clock.Advance(time.Hour)
			later := r.collect(source, "3")
			require.Zero(t, later.Changed+later.Vanished, "what was settled stays so")
			require.Equal(t, 1, later.Leavers, "but for who has left and was only hinted")
		})
	}
}

// TestHintsThatAreNotDurableAreSentAgain: a roster row moves only after its hint is safe.
func TestHintsThatAreNotDurableAreSentAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.collect("workday", "1")
	r.clock.Advance(time.Hour)
	for _, id := range []string{"21003", "21005"} {
		r.hr("workday", "change", id, control.Fields{"title": "Chief Tester"})
	}
	r.collect("workday", "2")
	working := r.temporal
	r.temporal = &mocks.Client{}
	r.temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil, errors.New("no Temporal"))
	r.restart()
	_, err := r.run(api.SyncHint, api.BatchInput{Source: "workday", Batch: "2"})
	require.ErrorContains(t, err, "start a run: no Temporal")
	require.False(t, application(t, err).NonRetryable())

	r.temporal = working
	r.restart()
	r.settle("workday", "2", "")
	require.Equal(t, []string{"person/workday-21003", "person/workday-21005"}, r.hints())
}

// TestReportsNobodyShouldBelieve: a permission, a filter or a column that is gone looks like departures, and changes
// nothing until somebody says so.
func TestReportsNobodyShouldBelieve(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		settings map[string]any
		why      string
	}{
		"a tenth of the rows is gone": {map[string]any{"drop_rows": 0.3}, "the source has 33 records, 46 at the last reading: more than a tenth is gone."},
		"a column is gone":            {map[string]any{"drop_columns": []string{"Hire_Date"}}, "required columns are empty in every record: [hire_date]."},
		"every row is gone":           {map[string]any{"drop_rows": 1.0}, "required columns are empty in every record"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			r.settle("workday", "1", r.collect("workday", "1").Cursor)
			require.NoError(t, r.sandbox.Workday(t.Context(), tt.settings))
			report := r.collect("workday", "2")
			require.Contains(t, report.Quarantine, tt.why)
			require.Zero(t, report.Changed+report.Leavers+report.Vanished)
			r.settle("workday", "2", report.Cursor)
			require.Empty(t, r.hints())
			state, err := r.app.Ledger.Roster().Source(t.Context(), "workday")
			require.NoError(t, err)
			require.Equal(t, report.Quarantine, state.QuarantineReason)

			require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{}))
			require.Equal(t, api.SyncReport{Seen: 46}, r.collect("workday", "3"), "repaired in HR, it goes on by itself")
		})
	}
}

// TestBambooHRNobodyShouldBelieve: BambooHR says who changed, so that a column goes blank in the few records that are read,
// and rows of its table are gone while the records are there.
func TestBambooHRNobodyShouldBelieve(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		settings map[string]any
		why      string
	}{
		"two thirds of the table are gone": {map[string]any{"drop_rows": 0.67}, "more than a tenth is gone."},
		"the table is empty":               {map[string]any{"drop_rows": 1.0}, "[employmentStatus table]"},
		"a field is blank":                 {map[string]any{"blank_fields": []string{"hireDate"}}, "[hire_date]"},
		"the departments are blank":        {map[string]any{"blank_fields": []string{"department"}}, "[department]"},
		"a field is hidden":                {map[string]any{"restricted_fields": []string{"hireDate", "status"}}, "[hire_date status]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{people: 300})
			r.settle("bamboohr", "1", r.collect("bamboohr", "1").Cursor)
			r.clock.Advance(time.Hour)
			r.hr("bamboohr", "terminate", "105", control.Fields{"last_day": "today", "involuntary": true})
			r.hr("bamboohr", "change", "106", control.Fields{"title": "Chief Tester"})
			require.NoError(t, r.sandbox.BambooHR(t.Context(), tt.settings))
			report := r.collect("bamboohr", "2")
			require.Contains(t, report.Quarantine, tt.why)
			staged := r.staged(report.Confirmed)
			require.Equal(t, tt.settings["drop_rows"] != 1.0, slices.Contains(staged, "105 leaver"), "who left by their own record waits for nobody")
			require.NotContains(t, staged, "106 changed")

			require.NoError(t, r.sandbox.BambooHR(t.Context(), map[string]any{}))
			report = r.collect("bamboohr", "3")
			require.Empty(t, report.Quarantine, "repaired in HR, it goes on by itself")
			require.Subset(t, r.staged("3"), []string{"105 leaver", "106 changed"})
		})
	}
}

// staged lists what a batch has of whom.
func (r *rig) staged(batch string) (out []string) {
	if batch == "" {
		return nil
	}
	staged, err := r.app.Ledger.Roster().Staged(r.t.Context(), batch, 0)
	require.NoError(r.t, err)
	for _, c := range staged {
		out = append(out, c.EmployeeID+" "+c.Kind)
	}
	return out
}

// TestOneRecordThatLacksAValueIsNoLostColumn: others still have it.
func TestOneRecordThatLacksAValueIsNoLostColumn(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 300})
	r.settle("bamboohr", "1", r.collect("bamboohr", "1").Cursor)
	r.clock.Advance(time.Hour)
	r.hr("bamboohr", "change", "106", control.Fields{"department": ""})
	report := r.collect("bamboohr", "2")
	require.Empty(t, report.Quarantine)
	require.Equal(t, 1, report.Changed)
}

// TestAcceptedReport: people were really removed, and somebody says so. Even then nobody is taken for a leaver.
func TestAcceptedReport(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.collect("workday", "1")
	require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"drop_rows": 0.3}))
	var report api.SyncReport
	require.NoError(t, r.must(api.SyncCollect, api.SyncInput{Source: "workday", Batch: "2", Accept: true}).Get(&report))
	require.Equal(t, 33, report.Seen)
	require.Zero(t, report.Leavers)
	require.Equal(t, 13, report.Vanished)
}

// TestMassTerminationReservesAllOrNobody: a wrong export touches nobody.
func TestMassTerminationReservesAllOrNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 3}"}})
	r.collect("workday", "1")
	r.clock.Advance(time.Hour)
	for i := 21010; i < 21014; i++ {
		r.hr("workday", "terminate", fmt.Sprint(i), control.Fields{"last_day": "today", "location": "Berlin"})
	}
	require.Equal(t, 4, r.collect("workday", "2").Leavers)
	batch := api.BatchInput{Source: "workday", Batch: "2"}
	var held api.BatchHeld
	for range 2 {
		require.NoError(t, r.must(api.SyncReserve, batch).Get(&held))
		require.Equal(t, api.BatchHeld{Granted: false, Used: 0, Allowed: 3, Asked: 4}, held, "three, or a share that is five at least, whichever is less")
	}
	batch.Override, batch.By = true, "ops"
	require.NoError(t, r.must(api.SyncReserve, batch).Get(&held))
	require.Equal(t, api.BatchHeld{Granted: true, Used: 4, Allowed: 3, Asked: 4}, held)
	for i := 21010; i < 21014; i++ {
		require.Equal(t, "leave", string(r.assess(fmt.Sprintf("workday-%d", i)).Plan.Verdict), "what the batch reserved is the run's as well")
	}
}

// TestDroppedLeaversAreRaisedAgain for as long as HR says that they have left.
func TestDroppedLeaversAreRaisedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.collect("workday", "1")
	r.clock.Advance(time.Hour)
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "location": "Berlin"})
	r.hr("workday", "change", "21005", control.Fields{"title": "Chief Tester"})
	require.Equal(t, 1, r.collect("workday", "2").Leavers)
	r.must(api.SyncDrop, api.BatchInput{Source: "workday", Batch: "2", Kinds: []string{"leaver"}})
	r.settle("workday", "2", "")
	require.Equal(t, []string{"person/workday-21005"}, r.hints())
	again := r.collect("workday", "3")
	require.Equal(t, 1, again.Leavers)
	require.Zero(t, again.Changed)
	r.hr("workday", "change", "21003", control.Fields{"last_day": "", "termination_date": ""})
	back := r.collect("workday", "4")
	require.Zero(t, back.Leavers)
	require.Equal(t, 1, back.Changed, "HR says that they stay")
}

// TestUnknownSource is an error for a person.
func TestUnknownSource(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	_, err := r.run(api.SyncCollect, api.SyncInput{Source: "personio", Batch: "1"})
	app := application(t, err)
	require.True(t, app.NonRetryable())
	require.Equal(t, `no HR source "personio" is configured on this worker`, app.Message())
}
