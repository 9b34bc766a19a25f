package persons_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testAssessed: the latest assessment counts, in whatever order they are written.
func testAssessed(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	later := persons.Assessed{Key: "workday-1", At: at.Add(time.Hour), Want: "w", Verdict: "change", DueAt: at.Add(24 * time.Hour), Holding: []string{"observe"}, Policy: "p", Steps: []string{"add_roles A", "set_group B"}}
	require.NoError(t, l.People().NoteAssessed(ctx, persons.Assessed{Key: "workday-1", At: at, Verdict: "none"}))
	require.NoError(t, l.People().NoteAssessed(ctx, later))
	require.NoError(t, l.People().NoteAssessed(ctx, persons.Assessed{Key: "workday-1", At: at, Verdict: "none"}))
	all, err := l.People().AssessedOf(ctx, []string{"workday-1", "workday-2"})
	require.NoError(t, err)
	require.Equal(t, map[string]persons.Assessed{"workday-1": later}, all)
	for until, want := range map[time.Time][]string{later.DueAt.Add(-time.Minute): nil, later.DueAt: {"workday-1"}} {
		due, err := l.People().DueBy(ctx, until)
		require.NoError(t, err)
		require.Equal(t, want, due)
	}
	require.NoError(t, l.People().NoteAssessed(ctx, persons.Assessed{Key: "workday-1", At: later.DueAt, Verdict: "none", DueAt: later.DueAt}))
	due, err := l.People().DueBy(ctx, later.DueAt)
	require.NoError(t, err)
	require.Empty(t, due, "they were assessed since")
}
