package activities_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// TestWhatAnExportDoesWrong: an export that has gone wrong hints nobody but who leaves by their own record, and one that is only
// written otherwise changes nothing.
func TestWhatAnExportDoesWrong(t *testing.T) {
	t.Parallel()
	names := []string{"First_Name", "Last_Name"}
	tests := map[string]struct {
		settings map[string]any
		// why is in the reason for which it is quarantined, "" if it is.
		why string
	}{
		"worker types are blank":            {map[string]any{"blank_columns": []string{"Worker_Type"}}, "employment_type"},
		"half of the departments are blank": {map[string]any{"half_columns": []string{"Department"}}, "department"},
		"half of the names are blank":       {map[string]any{"half_columns": names}, "[name]"},
		"half of the ids are blank":         {map[string]any{"half_columns": []string{"Employee_ID"}}, "more than a tenth is gone"},
		"a heading was renamed":             {map[string]any{"rename_columns": map[string]string{"Location": "Office"}}, "location"},
		"the ids have another heading":      {map[string]any{"rename_columns": map[string]string{"Employee_ID": "Worker_ID"}}, "employee_id"},
		"names are one row off":             {map[string]any{"shift_columns": names}, "[name]"},
		"departments are one row off":       {map[string]any{"shift_columns": []string{"Department"}}, "department"},
		"addresses are one row off":         {map[string]any{"shift_columns": []string{"Work_Email", "Personal_Email"}}, "work_email"},
		"ids are one row off":               {map[string]any{"shift_columns": []string{"Employee_ID"}}, "carry another name and other addresses"},
		"titles in the column of statuses": {map[string]any{
			"drop_columns": []string{"Status"}, "rename_columns": map[string]string{"Business_Title": "Status"},
		}, "it cannot be told any more whether they do"},
		"written in Latin-1":               {map[string]any{"encoding": "latin1"}, "broken encoding"},
		"written in Windows-1252":          {map[string]any{"encoding": "windows1252"}, "broken encoding"},
		"written in UTF-8 twice":           {map[string]any{"encoding": "twice"}, "broken encoding"},
		"accents were replaced":            {map[string]any{"encoding": "lost"}, "broken encoding"},
		"written in UTF-16":                {map[string]any{"encoding": "utf16le"}, ""},
		"written in UTF-16, the other way": {map[string]any{"encoding": "utf16be"}, ""},
		"a mark at the beginning":          {map[string]any{"encoding": "utf8bom"}, ""},
		"every row stands twice":           {map[string]any{"repeat": 1}, ""},
		"a page was read three times":      {map[string]any{"repeat": 2, "shuffle": true}, ""},
		"rows in any order":                {map[string]any{"shuffle": true}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			// A leaver among them: what ends their access has no need of their name.
			for id, name := range map[string]string{"21003": "Müller", "21004": "Gómez", "21005": "Łukasiewicz", "21006": "Sjöberg"} {
				r.hr("workday", "change", id, control.Fields{"last_name": name})
			}
			r.settle("workday", "1", r.collect("workday", "1").Cursor)
			before := r.hints()
			r.clock.Advance(time.Hour)
			require.NoError(t, r.sandbox.Workday(t.Context(), tt.settings))
			r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today", "involuntary": true})
			report := r.collect("workday", "2")
			batch := api.BatchInput{Source: "workday", Batch: "2", Cursor: report.Cursor}
			if tt.why == "" {
				require.Empty(t, report.Quarantine)
			} else {
				require.Contains(t, report.Quarantine, tt.why)
				batch = api.BatchInput{Source: "workday", Batch: report.Confirmed, Partial: true}
			}
			if batch.Batch != "" {
				r.must(api.SyncHint, batch)
			}
			hinted := slices.DeleteFunc(r.hints(), func(id string) bool { return slices.Contains(before, id) })
			for _, id := range hinted {
				require.Equal(t, "person/workday-21005", id)
			}

			require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{}))
			require.Empty(t, r.collect("workday", "3").Quarantine, "what was repaired is believed")
		})
	}
}

