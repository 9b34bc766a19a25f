package activities_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/roster"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestFirstReadingLooksAtWhoHasADateAhead, at whoever left lately and at what contradicts itself; who left long before is
// one batch. Nobody of them is lost if the hints are not sent.
func TestFirstReadingLooksAtWhoHasADateAhead(t *testing.T) {
	t.Parallel()
	for source, ids := range map[string][]string{
		"workday":  {"21002", "21003", "21004", "21005", "21006"},
		"bamboohr": {"102", "103", "104", "105", "106"},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			before := map[string]int{"workday": 3, "bamboohr": 0}[source]
			r.hr(source, "terminate", ids[0], control.Fields{"last_day": "today+1"})
			r.hr(source, "terminate", ids[1], control.Fields{"last_day": "today-3"})
			r.hr(source, "terminate", ids[2], control.Fields{"last_day": "today-45"})
			r.hr(source, "change", ids[3], control.Fields{"last_day": "today-45", "status": "Active", "history_status": "Full-Time", "truth": "active"})
			joiner := r.hire(source, ada(control.Fields{"hire_date": "today+20"}))
			first := r.collect(source, "1")
			require.True(t, first.Baseline)
			require.Equal(t, before+1, first.LeftBefore)
			require.Equal(t, 4, first.Changed)
			require.Zero(t, first.Leavers, "they draw on the budget when something is taken from them")
			left, err := r.app.Ledger.Roster().Findings(t.Context(), source, roster.FindingLeftBefore)
			require.NoError(t, err)
			require.Len(t, left, before+1)
			require.True(t, slices.ContainsFunc(left, func(f roster.Finding) bool { return f.Subject == ids[2] && f.Left }))

			again := r.collect(source, "lost")
			require.Equal(t, 3, again.Changed, "of a first reading that ended before the hints")
			require.Equal(t, 1, again.Leavers, "who is due by now")
			require.False(t, again.Baseline)
			r.settle(source, "lost", again.Cursor)
			require.ElementsMatch(t, []string{
				"person/" + source + "-" + ids[0], "person/" + source + "-" + ids[1], "person/" + source + "-" + ids[3], "person/" + joiner,
			}, r.hints())
			departures, err := r.app.Ledger.People().OpenDepartures(t.Context(), r.clock.Now().Add(72*time.Hour))
			require.NoError(t, err)
			require.Len(t, departures, 2, "of tomorrow's leaver and of the one who left lately")
		})
	}
}

// edit changes the policy of a rig and takes it up.
func (r *rig) edit(old, replacement string) {
	r.t.Helper()
	text, err := os.ReadFile(r.config.Policy)
	require.NoError(r.t, err)
	require.NoError(r.t, os.WriteFile(r.config.Policy, []byte(kit.Replace(r.t, string(text), old, replacement)), 0o600))
	require.NoError(r.t, r.vendors.Policy.Reload(r.t.Context()))
}

// TestDueDeparturesAreRaisedUntilTheyAreCarriedOut, whatever became of the hint. Where offboarding observes they are counted,
// and where it asks they are asked about once a day and whenever the policy changes.
func TestDueDeparturesAreRaisedUntilTheyAreCarriedOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"offboarding: enforce", "offboarding: observe"}})
	batch := 0
	poll := func() api.SyncReport {
		batch++
		report := r.collect("workday", fmt.Sprint(batch))
		r.settle("workday", fmt.Sprint(batch), report.Cursor)
		return report
	}
	poll()
	r.clock.Advance(time.Hour)
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "location": "Berlin"})
	r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today+1", "location": "Berlin"})
	require.Equal(t, 1, poll().Leavers)
	require.Equal(t, "observe", string(r.assess("workday-21003").Mode))

	quiet := poll()
	require.Equal(t, 1, quiet.Planned)
	require.Zero(t, quiet.Leavers+quiet.Changed)
	r.clock.Advance(48 * time.Hour)
	require.Equal(t, 2, poll().Planned, "the day has come, whether or not a run waited for it")

	r.edit("offboarding: observe", "offboarding: approve")
	require.Equal(t, 2, poll().Leavers)
	require.Zero(t, poll().Leavers, "they were asked about today")
	r.clock.Advance(25 * time.Hour)
	require.Equal(t, 2, poll().Leavers)

	r.edit("offboarding: approve", "offboarding: enforce")
	for range 2 {
		report := poll()
		require.Equal(t, 2, report.Leavers)
		require.Zero(t, report.Planned)
	}
	d, _, err := r.app.Ledger.Dossier(t.Context(), "workday-21003")
	require.NoError(t, err)
	require.NoError(t, r.app.Ledger.People().MarkDepartureContained(t.Context(), "workday-21003", d.Person.Episode, r.clock.Now()))
	require.Equal(t, 1, poll().Leavers)
}

