package worklist_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
)

// testGaps: a gap keeps since when it is there and when its person was hinted, whatever else of it changes.
func testGaps(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	first := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	g := worklist.Gap{Key: "workday-1", Kind: "left", Source: "workday", State: worklist.GapHint, Since: first, Run: "a", Budgets: []string{"contain"}}
	role := worklist.Gap{Key: "workday-2", Kind: "added", State: worklist.GapFound, Steps: []string{"remove_roles A", "remove_roles B"}, AddedBy: "7", AddedAt: first, Since: first}
	require.NoError(t, l.Worklist().PutGaps(ctx, []worklist.Gap{g, role}))
	require.NoError(t, l.Worklist().MarkGapsHinted(ctx, []worklist.Gap{g}, first.Add(time.Minute)))
	again := g
	again.State, again.Since, again.Run = worklist.GapHeld, first.Add(time.Hour), "b"
	require.NoError(t, l.Worklist().PutGaps(ctx, []worklist.Gap{again}))

	all, err := l.Worklist().Gaps(ctx)
	require.NoError(t, err)
	g.State, g.Run, g.HintedAt = worklist.GapHeld, "b", first.Add(time.Minute)
	require.Equal(t, []worklist.Gap{g, role}, all)
	of, err := l.Worklist().GapsOfRun(ctx, "b")
	require.NoError(t, err)
	require.Equal(t, []worklist.Gap{g}, of)
	of, err = l.Worklist().GapsToClose(ctx)
	require.NoError(t, err)
	require.Equal(t, []worklist.Gap{g}, of, "the other is only recorded")
	of, err = l.Worklist().GapsOf(ctx, []string{"workday-2", "workday-3"})
	require.NoError(t, err)
	require.Equal(t, []worklist.Gap{role}, of)
	keys, err := l.Worklist().PeopleWithGaps(ctx, "left", "due")
	require.NoError(t, err)
	require.Equal(t, []string{"workday-1"}, keys)
	counts, err := l.Worklist().GapCounts(ctx)
	require.NoError(t, err)
	require.Equal(t, []worklist.GapCount{{Kind: "added", State: "found", People: 1, Since: first}, {Kind: "left", State: "held", People: 1, Since: first}}, counts)
	require.NoError(t, l.Worklist().DropGaps(ctx, []worklist.Gap{g}))
	all, err = l.Worklist().Gaps(ctx)
	require.NoError(t, err)
	require.Equal(t, []worklist.Gap{role}, all)
}

// testReconciles: a repeated attempt keeps what the first has decided, and only a comparison that could believe every source
// counts as one of everybody.
func testReconciles(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	_, found, err := l.Worklist().LastReconcile(ctx, true)
	require.NoError(t, err)
	require.False(t, found)
	for i, r := range []worklist.Reconcile{
		{Run: "a", Whole: true, Policy: "p1"}, {Run: "b", Whole: true, Policy: "p2", Unread: []string{"workday"}}, {Run: "c", Policy: "p2"},
	} {
		r.StartedAt = at.Add(time.Duration(i) * time.Hour)
		began, err := l.Worklist().BeginReconcile(ctx, r)
		require.NoError(t, err)
		require.Equal(t, r.Whole, began.Whole)
		began, err = l.Worklist().BeginReconcile(ctx, worklist.Reconcile{Run: r.Run, Policy: "another", StartedAt: at.Add(9 * time.Hour)})
		require.NoError(t, err)
		require.Equal(t, r.Policy, began.Policy)
		require.Equal(t, r.StartedAt, began.StartedAt)
		require.NoError(t, l.Worklist().ComparedReconcile(ctx, r))
		r.FinishedAt = r.StartedAt.Add(time.Minute)
		require.NoError(t, l.Worklist().FinishReconcile(ctx, r))
	}
	last, found, err := l.Worklist().LastReconcile(ctx, true)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "a", last.Run, "b could not believe workday")
	last, _, err = l.Worklist().LastReconcile(ctx, false)
	require.NoError(t, err)
	require.Equal(t, "c", last.Run)
}
