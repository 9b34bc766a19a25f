package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

func TestPersonEndsWhereThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(person())
	e := w.open(start).person()
	require.NoError(t, e.err)
	require.Equal(t, api.Outcome{Key: key, Template: "Person", Episode: 1, Result: "nothing to do"}, e.out)
	require.Equal(t, []string{"Person.Assess"}, w.did())
	require.Empty(t, w.stages)
}

func TestPersonWaitsUntilDueThenActs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	due := start.Add(9 * 24 * time.Hour)
	w.finds(waiting(due))
	p := w.open(start)
	p.after(9*24*time.Hour-time.Second, func() {
		require.Equal(t, api.StageWaiting, p.state().Stage)
		require.Equal(t, due, p.state().Due.UTC())
		a := leaver()
		a.ContainBy = due.Add(15 * time.Minute)
		w.finds(a)
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, due, e.at)
	require.Equal(t, []string{"Person.Assess", "Person.Assess", "onelogin.suspend", "onelogin.log-out"}, w.did())
}

// A run that waits for a last day must not show it: not in its stage, its details, its state or the timer's summary.
func TestPlannedLeaverLooksLikeAnybodyWhoWaits(t *testing.T) {
	t.Parallel()
	due := start.Add(9 * 24 * time.Hour)
	type looks struct {
		State   api.State
		Details string
		Stages  []string
		Timers  []string
	}
	see := func(a api.Assessment) (seen looks) {
		w := newWorld(t)
		w.finds(a)
		p := w.open(start)
		p.after(time.Hour, func() {
			seen = looks{State: p.state(), Details: p.details(), Stages: w.stages, Timers: w.timers}
			w.finds(person())
			p.hint()
		})
		require.NoError(t, p.person().err)
		return seen
	}
	planned := waiting(due)
	planned.Person.Standing, planned.Person.LeaveAt = identity.StandingLeaving, due
	planned.Person.Record.LastDay, planned.Person.Record.Involuntary = "2026-03-11", true
	upcoming := waiting(due)
	upcoming.Person.Standing, upcoming.Person.ActivateAt = identity.StandingUpcoming, due
	leaving, other := see(planned), see(upcoming)
	require.Empty(t, cmp.Diff(other, leaving))
	require.Equal(t, []string{"next look in 216h0m0s"}, leaving.Timers)
	require.Equal(t, "**Nothing to do before the next look**, next look at 2026-03-11 09:00 UTC\n", leaving.Details)
}

func TestHintDuringAWaitLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(waiting(start.Add(24 * time.Hour)))
	p := w.open(start)
	p.after(time.Hour, func() { w.finds(person()); p.hint() })
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, start.Add(time.Hour), e.at)
	require.Equal(t, 2, w.tried("Person.Assess"))
}

func TestApproveModeActsOnlyOnSomebodysWord(t *testing.T) {
	t.Parallel()
	asked := leaver()
	asked.Mode, asked.ContainBy = api.ModeApprove, start.Add(48*time.Hour)
	t.Run("allow", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.finds(asked)
		p := w.open(start)
		p.after(time.Minute, func() {
			require.Equal(t, "approval_needed", p.state().Attention[0].Code)
			require.Zero(t, w.tried("onelogin.suspend"))
			p.by(api.VerbAllow)
		})
		e := p.person()
		require.Equal(t, api.TypeOffboarding, e.next)
		require.Equal(t, []string{"onelogin.suspend", "onelogin.log-out"}, w.did("onelogin.suspend", "onelogin.log-out"))
		require.Contains(t, factsOf(e), "approve: allow by grace")
	})
	t.Run("reject", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.finds(asked)
		p := w.open(start)
		p.after(time.Minute, func() { p.by(api.VerbReject) })
		e := p.person()
		require.NoError(t, e.err)
		require.Empty(t, e.next)
		require.Zero(t, w.tried("onelogin.suspend"))
		require.Equal(t, "reject", w.fact("approve").Outcome)
		require.Equal(t, "grace", w.fact("approve").Actor)
	})
	t.Run("nobody answers for a day", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.finds(asked)
		e := w.open(start).person()
		require.Equal(t, api.TypePerson, e.next, "the question must not be dropped")
		p := w.open(e.at)
		p.after(time.Hour, func() {
			require.Equal(t, api.StageAttention, p.state().Stage)
			p.by(api.VerbAllow)
		})
		require.Equal(t, api.TypeOffboarding, p.run(e.next, e.input).next)
		require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
	})
}

func TestObserveModeRecordsAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]api.Assessment{"leaver": leaver(), "joiner": joiner()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a.Mode = api.ModeObserve
			w.finds(a)
			e := w.open(start).person()
			require.NoError(t, e.err)
			require.Empty(t, e.next)
			require.Equal(t, []string{"Person.Assess", "Ledger.Record"}, w.did())
			require.Contains(t, w.fact("observe").Outcome, "planned, not carried out")
			require.NotNil(t, w.fact("observe").After)
		})
	}
}