// TestRecordsThatCannotBeReadAreSetAside: the others go on, and these are tried again until they can be read.
func TestRecordsThatCannotBeReadAreSetAside(t *testing.T) {
	t.Parallel()
	t.Run("one employee of BambooHR", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		r.settle("bamboohr", "1", r.collect("bamboohr", "1").Cursor)
		r.clock.Advance(time.Hour)
		r.hr("bamboohr", "terminate", "105", control.Fields{"last_day": "today", "location": "Berlin"})
		r.hr("bamboohr", "terminate", "106", control.Fields{"last_day": "today", "location": "Berlin"})
		r.fault(control.Fault{When: "before", Style: "status", Status: 500, Times: -1, Path: "/api/v1/employees/105"})
		for _, batch := range []string{"2", "3"} {
			report := r.collect("bamboohr", batch)
			require.Equal(t, 1, report.SetAside)
			require.Equal(t, 1, report.SetAsideLeft)
			require.Equal(t, "HTTP 500: 1", report.SetAsideWhy)
			require.Equal(t, 1, report.Leavers)
			require.Zero(t, report.Vanished)
			require.Equal(t, 10, report.Seen)
			r.settle("bamboohr", batch, report.Cursor)
			require.Contains(t, r.hints(), "person/bamboohr-106")
			require.NotContains(t, r.hints(), "person/bamboohr-105")
			aside, err := r.app.Ledger.Roster().Findings(t.Context(), "bamboohr", roster.FindingSetAside)
			require.NoError(t, err)
			require.Len(t, aside, 1)
			require.Equal(t, "105", aside[0].Subject)
			r.clock.Advance(time.Hour)
		}
		r.heal()
		report := r.collect("bamboohr", "4")
		require.Zero(t, report.SetAside)
		require.Equal(t, 2, report.Leavers, "the one who could not be read is a leaver, and the other one is not out yet")
		r.settle("bamboohr", "4", report.Cursor)
		require.Contains(t, r.hints(), "person/bamboohr-105")
		aside, err := r.app.Ledger.Roster().Findings(t.Context(), "bamboohr", roster.FindingSetAside)
		require.NoError(t, err)
		require.Empty(t, aside)
	})
	t.Run("all of BambooHR", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		r.fault(control.Fault{When: "before", Style: "status", Status: 500, Times: -1, Op: "bamboohr.get_employee"})
		_, err := r.run(api.SyncCollect, api.SyncInput{Source: "bamboohr", Batch: "1"})
		require.ErrorContains(t, err, "HTTP 500")
	})
	t.Run("ids of Workday", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		r.settle("workday", "1", r.collect("workday", "1").Cursor)
		for i, id := range []string{"Ä1", "21\t09", string(slices.Repeat([]byte("9"), 1100)), "a b"} {
			fields := ada(control.Fields{"first_name": fmt.Sprint("Odd", i), "personal_email": ""})
			if i == 0 {
				fields["status"] = "Terminated"
			}
			_, err := r.sandbox.HR(t.Context(), "workday", "hire", id, fields, true)
			require.NoError(t, err)
		}
		r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "location": "Berlin"})
		report := r.collect("workday", "2")
		require.Equal(t, 4, report.SetAside)
		require.Equal(t, 1, report.SetAsideLeft)
		require.Equal(t, "the employee id cannot be used: 4", report.SetAsideWhy)
		require.Equal(t, 1, report.Leavers)
		require.Zero(t, report.Changed+report.Vanished)
		r.settle("workday", "2", report.Cursor)
		require.Equal(t, []string{"person/workday-21003"}, r.hints())
	})
}

