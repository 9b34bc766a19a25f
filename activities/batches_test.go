package activities_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/journal"
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
	first := show()
	for _, key := range []string{"workday-21003", "workday-21005", "workday-21006", "workday-21010"} {
		require.Equal(t, identity.VerdictWait, r.assess(key).Plan.Verdict, "their runs wait for the day")
	}
	require.Equal(t, 4, r.poll("4").HeldAhead)
	require.Equal(t, first.Hash, show().Hash, "and the same list is the same question")
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

// dying is a Temporal client whose n-th call of a method is the last thing that its process does.
func (r *rig) dying(method string, n int) {
	r.t.Helper()
	failed := errors.New("killed")
	r.temporal = &mocks.Client{}
	r.temporal.On("SignalWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	args := map[string][]any{
		"SignalWithStartWorkflow": {mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything},
		"ExecuteWorkflow":         {mock.Anything, mock.Anything, mock.Anything, mock.Anything},
	}
	for name, with := range args {
		note := func(args mock.Arguments) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if name == "ExecuteWorkflow" {
				r.hinted = append(r.hinted, args.Get(1).(client.StartWorkflowOptions).ID)
			}
		}
		if name == method {
			if n > 1 {
				r.temporal.On(name, with...).Times(n-1).Run(note).Return(startedRun{}, nil)
			}
			r.temporal.On(name, with...).Once().Return(nil, failed)
		}
		r.temporal.On(name, with...).Run(note).Return(startedRun{}, nil)
	}
	r.restart()
}

// TestKilledAtEveryStepOfABatch: four join beyond the budget and are let through. Whichever call the process dies at, another
// one takes over, and nobody is lost or counted twice.
func TestKilledAtEveryStepOfABatch(t *testing.T) {
	t.Parallel()
	for method, calls := range map[string]int{"SignalWithStartWorkflow": 4, "ExecuteWorkflow": 4} {
		for n := 1; n <= calls; n++ {
			t.Run(fmt.Sprintf("%s %d", method, n), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{policy: []string{"join: {count: 400, percent: 0}", "join: {count: 1}"}})
				var keys []string
				for i := range 5 {
					keys = append(keys, r.hire("workday", ada(control.Fields{
						"first_name": fmt.Sprintf("Ada%c", 'a'+i), "last_name": fmt.Sprintf("Byron%c", 'a'+i), "personal_email": fmt.Sprintf("ada%d@home.example", i),
					})))
				}
				r.dying(method, n)
				again := func(name string, in, out any) {
					t.Helper()
					for range 3 {
						value, err := r.run(name, in)
						if err == nil {
							require.NoError(t, value.Get(out))
							return
						}
						require.ErrorContains(t, err, "killed")
						r.restart()
					}
					require.Fail(t, "still failing", name)
				}
				for _, key := range keys {
					again(api.PersonAssess, assessInput(key), &api.Assessment{})
				}
				ref := api.HoldRef{Source: "workday", Kind: api.HoldJoin}
				var shown api.HoldShown
				again(api.HoldsShow, ref, &shown)
				require.Equal(t, 4, shown.People)
				decision := api.HoldDecision{Source: "workday", Kind: ref.Kind, Hash: shown.Hash, Verb: api.VerbAllow, By: "j.doe", At: r.clock.Now()}
				for range 2 {
					again(api.HoldsDecide, decision, &api.HoldDecided{})
				}
				again(api.HoldsShow, ref, &shown)
				require.False(t, shown.Found)
				hints := r.hints()
				for _, key := range keys {
					require.Equal(t, identity.VerdictJoin, r.assess(key).Plan.Verdict)
				}
				for _, key := range keys[1:] {
					require.Contains(t, hints, "person/"+key, "nobody who was let through is lost")
					rows, err := r.app.Ledger.Journal().EvidenceOf(t.Context(), key)
					require.NoError(t, err)
					require.Len(t, slices.DeleteFunc(rows, func(e journal.Evidence) bool { return e.Step != "hold.allow" }), 1, "and decided about once")
				}
			})
		}
	}
}

// TestMovesOfAPollAreDrawnAsOne: a reorganisation beyond a budget moves nobody, whoever else is in the reading goes on, and once
// somebody has let it through all of it fits.
func TestMovesOfAPollAreDrawnAsOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"  group: {count: 400, percent: 0}\n", "  group: {count: 2}\n"}})
	tellsOfHolds(r.temporal)
	r.collect("workday", "1")
	r.settle("workday", "1", "")
	move := func(ids ...int) (keys []string) {
		t.Helper()
		for _, id := range ids {
			r.hr("workday", "change", fmt.Sprint(id), control.Fields{"department": "Support", "title": "Support Engineer"})
			keys = append(keys, fmt.Sprintf("workday-%d", id))
		}
		return keys
	}
	send := func(batch string) api.BatchSent {
		t.Helper()
		r.clock.Advance(time.Hour)
		report := r.collect("workday", batch)
		in := api.BatchInput{Source: "workday", Batch: batch, Cursor: report.Cursor}
		r.must(api.SyncAdmit, in)
		var sent api.BatchSent
		require.NoError(t, r.must(api.SyncHint, in).Get(&sent))
		return sent
	}
	keys := move(21010, 21011, 21013)
	move(21012) // A contractor, who stays in their group.
	r.hr("workday", "change", "21003", control.Fields{"title": "Chief Tester"})
	require.Equal(t, api.BatchSent{Sent: 5, Held: 3}, send("2"))
	for _, key := range append(keys, "workday-21003") {
		require.Contains(t, r.hints(), "person/"+key, "they are hinted all the same")
	}
	ref := api.HoldRef{Source: "workday", Kind: api.HoldGroup}
	show := func() (shown api.HoldShown) {
		t.Helper()
		require.NoError(t, r.must(api.HoldsShow, ref).Get(&shown))
		return shown
	}
	first := show()
	require.Equal(t, 3, first.People)
	require.Equal(t, 2, first.Allowed)
	for _, key := range keys {
		a := r.assess(key)
		require.Equal(t, identity.VerdictWait, a.Plan.Verdict, key)
		require.NotEmpty(t, a.Held)
	}
	for _, key := range []string{"workday-21003", "workday-21012"} {
		require.Equal(t, identity.VerdictChange, r.assess(key).Plan.Verdict, key)
	}
	require.Equal(t, first.Hash, show().Hash, "their own runs find the same, and nobody is asked again")
	require.Zero(t, send("3").Held)

	others := move(21005, 21006)
	require.Equal(t, api.BatchSent{Sent: 2}, send("4"), "whoever fits is not held with them")
	for _, key := range others {
		require.Equal(t, identity.VerdictChange, r.assess(key).Plan.Verdict, key)
	}

	var out api.HoldDecided
	require.NoError(t, r.must(api.HoldsDecide, api.HoldDecision{
		Source: ref.Source, Kind: ref.Kind, Hash: first.Hash, Verb: api.VerbAllow, By: "j.doe", At: r.clock.Now(),
	}).Get(&out))
	require.Equal(t, api.HoldDecided{Current: true, People: 3}, out)
	for _, key := range keys {
		require.Equal(t, identity.VerdictChange, r.assess(key).Plan.Verdict, key)
	}
	require.False(t, show().Found)
}