func TestRecordOfAnotherPersonIsForwarded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(api.Assessment{Key: key, ForwardTo: "bamboohr-101"})
	e := w.open(start).person()
	require.NoError(t, e.err)
	require.Equal(t, "belongs to bamboohr-101", e.out.Result)
	require.Equal(t, []string{"Person.Assess", "person.forward"}, w.did())
}

func TestLongWaitAfterWorkIsEnteredByAFreshRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait  time.Duration
		fresh bool
	}{
		"an hour": {wait: time.Hour}, "days": {wait: 9 * 24 * time.Hour, fresh: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.finds(attention("protected"))
			w.before("person.decide", func(context.Context, int) error {
				w.finds(waiting(start.Add(time.Minute + c.wait)))
				return nil
			})
			p := w.open(start)
			p.after(time.Minute, func() { p.by(api.VerbRetry) })
			p.after(30*time.Minute, func() { w.finds(person()) })
			e := p.person()
			require.NoError(t, e.err)
			require.Contains(t, w.fact("person.decide").Outcome, api.VerbRetry, "recorded before the wait")
			if !c.fresh {
				require.Equal(t, "nothing to do", e.out.Result)
				return
			}
			require.Equal(t, api.TypePerson, e.next)
			require.Empty(t, e.input.Facts)
			require.Equal(t, start.Add(time.Minute), e.at)
			require.Nil(t, e.input.Assessment, "what an earlier look found is stale")
		})
	}
}

// The hint comes when the run has nothing left to do but to record, and is not lost.
func TestHintAtTheEndIsNeverDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.Mode = api.ModeObserve
	w.finds(a)
	p := w.open(start)
	w.before("Ledger.Record", func(context.Context, int) error { p.hint(); return nil })
	e := p.person()
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, hint(), e.input.Hint)
}

func TestHintDuringALookLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(waiting(start.Add(24 * time.Hour)))
	p := w.open(start)
	w.before("Person.Assess", func(_ context.Context, attempt int) error {
		if attempt == 1 {
			p.hint()
		} else {
			w.finds(person())
		}
		return nil
	})
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, start, e.at, "the second look came at once")
	require.Equal(t, 2, w.tried("Person.Assess"))
}

// HR answers neither the quick nor the patient look. A person is asked; an order given meanwhile does not wait for
// their answer.
func TestLookThatCannotGoOnAsksAndStillTakesHints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(leaver())
	w.refusing("Person.Assess", 1)
	w.refusing("person.assess", 1)
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, "person.assess", p.state().Attention[0].Step)
		p.hint()
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start.Add(time.Minute), e.at)
}

func TestAbortAtALookEndsTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refusing("Person.Assess", 9)
	w.refusing("person.assess", 9)
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbAbort) })
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "aborted by an operator", e.out.Result)
}

// Cancelled from the UI in the middle of the work: what was done is recorded all the same.
func TestCancelledRunRecordsItsEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(leaver())
	w.refusing("onelogin.log-out", 9)
	p := w.open(start)
	p.after(time.Minute, p.env.CancelWorkflow)
	e := p.person()
	require.ErrorContains(t, e.err, "canceled")
	require.Equal(t, "done", w.fact("onelogin.suspend").Outcome)
}

// TestContractThatEndsIsToldToTheManager at each stage once, and to nobody else.
func TestContractThatEndsIsToldToTheManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leave := start.Add(8 * 24 * time.Hour)
	stage := func(due time.Time) api.Assessment {
		a := waiting(due)
		a.Beside, a.ManagerKey, a.FallbackOwner = true, "workday-20001", "it@acme.example"
		a.Person.LeaveAt, a.Person.WarnAt, a.Person.Record.LastDay = leave, due, identity.Date(leave.Format(time.DateOnly))
		a.Plan.Notices = []identity.Notice{{Code: "contract_ends", Text: "enter the extension"}}
		return a
	}
	w.finds(stage(start.Add(24 * time.Hour)))
	p := w.open(start)
	p.after(time.Hour, p.hint)
	p.after(24*time.Hour-time.Second, func() { w.finds(stage(leave.Add(-24 * time.Hour))) })
	p.after(48*time.Hour, func() { w.finds(person()); p.hint() })
	e := p.person()
	require.NoError(t, e.err)
	var keys []string
	for _, m := range w.messages {
		require.Equal(t, api.MessageContractEnds, m.Kind)
		require.Equal(t, api.AudienceManager, m.Audience)
		require.Equal(t, "workday-20001", m.ManagerKey)
		require.Equal(t, "enter the extension", m.Text)
		keys = append(keys, m.OnceKey)
	}
	require.Len(t, keys, 3, "the same stage is told under one key, so that Slack has it once")
	require.Equal(t, keys[0], keys[1])
	require.NotEqual(t, keys[1], keys[2])
}
