package budgets_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/storetest"
)

func TestLimitAllowed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit budgets.Limit
		want  int
	}{
		"count":                         {budgets.Limit{Count: 20}, 20},
		"percent":                       {budgets.Limit{Percent: 5, Of: 200}, 10},
		"the smaller, count":            {budgets.Limit{Count: 3, Percent: 5, Of: 200}, 3},
		"the smaller, percent":          {budgets.Limit{Count: 20, Percent: 5, Of: 200}, 10},
		"rounded down":                  {budgets.Limit{Percent: 5, Of: 139}, 6},
		"a small company":               {budgets.Limit{Count: 20, Percent: 5, Of: 3}, 5},
		"nobody":                        {budgets.Limit{Percent: 5}, 5},
		"a count below the floor":       {budgets.Limit{Count: 2, Percent: 5, Of: 3}, 2},
		"negative numbers are no limit": {budgets.Limit{Count: -1, Percent: -1, Of: 3}, budgets.Unlimited},
		"nothing":                       {budgets.Limit{}, budgets.Unlimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, test.limit.Allowed())
		})
	}
}

func testReserve(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	reserve := func(override bool, keys ...string) budgets.Held {
		t.Helper()
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: "contain", Keys: keys, Limit: budgets.Limit{Count: 2}, Window: 24 * time.Hour, Override: override, By: "it",
		})
		require.NoError(t, err)
		return held
	}
	check := func(got budgets.Held, granted bool, used int) {
		t.Helper()
		require.Empty(t, cmp.Diff(budgets.Held{Granted: granted, Used: used, Allowed: 2}, got))
	}
	check(reserve(false, storetest.Key(1)), true, 1)
	check(reserve(false, storetest.Key(1)), true, 1)
	c.Advance(12 * time.Hour)
	check(reserve(false, storetest.Key(2), storetest.Key(2)), true, 2)
	check(reserve(false, storetest.Key(3)), false, 2)
	check(reserve(false, storetest.Key(1), storetest.Key(2)), true, 2)
	check(reserve(true, storetest.Key(4)), true, 3)
	check(reserve(false, storetest.Key(3)), false, 3)

	c.Advance(12 * time.Hour)
	check(reserve(false, storetest.Key(3)), false, 2)
	c.Advance(12 * time.Hour)
	check(reserve(false, storetest.Key(3)), true, 1)
	check(reserve(false, storetest.Key(1)), true, 1)

	held, err := l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "other", Keys: []string{storetest.Key(9)}, Limit: budgets.Limit{Count: 1}})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(budgets.Held{Granted: true, Used: 1, Allowed: 1}, held), "budgets are apart")
	_, err = l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain"})
	require.Error(t, err)
}

func testReservePerPerson(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	reserve := func(person, want string) budgets.Held {
		t.Helper()
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: "remove", Keys: []string{person + "/1/" + want}, Person: person + "/", Limit: budgets.Limit{Count: 1}, Window: 24 * time.Hour,
		})
		require.NoError(t, err)
		return held
	}
	require.True(t, reserve("workday-1", "sales").Granted)
	require.Equal(t, budgets.Held{Granted: true, Used: 1, Allowed: 1}, reserve("workday-1", "marketing"), "the same person moves on")
	require.False(t, reserve("workday-10", "sales").Granted, "somebody else, whose key begins alike")
	c.Advance(25 * time.Hour)
	require.True(t, reserve("workday-10", "sales").Granted)
	require.False(t, reserve("workday-1", "finance").Granted, "a day later it is a change of its own")
}

func testReserveAllOrNothing(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	reserve := func(keys []string) budgets.Held {
		t.Helper()
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain", Keys: keys, Limit: budgets.Limit{Count: 5000}})
		require.NoError(t, err)
		return held
	}
	require.Empty(t, cmp.Diff(budgets.Held{Allowed: 5000}, reserve(storetest.Keys(0, 5001))))
	require.Empty(t, cmp.Diff(budgets.Held{Granted: true, Used: 4990, Allowed: 5000}, reserve(storetest.Keys(0, 4990))))
	require.Empty(t, cmp.Diff(budgets.Held{Used: 4990, Allowed: 5000}, reserve(storetest.Keys(4980, 21))))
	require.Empty(t, cmp.Diff(budgets.Held{Granted: true, Used: 5000, Allowed: 5000}, reserve(storetest.Keys(4980, 20))))
}

func testReserveAtOnce(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	const limit, batch = 20, 3
	var granted, most atomic.Int64
	require.NoError(t, storetest.AtOnce(32, func(i int) error {
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: "contain", Keys: storetest.Keys(i*batch, batch), Limit: budgets.Limit{Count: limit}, Window: time.Hour,
		})
		if held.Granted {
			granted.Add(batch)
		}
		for used := int64(held.Used); ; {
			seen := most.Load()
			if used <= seen || most.CompareAndSwap(seen, used) {
				return err
			}
		}
	}))
	require.EqualValues(t, limit/batch*batch, granted.Load())
	require.Equal(t, granted.Load(), most.Load())
}
