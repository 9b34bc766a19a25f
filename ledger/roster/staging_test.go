package roster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

func testRoster(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	row := func(source, id, digest string, active bool) roster.Row {
		return roster.Row{Source: source, EmployeeID: id, Digest: digest, Active: active, SeenAt: c.Now()}
	}
	one := row("workday", "1", "d1", true)
	withFields := one
	withFields.Sealed = []byte(`{"name":"Ada"}`)
	require.NoError(t, l.Roster().Put(ctx, nil))
	require.NoError(t, l.Roster().Put(ctx, []roster.Row{
		row("workday", "1", "old", false), withFields, row("workday", "2", "d2", false), row("bamboohr", "1", "d3", true),
	}))
	got, err := l.Roster().Rows(ctx, "workday")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(map[string]roster.Row{"1": one, "2": row("workday", "2", "d2", false)}, got))
	for source, want := range map[string]int{"workday": 1, "bamboohr": 1, "": 2, "nowhere": 0} {
		n, err := l.Roster().ActivePeople(ctx, source)
		require.NoError(t, err)
		require.Equal(t, want, n, "source %q", source)
	}

	c.Advance(time.Hour)
	require.NoError(t, l.Roster().Put(ctx, []roster.Row{{Source: "workday", EmployeeID: "1", Digest: "d9"}}))
	withFields.Digest, withFields.Active, withFields.SeenAt = "d9", false, c.Now()
	stored, found, err := l.Roster().Row(ctx, "workday", "1")
	require.NoError(t, err)
	require.True(t, found)
	require.Empty(t, cmp.Diff(withFields, stored), "without new fields the known ones stay")
	_, found, err = l.Roster().Row(ctx, "workday", "99")
	require.NoError(t, err)
	require.False(t, found)
}

// testActivePeople counts a company that is large enough for the count to be kept.
func testActivePeople(t *testing.T, e storetest.Engine) {
	ctx, c, url := context.Background(), storetest.NewClock(), e.URL(t)
	l, other := storetest.Open(t, url, ledger.Options{Clock: c.Now}), storetest.Open(t, url, ledger.Options{Clock: c.Now})
	const n = 1200
	rows := make([]roster.Row, n)
	for i := range rows {
		rows[i] = roster.Row{Source: "workday", EmployeeID: fmt.Sprint(i), Active: true}
	}
	check := func(l *ledger.Ledger, want int) {
		t.Helper()
		for _, source := range []string{"workday", ""} {
			got, err := l.Roster().ActivePeople(ctx, source)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	check(l, 0)
	check(other, 0)
	require.NoError(t, l.Roster().Put(ctx, rows))
	check(l, n)
	check(other, n)
	rows[0].Active = false
	require.NoError(t, l.Roster().Put(ctx, rows[:1]))
	check(l, n-1)
	leaver := storetest.Change("1", "leaver", "d")
	require.NoError(t, l.Roster().Stage(ctx, "b1", []roster.StagedChange{leaver}))
	require.NoError(t, l.Roster().Settle(ctx, "b1", []string{"1"}))
	check(l, n-2)
	c.Advance(time.Minute)
	check(other, n-2)
}

func testSources(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	got, err := l.Roster().Source(ctx, "workday")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(roster.SourceState{Source: "workday"}, got))
	state := roster.SourceState{
		Source: "workday", Cursor: "c1", BaselinedAt: c.Now(), SyncedAt: c.Now(), QuarantinedAt: c.Now(),
		QuarantineReason: "40 of 100 records have gone", LastSize: 100,
	}
	require.NoError(t, l.Roster().PutSource(ctx, state))
	state.QuarantinedAt, state.QuarantineReason, state.LastSize = time.Time{}, "", 60
	require.NoError(t, l.Roster().PutSource(ctx, state))
	got, err = l.Roster().Source(ctx, "workday")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(state, got))
}

