package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// joinersWorld is a world in which the person's account does not exist yet.
func joinersWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.finds(joiner())
	w.account.Status = ""
	return w
}

func TestJoinerFromNothingToSignIn(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	e := w.open(start).person()
	require.Equal(t, api.TypeOnboarding, e.next)
	e = w.then(e)
	require.NoError(t, e.err)
	require.Equal(t, api.Outcome{Key: key, Template: "Onboarding", Episode: 1, Result: "can sign in"}, e.out)
	did := w.did()
	require.Equal(t, []string{
		"Person.Assess", "onelogin.create", "onelogin.roles", "onelogin.activate", "onelogin.invite", "onelogin.read-back",
	}, did[:6])
	require.ElementsMatch(t, []string{"slack.it", "slack.manager"}, did[6:8])
	require.Equal(t, []string{"Ledger.Record"}, did[8:], "the run does not end before its evidence is recorded")
	require.Equal(t, "workday-20001", managerOf(w))
	require.Equal(t, key+"/1/invite", w.invites[0].OnceKey)
	require.Equal(t, "ada@home.example", w.invites[0].PersonalEmail)
	require.Equal(t, accountID, w.invites[0].AccountID, "the account that was just made")
	require.Empty(t, w.stages, "a run starts as working; every mark costs an event")
}

func managerOf(w *world) string {
	for _, m := range w.messages {
		if m.Kind == api.MessageJoinerManager {
			return m.ManagerKey
		}
	}
	return ""
}

func TestAccountPreparedEarlyHandsBackToWaitForTheFirstDay(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	a := joiner()
	a.Plan.Desired.SignIn, a.Plan.Desired.Roles = false, nil
	a.Plan.Steps = a.Plan.Steps[:1]
	a.Plan.Due = start.Add(7 * 24 * time.Hour)
	e := w.open(start).template(api.TypeOnboarding, a)
	require.Equal(t, api.TypePerson, e.next)
	require.Nil(t, e.input.Assessment)
	require.Zero(t, w.tried("onelogin.activate"))
	require.Zero(t, w.tried("onelogin.invite"))
	require.Equal(t, "done", w.fact("onelogin.create").Outcome)
	require.Equal(t, "prepared", w.messages[0].Text)
	w.finds(waiting(a.Plan.Due))
	p := w.open(e.at)
	p.after(time.Hour, func() { w.finds(joiner()) })
	require.Equal(t, api.TypeOnboarding, p.run(e.next, e.input).next)
}

