package budgets_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

// asked reserves in a budget of two that has refusals stand.
func asked(t *testing.T, l *ledger.Ledger, override bool, keys ...string) budgets.Held {
	t.Helper()
	held, err := l.Budgets().Reserve(context.Background(), budgets.Reservation{
		Budget: "contain/workday", Keys: keys, Limit: budgets.Limit{Count: 2}, Window: time.Hour, Override: override, Hold: true, By: "it",
	})
	require.NoError(t, err)
	return held
}

// testHeldForGood: what a budget refused stays refused, however much room time makes, until a person says otherwise.
func testHeldForGood(t *testing.T, e storetest.Engine) {
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	require.True(t, asked(t, l, false, storetest.Key(1), storetest.Key(2)).Granted)
	require.Equal(t, budgets.Held{Used: 2, Allowed: 2}, asked(t, l, false, storetest.Key(3)))
	for range 3 {
		c.Advance(24 * time.Hour)
		require.Equal(t, budgets.Held{Allowed: 2, Undecided: true}, asked(t, l, false, storetest.Key(3)))
	}
	require.True(t, asked(t, l, false, storetest.Key(4)).Granted, "somebody else finds room")
	require.True(t, asked(t, l, false, storetest.Key(1)).Granted, "what was granted once is free")
	require.True(t, asked(t, l, true, storetest.Key(3)).Granted)
	c.Advance(24 * time.Hour)
	require.True(t, asked(t, l, false, storetest.Key(3)).Granted, "what a person let through stays so")
	_, refused, err := l.Budgets().HeldAmong(context.Background(), "contain/workday", []string{storetest.Key(3)})
	require.NoError(t, err)
	require.Empty(t, refused)
	require.False(t, asked(t, l, false, storetest.Key(5), storetest.Key(6), storetest.Key(7)).Granted)
	require.False(t, asked(t, l, false, storetest.Key(5)).Granted, "a refused batch is not let through one by one")
}

// testHeldMoves: a person's refused change of position gives way to the next one.
func testHeldMoves(t *testing.T, e storetest.Engine) {
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	move := func(person, want string) bool {
		t.Helper()
		held, err := l.Budgets().Reserve(context.Background(), budgets.Reservation{
			Budget: "remove/workday", Keys: []string{person + "/1/" + want}, Person: person + "/", Limit: budgets.Limit{Count: 1},
			Window: time.Hour, Hold: true,
		})
		require.NoError(t, err)
		return held.Granted
	}
	require.True(t, move("workday-1", "sales"))
	require.False(t, move("workday-2", "sales"))
	require.False(t, move("workday-2", "finance"))
	c.Advance(2 * time.Hour)
	require.False(t, move("workday-2", "finance"))
	require.True(t, move("workday-2", "sales"), "HR went back to it, and the refusal was of what came after")
}

