package activities_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// saying answers about some employees what another one would not.
type saying struct {
	hr.Source
	change func(*identity.Record)
	err    error

	mu   sync.Mutex
	read []string
}

func (s *saying) Read(ctx context.Context, id string) (identity.Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = append(s.read, id)
	if s.err != nil {
		return identity.Record{}, false, s.err
	}
	rec, found, err := s.Source.Read(ctx, id)
	s.change(&rec)
	return rec, found, err
}

// TestReportThatIsNotBelievedHoldsUpNoDeparture: whose own record says what the report says is staged, in a batch of its own;
// whose own record says otherwise is not, and neither is anybody else who has changed.
func TestReportThatIsNotBelievedHoldsUpNoDeparture(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]any{
		"rows are gone":      {"drop_rows": 0.3},
		"a column is gone":   {"drop_columns": []string{"Department"}},
		"rows and a column":  {"drop_rows": 0.3, "drop_columns": []string{"Department"}},
		"another one's gone": {"blank_columns": []string{"Department"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			r.settle("workday", "1", r.collect("workday", "1").Cursor)
			r.clock.Advance(time.Hour)
			r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "involuntary": true})
			r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today+1", "location": "Berlin"})
			r.hr("workday", "terminate", "21008", control.Fields{"last_day": "today", "involuntary": true})
			r.hr("workday", "change", "21006", control.Fields{"title": "Chief Tester"})
			joiner := r.hire("workday", ada(control.Fields{"hire_date": "today"}))
			require.NoError(t, r.sandbox.Workday(t.Context(), settings))
			sources := r.vendors.Activities.Sync.Person.Sources
			stays := &saying{Source: sources["workday"], change: func(rec *identity.Record) {
				if rec.EmployeeID == "21008" {
					rec.Status, rec.LastDay, rec.TerminationDate = identity.StatusActive, "", ""
				}
			}}
			sources["workday"] = stays

			report := r.collect("workday", "2")
			require.NotEmpty(t, report.Quarantine)
			require.Equal(t, 1, report.Leavers)
			require.Equal(t, 1, report.Changed)
			require.Zero(t, report.Unconfirmed)
			require.ElementsMatch(t, []string{"21003", "21005", "21008"}, stays.read)
			staged, err := r.app.Ledger.Roster().Staged(t.Context(), report.Confirmed, 0)
			require.NoError(t, err)
			var ids []string
			for _, c := range staged {
				ids = append(ids, c.EmployeeID+" "+c.Kind)
			}
			require.Equal(t, []string{"21003 leaver", "21005 changed"}, ids)
			departures, err := r.app.Ledger.People().OpenDepartures(t.Context(), r.clock.Now().Add(72*time.Hour))
			require.NoError(t, err)
			require.Len(t, departures, 2)

			before, err := r.app.Ledger.Roster().Source(t.Context(), "workday")
			require.NoError(t, err)
			r.clock.Advance(time.Minute)
			r.must(api.SyncAdmit, api.BatchInput{Source: "workday", Batch: report.Confirmed})
			r.must(api.SyncHint, api.BatchInput{Source: "workday", Batch: report.Confirmed, Partial: true})
			require.ElementsMatch(t, []string{"person/workday-21003", "person/workday-21005"}, r.hints())
			after, err := r.app.Ledger.Roster().Source(t.Context(), "workday")
			require.NoError(t, err)
			require.Equal(t, before.SyncedAt, after.SyncedAt, "the source is in step no more than before")

			require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{}))
			sources["workday"] = stays.Source
			report = r.collect("workday", "2")
			require.Empty(t, report.Quarantine)
			r.settle("workday", "2", report.Cursor)
			require.Subset(t, r.hints(), []string{"person/workday-21008", "person/workday-21006", "person/" + joiner})
		})
	}
}

// TestDepartureThatCannotBeConfirmedIsCounted, and tried again by the next reading.
func TestDepartureThatCannotBeConfirmedIsCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.settle("workday", "1", r.collect("workday", "1").Cursor)
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "involuntary": true})
	require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"drop_rows": 0.3}))
	sources := r.vendors.Activities.Sync.Person.Sources
	sound := sources["workday"]
	sources["workday"] = &saying{Source: sound, err: errors.New("HTTP 500")}
	report := r.collect("workday", "2")
	require.NotEmpty(t, report.Quarantine)
	require.Empty(t, report.Confirmed)
	require.Equal(t, 1, report.Unconfirmed)
	sources["workday"] = sound
	require.Equal(t, 1, r.collect("workday", "2").Leavers)
}