func testStaging(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	require.NoError(t, l.Roster().Put(ctx, []roster.Row{{Source: "workday", EmployeeID: "2", Digest: "old", Active: true}}))
	changes := []roster.StagedChange{storetest.Change("3", "leaver", "d3"), storetest.Change("1", "new", "d1"), storetest.Change("2", "changed", "d2")}
	stage := func() {
		t.Helper()
		require.NoError(t, l.Roster().Stage(ctx, "b1", changes))
	}
	stage()
	stage()
	counts := func(want map[string]int) {
		t.Helper()
		got, err := l.Roster().StageCounts(ctx, "b1")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
	counts(map[string]int{"new": 1, "changed": 1, "leaver": 1})
	require.Empty(t, cmp.Diff([]roster.StagedChange{changes[1], changes[2], changes[0]}, storetest.Staged(t, l, 0)))
	require.Empty(t, cmp.Diff([]roster.StagedChange{changes[1]}, storetest.Staged(t, l, 1)))

	c.Advance(time.Minute)
	for range 2 {
		require.NoError(t, l.Roster().Settle(ctx, "b1", []string{"1", "2", "99"}))
		require.Equal(t, map[string]string{"1": "d1", "2": "d2"}, storetest.RosterDigests(t, l))
		left := storetest.Staged(t, l, 0)
		require.Len(t, left, 1)
		require.Equal(t, "3", left[0].EmployeeID)
		stage() // A repeated attempt of the staging step.
	}
	counts(map[string]int{"new": 1, "changed": 1, "leaver": 1})
	row, _, err := l.Roster().Row(ctx, "workday", "1")
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"1"}`, string(row.Sealed))

	// The roster has moved on since the change was staged.
	c.Advance(time.Minute)
	require.NoError(t, l.Roster().Put(ctx, []roster.Row{{Source: "workday", EmployeeID: "3", Digest: "newer"}}))
	require.NoError(t, l.Roster().Settle(ctx, "b1", []string{"3"}))
	require.Equal(t, "newer", storetest.RosterDigests(t, l)["3"])
	require.Empty(t, storetest.Staged(t, l, 0))
	require.NoError(t, l.Roster().Settle(ctx, "b1", nil))
	require.Error(t, l.Roster().Stage(ctx, "", changes))
}

func testStagingMany(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	const n = 5000
	changes := make([]roster.StagedChange, n)
	ids := make([]string, n)
	for i := range n {
		ids[i] = fmt.Sprint(i)
		changes[i] = storetest.Change(ids[i], "new", "d")
	}
	require.NoError(t, l.Roster().Stage(ctx, "b1", changes))
	require.Len(t, storetest.Staged(t, l, 0), n)
	require.NoError(t, l.Roster().Settle(ctx, "b1", ids))
	require.Empty(t, storetest.Staged(t, l, 0))
	active, err := l.Roster().ActivePeople(ctx, "workday")
	require.NoError(t, err)
	require.Equal(t, n, active)
}

func testDrop(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: storetest.NewClock().Now})
	changes := []roster.StagedChange{storetest.Change("1", "new", "d1"), storetest.Change("2", "leaver", "d2"), storetest.Change("3", "vanished", "d3")}
	require.NoError(t, l.Roster().Stage(ctx, "b1", changes))
	require.NoError(t, l.Roster().DropBatch(ctx, "b1", []string{"leaver"}, true))
	require.Equal(t, map[string]string{"2": "d2"}, storetest.RosterDigests(t, l), "remembered")
	require.NoError(t, l.Roster().Stage(ctx, "b1", changes))
	require.Len(t, storetest.Staged(t, l, 0), 2, "what was dropped does not come back")
	require.NoError(t, l.Roster().DropBatch(ctx, "b1", nil, false))
	require.Equal(t, map[string]string{"2": "d2"}, storetest.RosterDigests(t, l), "not remembered")
	require.Empty(t, storetest.Staged(t, l, 0))
	counts, err := l.Roster().StageCounts(ctx, "b1")
	require.NoError(t, err)
	require.Empty(t, counts)
}

// testSettleIsATransaction lets the second half of Settle fail: the first half must be undone.
func testSettleIsATransaction(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{})
	require.NoError(t, l.Roster().Stage(ctx, "b1", []roster.StagedChange{storetest.Change("1", "new", "d1"), storetest.Change("2", "new", "d2")}))
	raw := e.Raw(t, url)
	for _, stmt := range e.FailSettle {
		_, err := raw.ExecContext(ctx, stmt)
		require.NoError(t, err)
	}
	require.Error(t, l.Roster().Settle(ctx, "b1", []string{"1", "2"}))
	require.Empty(t, storetest.RosterDigests(t, l))
	require.Len(t, storetest.Staged(t, l, 0), 2)
	require.Error(t, l.Roster().DropBatch(ctx, "b1", nil, true))
	require.Empty(t, storetest.RosterDigests(t, l))
}

func testPrune(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	prune := func(before time.Time, want int64) {
		t.Helper()
		n, err := l.Roster().PruneStaged(ctx, before, 2)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	require.NoError(t, l.Roster().Stage(ctx, "b1", []roster.StagedChange{storetest.Change("1", "new", "d1"), storetest.Change("2", "new", "d2"), storetest.Change("3", "new", "d3")}))
	require.NoError(t, l.Roster().Stage(ctx, "b2", []roster.StagedChange{storetest.Change("1", "changed", "d4")}))
	require.NoError(t, l.Roster().Settle(ctx, "b1", []string{"1", "2"}))
	_, err := l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain", Keys: storetest.Keys(0, 2)})
	require.NoError(t, err)
	later := c.Now().Add(time.Second)
	prune(later, 0)
	counts, err := l.Roster().StageCounts(ctx, "b1")
	require.NoError(t, err)
	require.Equal(t, map[string]int{"new": 3}, counts, "a batch of which something waits is decided on its numbers")

	require.NoError(t, l.Roster().DropBatch(ctx, "b1", nil, false))
	prune(c.Now(), 0)
	prune(later, 2)
	prune(later, 1)
	prune(later, 0)
	left, err := l.Roster().Staged(ctx, "b2", 10)
	require.NoError(t, err)
	require.Len(t, left, 1, "what is waiting is not pruned")
	held, err := l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain", Keys: storetest.Keys(0, 2), Limit: budgets.Limit{Count: 1}})
	require.NoError(t, err)
	require.True(t, held.Granted, "who was let through once needs no room, whenever that was")
}
