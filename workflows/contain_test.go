package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// unreachable is the answer of a vendor that is down for a while.
func unreachable() error {
	return temporal.NewApplicationErrorWithOptions("the vendor is down", api.ErrUnavailable,
		temporal.ApplicationErrorOptions{NextRetryDelay: time.Hour})
}

// factsOf lists the evidence that a run handed over, as "step: outcome by actor".
func factsOf(e ended) []string {
	var out []string
	for _, f := range e.input.Facts {
		text := f.Step + ": " + f.Outcome
		if f.Actor != "" {
			text += " by " + f.Actor
		}
		out = append(out, text)
	}
	return out
}

func TestSignInEndsBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(leaver())
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"Person.Assess", "onelogin.suspend", "onelogin.log-out"}, w.did())
	require.Equal(t, []string{"onelogin.suspend: done", "onelogin.log-out: done"}, factsOf(e))
	suspended := e.input.Facts[0]
	require.Equal(t, "HR via workday webhook", suspended.Cause)
	require.NotNil(t, suspended.Before)
	require.NotNil(t, suspended.After)
	require.Empty(t, w.stages, "nothing is spent on search attributes before sign-in has ended")
}

// On a good day the activity that suspends also ends the sessions, and the evidence says the same.
func TestSessionsEndWithTheSuspension(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(leaver())
	w.atOnce.logOut = true
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"Person.Assess", "onelogin.suspend"}, w.did())
	require.Equal(t, []string{"onelogin.suspend: done", "onelogin.log-out: done"}, factsOf(e))
}

func TestAccountThatIsSuspendedAlreadyIsOnlyLoggedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.Plan.Steps = a.Plan.Steps[1:]
	w.finds(a)
	w.open(start).person()
	require.Equal(t, []string{"Person.Assess", "onelogin.log-out"}, w.did())
}

func TestOverdueContainmentWarnsOnceAndGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.ContainBy = start.Add(10 * time.Second)
	w.finds(a)
	w.failing("onelogin.suspend", 12)
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []api.MessageKind{api.MessageContainOverdue}, w.posted())
	require.Equal(t, api.AudienceSecurity, w.messages[0].Audience)
	require.Equal(t, 13, w.tried("onelogin.suspend"))
	require.Equal(t, []string{"slack.overdue", "onelogin.suspend", "onelogin.log-out"},
		w.did("slack.overdue", "onelogin.suspend", "onelogin.log-out"))
	suspended := e.input.Facts[len(e.input.Facts)-2]
	require.Equal(t, "onelogin.suspend", suspended.Step)
	require.Equal(t, "HR via workday webhook", suspended.Cause, "evidence of a late containment is no poorer")
	require.NotNil(t, suspended.Before)
}

// The vendor does not answer at all, so that the server reports a timeout instead of the last failure.
func TestContainmentThatTimesOutIsOverdue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(leaver())
	w.before("onelogin.suspend", func(_ context.Context, attempt int) error {
		if attempt == 1 {
			return temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, nil)
		}
		return nil
	})
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []api.MessageKind{api.MessageContainOverdue}, w.posted())
}

func TestContainmentOverdueFromTheStartWarnsAndActsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.ContainBy = start.Add(-time.Hour)
	w.finds(a)
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start, e.at)
	require.Equal(t, 1, w.tried("onelogin.suspend"))
	require.Equal(t, 1, w.tried("slack.overdue"))
}

// Slack is down while the containment is overdue. The suspension does not wait for it, and the run that follows warns.
func TestOverdueWarningIsNotLostWhenTheRunHandsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.ContainBy = start.Add(-time.Hour)
	w.finds(a)
	w.account.Status = "active"
	w.before("slack.overdue", func(_ context.Context, attempt int) error {
		if attempt == 1 {
			return unreachable()
		}
		return nil
	})
	e := w.open(start).person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start, e.at)
	require.Empty(t, w.posted())
	w.finds(left())
	w.then(e)
	require.Equal(t, 1, count(w.posted(), api.MessageContainOverdue))
}

func count(kinds []api.MessageKind, of api.MessageKind) int {
	n := 0
	for _, k := range kinds {
		if k == of {
			n++
		}
	}
	return n
}

func TestRefusedContainmentParksAndRetryGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(leaver())
	w.refusing("onelogin.suspend", 2)
	p := w.open(start)
	p.after(time.Minute, func() {
		require.Equal(t, "onelogin.suspend", p.state().Attention[0].Step)
		require.Equal(t, api.ErrInvalid, p.state().Attention[0].Code)
		require.Zero(t, w.tried("onelogin.log-out"))
		p.by(api.VerbRetry)
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, 3, w.tried("onelogin.suspend"))
	require.Contains(t, factsOf(e), "onelogin.suspend: done")
	require.NotContains(t, w.posted(), api.MessageContainOverdue, "the deadline was kept")
}

func TestOrderIsTheCauseInTheEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := leaver()
	a.Order = &identity.Order{ID: "o-1", By: "grace"}
	w.finds(a)
	require.Equal(t, "order o-1 by grace", w.open(start).person().input.Facts[0].Cause)
}
