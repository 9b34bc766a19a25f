package cases

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"

	"github.com/stretchr/testify/require"
)

// TestCase_R05_ManyHiresRescindedAtOnce: one export says of everybody who is about to start that they do not come.
func TestCase_R05_ManyHiresRescindedAtOnce(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	hired, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "hire", Count: 16, Fields: control.Fields{"hire_date": "today+5"},
	})
	require.NoError(t, err)
	before := accounts(s)
	believing(s, "workday")
	long(s, "their accounts are prepared", func() bool { return accounts(s) == before+16 })
	for _, id := range hired {
		s.AwaitStage("workday-"+id, api.StageWaiting) // None of them is looked at before the poll.
	}
	intact := untouched(s)
	rescind := func(ids []string) {
		_, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "rescind", EmployeeIDs: ids})
		require.NoError(t, err)
	}
	rescind(hired)
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldDelete, 16)
	tell(s, "workday-"+hired[0])
	s.Sync("workday")
	for _, id := range hired {
		s.Until("the run of "+id+" waits", func() bool { return len(open(s, api.TypeOnboarding)) == 0 })
	}
	intact()
	require.Equal(t, 1, s.Said(it, "16 people would have an account deleted"), "one question, and one message")
	require.NotContains(t, s.Messages(security), "OVERDUE", "nobody of them could sign in")

	decideHold(s, "workday", api.HoldDelete, api.VerbAllow)
	long(s, "their accounts are deleted", func() bool { return accounts(s) == before })
}

// TestCase_R15_ContractsThatEndOnOneDay: they were entered ahead, and are more than the budget of a day.
func TestCase_R15_ContractsThatEndOnOneDay(t *testing.T) {
	t.Parallel()
	t.Run("answered", func(t *testing.T) {
		t.Parallel()
		s, today := yesterday(t)
		keys, ids := berliners(s, 14)
		moment := endTogether(s, keys[:10]...)
		kind := api.HoldAhead + moment.Format(time.DateOnly)
		s.Sync("workday")
		today()
		require.Contains(t, askedAbout(s, "workday", kind, 10), "the budget allows 5")
		require.True(t, time.Now().Before(moment), "asked when first seen")
		decideHold(s, "workday", kind, api.VerbAllow)
		require.Equal(t, 14, inside(s, ids), "nothing is done before the moment")
		long(s, "they are out", func() bool { return inside(s, ids[:10]) == 0 })
		require.False(t, time.Now().Before(moment))
		// Those whom nobody foresaw find the whole budget.
		leaves(s, keys[10:]...)
		s.AwaitShut(ids[10:]...)
		require.Empty(t, holdState(s, "workday", api.HoldLeaver).Attention)
	})
	t.Run("not answered", func(t *testing.T) {
		t.Parallel()
		s, today := yesterday(t)
		keys, ids := berliners(s, 8)
		moment := endTogether(s, keys...)
		kind := api.HoldAhead + moment.Format(time.DateOnly)
		s.Sync("workday")
		today()
		askedAbout(s, "workday", kind, 8)
		require.NotContains(t, s.Messages(security), "OVERDUE")
		long(s, "somebody is woken", func() bool { return strings.Contains(paged(s), "8 people of workday") })
		require.False(t, time.Now().Before(moment), "not before the moment")
		s.Until("security is told", func() bool { return strings.Contains(s.Messages(security), "OVERDUE") })
		s.Sync("workday")
		require.Equal(t, 8, inside(s, ids), "nothing is let through by time")
		require.Empty(t, attentions(s, keys), "one question, and not one of each")
		for _, key := range keys {
			require.NotContains(t, s.Messages(it), key, "nobody is named")
		}
		decideHold(s, "workday", kind, api.VerbAllow)
		long(s, "they are out", func() bool { return inside(s, ids) == 0 })
	})
}

// yesterday is a stack for which it is still the day before, until today is called: what is entered on the last day itself is
// not entered ahead.
func yesterday(t *testing.T) (s *kit.Stack, today func()) {
	t.Helper()
	var behind atomic.Int64
	behind.Store(int64(24 * time.Hour))
	s = kit.New(t, kit.Options{Clock: func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) }})
	s.Baseline()
	return s, func() { behind.Store(0) }
}

// endTogether has HR enter that contracts end at a moment to come, and returns it: a full minute, at least two minutes ahead.
func endTogether(s *kit.Stack, keys ...string) time.Time {
	s.T.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(s.T, err)
	moment := time.Now().In(zone).Add(3 * time.Minute).Truncate(time.Minute)
	reload(s, func(policy string) string {
		return kit.Replace(s.T, policy, `disable_at: "18:00"`, `disable_at: "`+moment.Format("15:04")+`"`)
	})
	for _, key := range keys {
		s.HR(key, "terminate", control.Fields{"last_day": moment.Format(time.DateOnly), "location": "Berlin"})
	}
	return moment
}
