package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/ledger/ledgertest"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// onBothEngines plays a test with a ledger of each kind.
func onBothEngines(t *testing.T, play func(t *testing.T, o rigOptions)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		play(t, rigOptions{})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := ledgertest.Database(t, ledgertest.Postgres(t), "rig")
		play(t, rigOptions{config: func(c *config.Config) { c.Ledger.URL = httpx.Secret(url) }})
	})
}

// TestRowsOfEqualRank: two rows of one employee id say different things, and neither counts more than the other. Which of them
// decides depends on what they say and not on where they stand, and it is told.
func TestRowsOfEqualRank(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, o rigOptions) {
		r := newRig(t, o)
		r.settle("workday", "1", r.collect("workday", "1").Cursor)
		key := r.hire("workday", ada())
		require.NoError(t, r.sandbox.HireAs(t.Context(), "workday", strings.TrimPrefix(key, "workday-"), ada(control.Fields{"department": "Sales"})))
		report := r.collect("workday", "2")
		require.Equal(t, 1, report.Changed)
		r.settle("workday", "2", report.Cursor)
		first := r.assess(key)
		require.Contains(t, codes(first), policy.NoticeRowsTied)

		require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"shuffle": true}))
		for _, batch := range []string{"3", "4", "5"} {
			r.clock.Advance(time.Hour)
			require.Zero(t, r.collect("workday", batch).Changed, "the same rows in another order")
			again := r.assess(key)
			require.Equal(t, first.Person.Record.Department, again.Person.Record.Department)
			require.Equal(t, first.Want, again.Want)
			require.Contains(t, codes(again), policy.NoticeRowsTied)
		}
		found, err := r.app.Ledger.People().AssessedOf(t.Context(), []string{key})
		require.NoError(t, err)
		require.Contains(t, found, key)
	})
}

// TestDoubtsOnBothEngines: what of a reading is quarantined is kept with the word about it, by either engine.
func TestDoubtsOnBothEngines(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, o rigOptions) {
		r := newRig(t, o)
		r.settle("workday", "1", r.collect("workday", "1").Cursor)
		r.clock.Advance(time.Hour)
		require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{"blank_columns": []string{"Worker_Type"}}))
		shown := r.collect("workday", "2")
		require.NotEmpty(t, shown.Quarantine)
		doubts, err := r.app.Ledger.Roster().Doubts(t.Context(), "workday")
		require.NoError(t, err)
		require.Len(t, doubts, 1)
		require.Equal(t, "employment_type", doubts[0].Columns)
		require.Zero(t, doubts[0].AcceptedAt)

		var report api.SyncReport
		in := api.SyncInput{Source: "workday", Batch: "3", Accept: true, Accepted: shown.Doubt, By: "ann@acme.example"}
		require.NoError(t, r.must(api.SyncCollect, in).Get(&report))
		require.Empty(t, report.Quarantine)
		doubts, err = r.app.Ledger.Roster().Doubts(t.Context(), "workday")
		require.NoError(t, err)
		require.Len(t, doubts, 1)
		require.Equal(t, "ann@acme.example", doubts[0].AcceptedBy)

		require.NoError(t, r.sandbox.Workday(t.Context(), map[string]any{}))
		require.Empty(t, r.collect("workday", "4").Quarantine)
		doubts, err = r.app.Ledger.Roster().Doubts(t.Context(), "workday")
		require.NoError(t, err)
		require.Empty(t, doubts)
	})
}
