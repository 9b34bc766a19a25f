package activities_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestDeletionsAreHeldAsOne: hires who do not come any more are hinted, and their accounts stay until somebody has decided.
func TestDeletionsAreHeldAsOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"delete: {count: 10, percent: 10}", "delete: {count: 1}"}})
	tellsOfHolds(r.temporal)
	r.collect("workday", "1")
	r.settle("workday", "1", "")
	var keys []string
	for i := range 2 {
		keys = append(keys, r.hire("workday", ada(control.Fields{"first_name": fmt.Sprintf("Ada%c", 'a'+i), "hire_date": "today+3"})))
	}
	r.poll("2")
	for _, key := range keys {
		r.hr("workday", "rescind", key[len("workday-"):], nil)
	}
	require.Equal(t, api.BatchAdmitted{HeldDeletions: 2}, r.poll("3"))
	require.Equal(t, api.BatchAdmitted{}, r.poll("4"), "they were hinted, and their own runs wait")
}

// TestDaysOnWhichManyLeave are asked about when they are first seen, and take no room from those whom nobody foresees.
func TestDaysOnWhichManyLeave(t *testing.T) {
	t.Parallel()
	r := holder(t)
	ahead := api.HoldRef{Source: "workday", Kind: api.HoldAhead + "2026-03-12"}
	show := func() (shown api.HoldShown) {
		t.Helper()
		require.NoError(t, r.must(api.HoldsShow, ahead).Get(&shown))
		return shown
	}
	end := func(last string, ids ...int) {
		t.Helper()
		for _, id := range ids {
			r.hr("workday", "terminate", fmt.Sprint(id), control.Fields{"last_day": last, "location": "Berlin"})
		}
	}
	end("today+10", 21003, 21005, 21006)
	require.Zero(t, r.poll("2").HeldAhead, "three are what the budget allows")
	end("today+10", 21010)
	require.Equal(t, 4, r.poll("3").HeldAhead)
	require.Equal(t, 4, r.poll("4").HeldAhead, "and the same list is the same question")
	first := show()
	require.Equal(t, 4, first.People)
	require.Equal(t, "2026-03-12T17:00:00Z", first.LeaveAt.Format(time.RFC3339))
	require.Equal(t, first.LeaveAt, first.OverdueAt)

	// Nobody has decided by the moment: nobody of them is let out, and no run of theirs asks.
	r.clock.Advance(first.LeaveAt.Add(time.Minute).Sub(r.clock.Now()))
	held := r.assess("workday-21003")
	require.Equal(t, identity.VerdictWait, held.Plan.Verdict)
	require.NotEmpty(t, held.Held)
	require.Equal(t, 4, r.poll("5").HeldAhead)
	require.Equal(t, first.Hash, show().Hash, "a poll that finds them overdue leaves them where they are")

	var out api.HoldDecided
	require.NoError(t, r.must(api.HoldsDecide, api.HoldDecision{
		Source: ahead.Source, Kind: ahead.Kind, Hash: first.Hash, Verb: api.VerbAllow, By: "j.doe", At: r.clock.Now(),
	}).Get(&out))
	require.Equal(t, api.HoldDecided{Current: true, People: 4}, out)
	require.False(t, show().Found)
	for _, key := range []string{"workday-21003", "workday-21005", "workday-21006", "workday-21010"} {
		require.Equal(t, identity.VerdictLeave, r.assess(key).Plan.Verdict)
	}
	r.leave(21011, 21012)
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21011").Plan.Verdict, "the budget is there for them")
	require.Zero(t, r.poll("6").HeldAhead)
}
