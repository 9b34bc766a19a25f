package budgets_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/storetest"
)

// testFurther: the other accounts of a leaver take room too, and do not hold up the first.
func testFurther(t *testing.T, e storetest.Engine) {
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	reserve := func(person string, further ...string) budgets.Held {
		t.Helper()
		held, err := l.Budgets().Reserve(context.Background(), budgets.Reservation{
			Budget: "contain/workday", Keys: []string{person + "/1"}, Further: further, Limit: budgets.Limit{Count: 4}, Window: time.Hour, Hold: true,
		})
		require.NoError(t, err)
		return held
	}
	require.Equal(t, budgets.Held{Granted: true, Used: 3, Allowed: 4}, reserve("workday-1", "workday-1/1@onelogin/7", "workday-1/1@onelogin/8"))
	require.Equal(t, budgets.Held{Granted: true, Used: 4, Allowed: 4, FurtherHeld: true}, reserve("workday-2", "workday-2/1@onelogin/9"))
	require.Equal(t, budgets.Held{Granted: true, Used: 4, Allowed: 4}, reserve("workday-1", "workday-1/1@onelogin/7"), "counted before")
	require.False(t, reserve("workday-3").Granted)
}

// batch puts a person's change into a batch of group moves and grants.
func batch(t *testing.T, l *ledger.Ledger, person, want string) (tell bool) {
	t.Helper()
	tell, err := l.Budgets().HoldBack(context.Background(), budgets.HeldBack{
		Source: "workday", Kind: "grant", Person: person, Used: 5, Allowed: 5,
		Keys: []budgets.Key{{Budget: "grant/workday", Key: person + "/1/" + want}, {Budget: "group/workday", Key: person + "/1/" + want}},
	})
	require.NoError(t, err)
	return tell
}

func testBatches(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	count := func() budgets.Hold {
		t.Helper()
		h, _, err := l.Budgets().CountHold(ctx, "workday", "grant")
		require.NoError(t, err)
		return h
	}
	room := func(person, want string) (refused int) {
		t.Helper()
		var all []budgets.Reservation
		for _, budget := range []string{"grant/workday", "group/workday"} {
			all = append(all, budgets.Reservation{
				Budget: budget, Keys: []string{person + "/1/" + want}, Person: person + "/", Limit: budgets.Limit{Count: 1}, Window: time.Hour,
			})
		}
		_, refused, err := l.Budgets().ReserveAll(ctx, all)
		require.NoError(t, err)
		return refused
	}
	require.Equal(t, -1, room("workday-1", "sales"))
	require.Equal(t, 0, room("workday-2", "sales"))
	require.True(t, batch(t, l, "workday-2", "sales"), "the first of a list has to be told of")
	require.True(t, batch(t, l, "workday-2", "sales"), "and an attempt that is repeated says so once more, for as long as nobody has looked")
	require.False(t, batch(t, l, "workday-3", "sales"), "who comes while it is being counted has not")
	first := count()
	require.Equal(t, 2, first.People)
	require.NotEmpty(t, first.Hash)
	require.False(t, batch(t, l, "workday-3", "sales"), "nothing has changed")
	require.Equal(t, first, count())
	require.True(t, batch(t, l, "workday-3", "support"), "another change is another list")
	second := count()
	require.Equal(t, 2, second.People)
	require.NotEqual(t, first.Hash, second.Hash)

	c.Advance(2 * time.Hour)
	require.Equal(t, 0, room("workday-3", "anything"), "whoever is held with a batch stays so, whatever there is room for")
	require.Equal(t, -1, room("workday-4", "sales"), "and nobody else is")
	require.NoError(t, l.Budgets().LeaveHolds(ctx, "workday-3"))
	require.Equal(t, 1, count().People)
	holds, err := l.Budgets().HeldFor(ctx, "workday-2")
	require.NoError(t, err)
	require.Len(t, holds, 1)

	// Somebody comes while the list is let through: they stay.
	held, err := l.Budgets().HeldIn(ctx, "workday", "grant")
	require.NoError(t, err)
	require.Len(t, held, 2)
	batch(t, l, "workday-5", "sales")
	for range 2 {
		require.NoError(t, l.Budgets().LiftKeys(ctx, "workday", "grant", held))
	}
	require.Equal(t, 1, count().People)
	require.NoError(t, l.Budgets().LeaveHolds(ctx, "workday-5"))
	_, found, err := l.Budgets().CountHold(ctx, "workday", "grant")
	require.NoError(t, err)
	require.False(t, found, "a list of nobody is gone")
}

