package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

const deleteStep = "onelogin.delete@onelogin/501"

// gone is somebody who left so long ago that their account is deleted.
func gone() api.Assessment {
	a := left()
	a.Delete = []identity.Account{*a.Account}
	a.PlanHash = "h1"
	a.Plan = identity.Plan{
		Verdict: identity.VerdictDelete, Reason: "the person has been gone for as long as accounts are kept", PolicyHash: "p1",
		Steps: []identity.Step{{Kind: identity.StepDelete, Names: []string{"onelogin/501"}}},
	}
	return a
}

// TestDeletesByTheMode: at once, after a person's word, or never.
func TestDeletesByTheMode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode    api.Mode
		verb    string
		deleted bool
	}{
		"enforce":  {api.ModeEnforce, "", true},
		"observe":  {api.ModeObserve, "", false},
		"allowed":  {api.ModeApprove, api.VerbAllow, true},
		"rejected": {api.ModeApprove, api.VerbReject, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := gone()
			a.Mode = c.mode
			w.finds(a)
			p := w.open(start)
			if c.verb != "" {
				p.after(time.Minute, func() {
					require.Equal(t, []string{"delete onelogin/501"}, p.state().Attention[0].Plan)
					p.by(c.verb)
				})
			}
			e := p.person()
			require.NoError(t, e.err)
			require.Empty(t, e.next)
			if !c.deleted {
				require.Empty(t, w.did(deleteStep))
				return
			}
			require.Equal(t, []string{deleteStep}, w.did(deleteStep))
			require.Equal(t, "accounts deleted", e.out.Result)
			fact := w.fact(deleteStep)
			require.Equal(t, "done", fact.Outcome)
			require.NotNil(t, fact.Before, "which account it was")
		})
	}
}

// TestADeletionThatHoldsNoMoreIsLookedAtAgain: what the activity finds right before its write counts.
func TestADeletionThatHoldsNoMoreIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(gone())
	w.before(deleteStep, func(context.Context, int) error {
		w.finds(left())
		return temporal.NewNonRetryableApplicationError("not done", api.ErrSuperseded, nil)
	})
	e := w.open(start).person()
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, "nothing to do", w.then(e).out.Result)
}

// TestAQuestionAboutADeletionEndsWithItsReason: OneLogin refuses it, and then the person is rehired.
func TestAQuestionAboutADeletionEndsWithItsReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(gone())
	w.refusing(deleteStep, 9)
	p := w.open(start)
	p.after(time.Hour, func() {
		require.Equal(t, deleteStep, p.state().Attention[0].Step)
		w.finds(person())
		p.hint()
	})
	e := p.person()
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, "nothing to do", w.then(e).out.Result)
	require.Equal(t, 1, w.tried(deleteStep))
	require.Empty(t, w.did(deleteStep))
}