// TestEmployeesWithoutAStatusRowAreRead: they are in no table that lists people.
func TestEmployeesWithoutAStatusRowAreRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hr("bamboohr", "change", "104", control.Fields{"no_status_row": true})
	first := r.collect("bamboohr", "1")
	require.Equal(t, 10, first.Seen)
	r.settle("bamboohr", "1", first.Cursor)
	r.clock.Advance(time.Hour)
	joiner := r.hire("bamboohr", ada(control.Fields{"manager_id": "101", "no_status_row": true}))
	r.hr("bamboohr", "change", "104", control.Fields{"title": "Chief Tester"})
	report := r.collect("bamboohr", "2")
	require.Equal(t, 11, report.Seen)
	require.Equal(t, 2, report.Changed)
	r.settle("bamboohr", "2", report.Cursor)
	require.ElementsMatch(t, []string{"person/" + joiner, "person/bamboohr-104"}, r.hints())
	r.clock.Advance(time.Hour)
	require.Zero(t, r.collect("bamboohr", "3").Changed)
	r.hr("bamboohr", "delete", "104", nil)
	require.Equal(t, 1, r.collect("bamboohr", "4").Vanished)
}

// TestCursorOfAnEarlierVersion knew only those with a row in the table: the next reading goes on from it and asks for
// everybody else.
func TestCursorOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hr("bamboohr", "change", "104", control.Fields{"no_status_row": true})
	r.settle("bamboohr", "1", r.collect("bamboohr", "1").Cursor)
	state, err := r.app.Ledger.Roster().Source(t.Context(), "bamboohr")
	require.NoError(t, err)
	state.Cursor = r.clock.Now().Format(time.RFC3339)
	require.NoError(t, r.app.Ledger.Roster().PutSource(t.Context(), state))
	r.clock.Advance(time.Hour)
	r.hr("bamboohr", "change", "105", control.Fields{"title": "Chief Tester"})
	report := r.collect("bamboohr", "2")
	require.Equal(t, 1, report.Changed)
	require.Equal(t, "all/"+r.clock.Now().UTC().Format(time.RFC3339), report.Cursor)
}

// TestWhoHadLeftBeforeIsRaisedOnceTheirAccountIsKnown: until then they are one batch, and whoever has no open account stays
// in it.
func TestWhoHadLeftBeforeIsRaisedOnceTheirAccountIsKnown(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today-45"})
	require.True(t, r.account("workday-21005").CanSignIn)
	r.settle("workday", "1", r.collect("workday", "1").Cursor)
	r.clock.Advance(time.Hour)
	require.Zero(t, r.collect("workday", "2").Leavers)
	r.sweep("s1")
	r.matchAll()
	report := r.collect("workday", "3")
	require.Equal(t, 1, report.Leavers)
	r.settle("workday", "3", report.Cursor)
	require.Equal(t, []string{"person/workday-21005", "person/workday-21005"}, r.hints(), "by the comparison, and by the poll")
	left, err := r.app.Ledger.Roster().Findings(t.Context(), "workday", roster.FindingLeftBefore)
	require.NoError(t, err)
	require.Len(t, left, 3, "whose accounts are suspended")
	require.Equal(t, 1, r.collect("workday", "4").Leavers, "until they are out")
}

// TestNobodysDepartureWaitsForTheStatusTable: the record says that they have left. Of everybody else the table is needed,
// because a last day to come stands nowhere else.
func TestNobodysDepartureWaitsForTheStatusTable(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]control.Fault{
		"refused": {When: "before", Style: "status", Status: 500, Times: -1, Op: "bamboohr.get_table"},
		"slow":    {When: "before", Style: "delay", DelayMS: 5000, Times: -1, Op: "bamboohr.get_table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			r.hr("bamboohr", "terminate", "105", control.Fields{"last_day": "today", "location": "Berlin"})
			r.fault(fault)
			began := time.Now()
			require.Equal(t, "leave", string(r.assess("bamboohr-105").Plan.Verdict))
			require.Less(t, time.Since(began), 4*time.Second)
			if name == "refused" {
				_, err := r.vendors.Activities.Person.Assess(t.Context(), assessInput("bamboohr-106"))
				require.ErrorContains(t, err, "HTTP 500")
			}
		})
	}
}