func testHolds(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	keep := func(keys ...string) budgets.Hold {
		t.Helper()
		h, err := l.Budgets().KeepHold(ctx, budgets.HeldBatch{Source: "workday", Kind: "leaver", Budget: "contain/workday", Keys: keys, Used: 1, Allowed: 2})
		require.NoError(t, err)
		return h
	}
	since := c.Now()
	first := keep(storetest.Key(3), storetest.Key(1), storetest.Key(2), storetest.Key(2))
	require.NotEmpty(t, first.Hash)
	require.Empty(t, cmp.Diff(budgets.Hold{
		Source: "workday", Kind: "leaver", Hash: first.Hash, People: 3, Used: 1, Allowed: 2, Since: since,
	}, first))
	require.Equal(t, first, keep(storetest.Key(1), storetest.Key(2), storetest.Key(3)), "the same list is the same hold")
	require.True(t, asked(t, l, false, storetest.Key(9)).Granted)
	require.True(t, asked(t, l, false, storetest.Key(1)).Undecided, "the budget holds whom the hold names")

	c.Advance(time.Hour)
	current, err := l.Budgets().RejectHold(ctx, "workday", "leaver", first.Hash, "j.doe")
	require.NoError(t, err)
	require.True(t, current)
	h, found, err := l.Budgets().HoldOf(ctx, "workday", "leaver")
	require.NoError(t, err)
	require.True(t, found)
	require.True(t, h.Rejected())
	require.Equal(t, "j.doe", h.RejectedBy)
	require.Equal(t, c.Now(), h.RejectedAt)

	second, err := l.Budgets().KeepHold(ctx, budgets.HeldBatch{Source: "workday", Kind: "leaver", Budget: "contain/workday", Keys: []string{storetest.Key(1), storetest.Key(2)}})
	require.NoError(t, err)
	require.False(t, second.Rejected(), "another list is another question")
	require.Equal(t, 2, second.Allowed, "what the budget said stays known")
	require.Equal(t, since, second.Since)
	require.True(t, asked(t, l, false, storetest.Key(3)).Granted, "who is not in the list any more is not held")
	current, err = l.Budgets().RejectHold(ctx, "workday", "leaver", first.Hash, "j.doe")
	require.NoError(t, err)
	require.False(t, current, "a word about another list counts for nothing")

	keys, err := l.Budgets().HeldKeys(ctx, "workday", "leaver")
	require.NoError(t, err)
	require.Equal(t, []string{storetest.Key(1), storetest.Key(2)}, keys)
	granted, held, err := l.Budgets().HeldAmong(ctx, "contain/workday", []string{storetest.Key(1), storetest.Key(3), storetest.Key(7)})
	require.NoError(t, err)
	require.Equal(t, []string{storetest.Key(3)}, granted)
	require.Equal(t, []string{storetest.Key(1)}, held)
	all, err := l.Budgets().Holds(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)

	keep(storetest.Key(5))
	require.Empty(t, cmp.Diff(budgets.Hold{Source: "workday", Kind: "leaver"}, keep()), "nobody is left")
	_, found, err = l.Budgets().HoldOf(ctx, "workday", "leaver")
	require.NoError(t, err)
	require.False(t, found)
	require.True(t, asked(t, l, false, storetest.Key(5)).Granted, "nothing stands against them any more")
}

// testKeepBack: a change that is kept back is raised again by the next reading, whatever the record looks like then.
func testKeepBack(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	require.NoError(t, l.Roster().Put(ctx, []roster.Row{
		{Source: "workday", EmployeeID: "1", Digest: "d1", Active: true}, {Source: "workday", EmployeeID: "2", Digest: "d2", Active: true},
	}))
	require.NoError(t, l.Roster().Stage(ctx, "b1", []roster.StagedChange{storetest.Change("1", "leaver", "gone1"), storetest.Change("2", "leaver", "gone2")}))
	for range 2 {
		require.NoError(t, l.Budgets().KeepBack(ctx, "b1", "workday", []string{"1"}))
	}
	require.Equal(t, []string{"2"}, []string{storetest.Staged(t, l, 0)[0].EmployeeID})
	require.Len(t, storetest.Staged(t, l, 0), 1)
	require.Equal(t, map[string]string{"1": "held", "2": "d2"}, storetest.RosterDigests(t, l))
	rows, err := l.Roster().Rows(ctx, "workday")
	require.NoError(t, err)
	require.True(t, rows["1"].Active, "they count as working here until it is decided")
	unread, err := l.Budgets().HeldRecords(ctx, "workday", "b1")
	require.NoError(t, err)
	require.Empty(t, unread, "this batch has read it")
	unread, err = l.Budgets().HeldRecords(ctx, "workday", "b2")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, unread)
	all, err := l.Roster().StagedOf(ctx, "b1", "leaver")
	require.NoError(t, err)
	require.Len(t, all, 2, "a repeated attempt finds what the one before kept back")
}