// TestManyNamesWrittenInAnotherWay: a report whose names are swapped or in capitals renames nobody, one person alone is renamed, and what
// is repaired or accepted goes on.
func TestManyNamesWrittenInAnotherWay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(first, last string) control.Fields{
		"swapped":     func(first, last string) control.Fields { return control.Fields{"first_name": last, "last_name": first} },
		"in capitals": func(_, last string) control.Fields { return control.Fields{"last_name": strings.ToUpper(last)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			spoil := func(ids ...int) {
				for _, id := range ids {
					p := r.account("workday-" + strconv.Itoa(id))
					r.hr("workday", "change", strconv.Itoa(id), change(p.FirstName, p.LastName))
				}
			}
			r.settle("workday", "1", r.collect("workday", "1").Cursor)
			spoil(21003)
			report := r.collect("workday", "2")
			require.Empty(t, report.Quarantine, "one person alone is renamed")
			require.Equal(t, 1, report.Changed)
			r.settle("workday", "2", report.Cursor)
			before := r.account("workday-21010")
			spoil(21010, 21011, 21012, 21013, 21014, 21015, 21016)
			report = r.collect("workday", "3")
			require.Contains(t, report.Quarantine, "another name than at the last reading")
			require.Zero(t, report.Changed+report.Leavers+report.Vanished)
			r.carryOut(r.assess("workday-21010"))
			require.Equal(t, before.LastName, r.account("workday-21010").LastName, "nor is one who is looked at by themselves")

			var accepted api.SyncReport
			in := api.SyncInput{Source: "workday", Batch: "4", Accept: true, Accepted: report.Doubt, By: "Olivia"}
			require.NoError(t, r.must(api.SyncCollect, in).Get(&accepted))
			require.Equal(t, 7, accepted.Changed)
			r.settle("workday", "4", accepted.Cursor)
			r.carryOut(r.assess("workday-21010"))
			require.NotEqual(t, before.LastName, r.account("workday-21010").LastName, "what somebody accepts goes on")
		})
	}
}

// TestFirstReadingInABrokenEncoding: a first reading whose accents are all broken makes nobody known; a company that has a few old
// records with broken names beside many that are right is read like any other.
func TestFirstReadingInABrokenEncoding(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		encoding string
		names    []string
		why      string
	}{
		"all of them": {"windows1252", []string{"Müller", "Gómez", "Sjöberg", "Brontë"}, "4 records have texts in a broken encoding"},
		"a few":       {"", []string{"MÃ¼ller", "GÃ³mez", "SjÃ¶berg", "Brontë", "Müller", "Gómez", "Sjöberg"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			for i, last := range tt.names {
				r.hr("workday", "change", strconv.Itoa(21003+i), control.Fields{"last_name": last})
			}
			require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"encoding": tt.encoding}))
			report := r.collect("workday", "1")
			if tt.why == "" {
				require.Empty(t, report.Quarantine)
				return
			}
			require.Contains(t, report.Quarantine, tt.why)
			state, err := r.app.Ledger.Roster().Source(t.Context(), "workday")
			require.NoError(t, err)
			require.True(t, state.BaselinedAt.IsZero())
		})
	}
}

// TestAcceptedIsWhatWasShown: a word is about what was shown under its code, is kept while the source says the same, and goes with it.
func TestAcceptedIsWhatWasShown(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.settle("workday", "1", r.collect("workday", "1").Cursor)
	r.clock.Advance(time.Hour)
	require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"drop_columns": []string{"Department"}}))
	accept := func(code string) api.SyncReport {
		t.Helper()
		var report api.SyncReport
		in := api.SyncInput{Source: "workday", Batch: "2", Accept: code != "", Accepted: code, By: "ann@acme.example"}
		require.NoError(t, r.must(api.SyncCollect, in).Get(&report))
		return report
	}
	shown := accept("")
	require.NotEmpty(t, shown.Doubt)
	require.Equal(t, shown.Doubt, accept("0bad0bad").Doubt)
	require.Empty(t, accept(shown.Doubt).Quarantine)
	require.Empty(t, accept("").Quarantine, "the word stands while the source says the same")
	require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"drop_columns": []string{"Department", "Hire_Date"}}))
	again := accept("")
	require.NotEmpty(t, again.Quarantine)
	require.NotEqual(t, shown.Doubt, again.Doubt)
	require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{}))
	require.Empty(t, accept("").Quarantine)
	doubts, err := r.app.Ledger.Roster().Doubts(t.Context(), "workday")
	require.NoError(t, err)
	require.Empty(t, doubts)
}