// testForeseen: what was let through ahead of its day is free, and takes no room from those who come unforeseen.
func testForeseen(t *testing.T, e storetest.Engine) {
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	moment := c.Now().Add(30 * 24 * time.Hour)
	_, err := l.Budgets().Reserve(context.Background(), budgets.Reservation{
		Budget: "contain/workday", Keys: []string{storetest.Key(1), storetest.Key(2), storetest.Key(3)}, Limit: budgets.Limit{Count: 2}, Window: time.Hour,
		Override: true, Foreseen: true, At: moment, By: "it",
	})
	require.NoError(t, err)
	c.Advance(moment.Sub(c.Now()))
	require.True(t, asked(t, l, false, storetest.Key(4), storetest.Key(5)).Granted)
	require.True(t, asked(t, l, false, storetest.Key(1)).Granted)
	require.False(t, asked(t, l, false, storetest.Key(6)).Granted)
}

// testWhole: the changes of many people take room in every budget, or in none.
func testWhole(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	ask := func(want string, people ...string) budgets.Whole {
		t.Helper()
		var all []budgets.Reservation
		for _, budget := range []string{"grant/workday", "group/workday"} {
			r := budgets.Reservation{Budget: budget, Limit: budgets.Limit{Count: 3}, Window: time.Hour, By: "gatehouse"}
			if budget == "grant/workday" {
				r.Limit.Count = 9
			}
			for _, person := range people {
				r.Keys = append(r.Keys, person+"/1/"+want)
			}
			all = append(all, r)
		}
		whole, err := l.Budgets().ReserveWhole(ctx, all)
		require.NoError(t, err)
		return whole
	}
	many := []string{"workday-1", "workday-2", "workday-3", "workday-4"}
	whole := ask("a", many...)
	require.False(t, whole.Granted)
	require.Equal(t, map[string]budgets.Held{"group/workday": {Allowed: 3}}, whole.Refused)
	require.Len(t, whole.New["group/workday"], 4)
	uses, err := l.Budgets().Uses(ctx, c.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Empty(t, uses, "nobody took any room")

	require.True(t, ask("a", many[:3]...).Granted)
	require.True(t, ask("a", many[:3]...).Granted, "repeated")
	require.True(t, ask("b", many[:3]...).Granted, "what they want by now costs what the first change cost")
	whole = ask("b", many...)
	require.False(t, whole.Granted)
	require.Equal(t, []string{"workday-4/1/b"}, whole.New["group/workday"], "who was counted is not refused")

	tell := batch(t, l, "workday-4", "b")
	require.True(t, tell)
	c.Advance(2 * time.Hour)
	require.True(t, ask("c", "workday-4", "workday-5").Granted)
	uses, err = l.Budgets().Uses(ctx, c.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, []budgets.Use{{Budget: "grant/workday", Used: 1, Held: 1}, {Budget: "group/workday", Used: 1, Held: 1}}, uses,
		"who is held waits on, and takes no room from the others")
}

// testHeldApart: what somebody waits for in one system has nothing to do with what they wait for elsewhere, and departures are held there
// as any change is.
func testHeldApart(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	out := budgets.Reservation{
		Budget: "contain/google", Keys: []string{"workday-1/1"}, HeldAs: "workday-1/google", Limit: budgets.Limit{Count: 1}, Window: time.Hour, Hold: true,
	}
	apart := budgets.HeldBack{Source: "google", Kind: "leaver", Person: "workday-1/google", Keys: []budgets.Key{{Budget: "contain/google", Key: "workday-1/1"}}}
	_, err := l.Budgets().HoldBack(ctx, apart)
	require.NoError(t, err)
	batch(t, l, "workday-1", "sales")
	held, err := l.Budgets().HeldAs(ctx, []string{"workday-1", "workday-1/google", "workday-1/salesforce"})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"workday-1", "workday-1/google"}, held)
	_, refused, err := l.Budgets().ReserveAll(ctx, []budgets.Reservation{out})
	require.NoError(t, err)
	require.Zero(t, refused, "whoever is held with a batch stays so, whatever there is room for")

	require.NoError(t, l.Budgets().LeaveHolds(ctx, "workday-1"))
	h, found, err := l.Budgets().CountHold(ctx, "google", "leaver")
	require.NoError(t, err)
	require.True(t, found && h.People == 1, "they wait there all the same")
	require.NoError(t, l.Budgets().LeaveHolds(ctx, "workday-1/google"))
	_, found, err = l.Budgets().CountHold(ctx, "google", "leaver")
	require.NoError(t, err)
	require.False(t, found)
	_, refused, err = l.Budgets().ReserveAll(ctx, []budgets.Reservation{out})
	require.NoError(t, err)
	require.Negative(t, refused)

	through := func() bool {
		t.Helper()
		yes, err := l.Budgets().LetThrough(ctx, out.Budget, "workday-2/1")
		require.NoError(t, err)
		return yes
	}
	out.Keys, out.Override = []string{"workday-2/1"}, true
	require.False(t, through())
	_, err = l.Budgets().Reserve(ctx, out)
	require.NoError(t, err)
	require.True(t, through(), "by somebody's word")
}