// The leaver's hint arrives while the account is being opened. The suspension does not wait for that, the rest of the
// work is not begun, and the suspension is made again in case the opening landed after it.
func TestTerminationWhileTheAccountIsBeingOpened(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	p := w.open(start)
	contained := make(chan struct{})
	w.before("onelogin.activate", func(ctx context.Context, _ int) error {
		w.finds(leaver())
		p.hint()
		select {
		case <-contained:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	w.before("onelogin.log-out", func(context.Context, int) error { close(contained); return nil })
	e := p.template(api.TypeOnboarding, joiner())
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"onelogin.suspend", "onelogin.log-out", "onelogin.suspend:again", "onelogin.log-out:again"},
		w.did("onelogin.suspend", "onelogin.log-out", "onelogin.suspend:again", "onelogin.log-out:again"))
	require.Zero(t, w.tried("onelogin.invite"))
	require.Zero(t, w.tried("slack.it"))
	require.Equal(t, identity.VerdictLeave, e.input.Assessment.Plan.Verdict)
	require.Equal(t, []string{"Engineering", "Everyone"}, e.input.Assessment.Account.Roles, "as they were when the person left")
	require.Contains(t, factsOf(e), "onelogin.create: done", "what was done before is still to be recorded")
}

// A template that is allowed to act does not act for one that is not.
func TestTerminationDuringOnboardingRespectsTheModeOfOffboarding(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	p := w.open(start)
	w.before("onelogin.roles", func(context.Context, int) error {
		a := leaver()
		a.Mode = api.ModeObserve
		w.finds(a)
		p.hint()
		return unreachable()
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.Equal(t, api.TypePerson, e.next)
	require.Zero(t, w.tried("onelogin.suspend"))
	require.Zero(t, w.tried("onelogin.activate"))
}

func TestRescindedDuringOnboardingStopsTheWork(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	p := w.open(start)
	w.before("onelogin.roles", func(context.Context, int) error {
		a := person()
		a.Person.Standing, a.Plan.Verdict = identity.StandingRescinded, identity.VerdictUndo
		w.finds(a)
		p.hint()
		return unreachable()
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.Equal(t, api.TypePerson, e.next)
	require.Zero(t, w.tried("onelogin.suspend"))
	require.Zero(t, w.tried("onelogin.activate"))
	require.Equal(t, "done", w.fact("onelogin.create").Outcome)
}

func TestHintThatChangesNothingLeavesTheWorkAlone(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	p := w.open(start)
	w.before("onelogin.roles", func(context.Context, int) error { p.hint(); return nil })
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, "can sign in", e.out.Result)
	require.Equal(t, 1, w.tried("onelogin.activate"))
}

func TestSupersededActivationLooksAgain(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.before("onelogin.activate", func(context.Context, int) error { return superseded() })
	e := w.open(start).template(api.TypeOnboarding, joiner())
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, 1, w.tried("onelogin.activate"))
	require.Zero(t, w.tried("onelogin.invite"))
	require.Equal(t, "done", w.fact("onelogin.create").Outcome)
}

func TestRescindedHireIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := person()
	a.Person.Standing = identity.StandingRescinded
	a.Plan.Verdict, a.Plan.Steps = identity.VerdictUndo, []identity.Step{{Kind: identity.StepDelete}}
	w.finds(a)
	e := w.then(w.open(start).person())
	require.NoError(t, e.err)
	require.Equal(t, "hire undone", e.out.Result)
	require.Equal(t, []string{"Person.Assess", "onelogin.delete", "slack.it", "Ledger.Record"}, w.did())
	require.Equal(t, []api.MessageKind{api.MessageJoinerUndone}, w.posted())
}

func TestReadBackThatDiffersAsks(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.before("onelogin.read-back", func(_ context.Context, attempt int) error {
		w.change(func() {
			w.account.Roles = []string{"Everyone"}
			if attempt > 1 {
				w.account.Roles = []string{"Everyone", "Engineering"}
			}
		})
		return nil
	})
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, "not_as_planned", p.state().Attention[0].Code)
		require.Contains(t, p.state().Attention[0].Text, "1 roles missing")
		p.by(api.VerbRetry)
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, "can sign in", e.out.Result)
	require.Equal(t, 2, w.tried("onelogin.read-back"))
	require.Equal(t, []string{"attention", "working"}, w.stages)
}

func TestSkipIsRecordedWithAName(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.refusing("onelogin.invite", 9)
	p := w.open(start)
	p.after(time.Minute, func() {
		p.decide(api.VerbSkip, api.Decision{By: "grace", Reason: "handed over in person", Step: "onelogin.invite"})
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, "can sign in", e.out.Result)
	skipped := w.fact("onelogin.invite")
	require.Equal(t, "skipped", skipped.Outcome)
	require.Equal(t, "grace", skipped.Actor)
	require.Equal(t, "handed over in person", skipped.Cause)
}

// Nothing that follows can be done without an account; the run ends with that, it does not fail.
func TestSkippedCreationEndsTheRunWithEvidence(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.refusing("onelogin.create", 9)
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbSkip) })
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Contains(t, e.out.Result, "no account")
	require.Equal(t, "skipped", w.fact("onelogin.create").Outcome)
	require.Zero(t, w.tried("onelogin.roles"))
}

// The work is done, but a hint asked for a look that did not get through and an operator gives it up: the work's
// evidence is recorded all the same.
func TestAbortedLookDuringTheWorkKeepsItsEvidence(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.refusing("Person.Assess", 9)
	w.refusing("person.assess", 9)
	p := w.open(start)
	w.before("onelogin.roles", func(context.Context, int) error { p.hint(); return unreachable() })
	p.after(time.Minute, func() { p.by(api.VerbAbort) })
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, "aborted by an operator", e.out.Result)
	require.Equal(t, "done", w.fact("onelogin.create").Outcome)
}
