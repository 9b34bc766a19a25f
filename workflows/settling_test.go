package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// decidedWatch is the watch over a leaver with an account in doubt.
func decidedWatch(t *testing.T, code string, suspend bool) (*world, api.ChainInput) {
	t.Helper()
	w := contained(t)
	w.account.Factors = 0
	w.atOnce.logOut, w.atOnce.access = true, api.AccessEnded{Roles: true, Password: true, Factors: true}
	in := watched()
	in.Assessment.Reach = 3
	in.Doubts = []api.Doubt{{Account: identity.Account{ID: 502}, Code: code, Evidence: "e1", Suspend: suspend}}
	return w, in
}

// TestAccountOpenedWhileADecisionIsHeldUp: OneLogin refuses to suspend an account that somebody said is the leaver's, and meanwhile
// somebody opens the first one. That is closed; the decided one is found again.
func TestAccountOpenedWhileADecisionIsHeldUp(t *testing.T) {
	t.Parallel()
	w, in := decidedWatch(t, api.NoticeLeaverDoubt, false)
	w.refusing("onelogin.suspend@onelogin/502", 99)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	p.after(time.Minute, func() { p.decide(api.VerbLink, api.Decision{By: "ann", Step: "account@onelogin/502"}) })
	p.after(time.Hour, func() {
		now := leaver()
		now.Reach = 3
		p.opens(now)
	})
	p.after(6*time.Hour, func() { p.by(api.VerbSkip) })
	e := p.run(api.TypeOffboarding, in)
	require.NoError(t, e.err)
	require.Equal(t, api.TypePerson, e.next)
	require.Less(t, e.at, start.Add(2*time.Hour))
	require.NoError(t, w.then(e).err)
	require.Equal(t, "suspended", w.status())
}

// TestDecisionIsCarriedOutBeforeTheRunGoesOn: nothing is under way but the decision, which the ledger is slow to take.
func TestDecisionIsCarriedOutBeforeTheRunGoesOn(t *testing.T) {
	t.Parallel()
	w, in := decidedWatch(t, api.NoticeLeaverDoubt, true)
	w.failing("person.settle@onelogin/502", 5)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	p.after(time.Minute, func() {
		p.decide(api.VerbSeparate, api.Decision{By: "ann", Step: "account@onelogin/502"})
		now := leaver()
		now.Reach = 3
		p.opens(now)
	})
	e := p.run(api.TypeOffboarding, in)
	require.Equal(t, api.TypePerson, e.next)
	require.Len(t, w.did("person.settle@onelogin/502"), 1)
}

// TestFloodWhileADecidedAccountIsClosed: it is not asked about again, and the fresh run finds it.
func TestFloodWhileADecidedAccountIsClosed(t *testing.T) {
	t.Parallel()
	w, in := decidedWatch(t, api.NoticeLeaverDoubt, false)
	w.failing("onelogin.suspend@onelogin/502", 1000)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	p.after(time.Minute, func() { p.decide(api.VerbLink, api.Decision{By: "ann", Step: "account@onelogin/502"}) })
	p.after(3*time.Minute, func() { p.flood(flood) })
	e := p.run(api.TypeOffboarding, in)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Less(t, e.at, start.Add(time.Hour))
	require.True(t, e.input.Hinted)
	require.Empty(t, e.input.Doubts)
	require.Empty(t, e.input.Others)
}

// TestDepartureWhileAWordIsCarriedOut: somebody is to be out at once. No word about another account of theirs holds that up.
func TestDepartureWhileAWordIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.atOnce.logOut = true
	a := attention(api.NoticeLeaverDoubt)
	a.Reach, a.Doubts = 3, []api.Doubt{{Account: identity.Account{ID: 502}, Code: api.NoticeLeaverDoubt, Evidence: "e1", Suspend: true}}
	w.finds(a)
	w.refusing("person.settle@onelogin/502", 99)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	p.after(time.Hour, func() {
		now := leaver()
		now.Reach, now.Settled = 3, []api.SettledDoubt{{Ref: a.Doubts[0].Ref(), Verb: api.VerbSeparate}}
		w.finds(now)
		p.hint()
	})
	p.after(2*time.Hour, func() { p.by(api.VerbRetry) })
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start.Add(time.Hour), e.at)
	require.NotEmpty(t, w.did("onelogin.suspend"))
	require.True(t, e.input.Hinted)
	require.Equal(t, a.Doubts, e.input.Doubts, "what could not be kept is asked again")
}

// TestRunDoesNotEndBeforeADecisionIsCarriedOut: the ledger does not take somebody's word, and a hint has the person looked at, about
// whom nothing is left to do. The account that was suspended for the doubt is opened all the same.
func TestRunDoesNotEndBeforeADecisionIsCarriedOut(t *testing.T) {
	t.Parallel()
	w, p := overtakenDecision(t)
	e := p.person()
	require.NoError(t, e.err)
	require.NotEmpty(t, w.did("person.settle@onelogin/502"))
	require.Equal(t, "nothing to do", e.out.Result)
}

// overtakenDecision is a run about whom a look finds nothing to do while the ledger does not take somebody's word.
func overtakenDecision(t *testing.T) (*world, *play) {
	t.Helper()
	w := newWorld(t)
	a := left()
	a.Plan.Verdict, a.Reach = identity.VerdictAttention, 2
	a.Doubts = []api.Doubt{{Account: identity.Account{ID: 502}, Code: api.NoticeLeaverDoubt, Evidence: "e1", Suspend: true}}
	w.finds(a)
	p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
	w.before("person.settle@onelogin/502", func(_ context.Context, attempt int) error {
		if attempt > 1 {
			return nil
		}
		now := left()
		now.Reach = 2
		w.finds(now)
		p.hint()
		return unreachable()
	})
	p.after(time.Minute, func() { p.decide(api.VerbSeparate, api.Decision{By: "ann", Step: "account@onelogin/502"}) })
	return w, p
}

// TestRunOfBeforeGoesOnAsItBegan: runs that met this before the changes wait, end, close and leave accounts open as they did.
func TestRunOfBeforeGoesOnAsItBegan(t *testing.T) {
	t.Parallel()
	old := func(p *play, change string) {
		p.env.OnGetVersion(change, workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
	}
	t.Run(step.ChangeSettlingGivesWay, func(t *testing.T) {
		t.Parallel()
		w, in := decidedWatch(t, api.NoticeLeaverDoubt, false)
		w.refusing("onelogin.suspend@onelogin/502", 99)
		p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
		old(p, step.ChangeSettlingGivesWay)
		p.after(time.Minute, func() { p.decide(api.VerbLink, api.Decision{By: "ann", Step: "account@onelogin/502"}) })
		p.after(time.Hour, func() { p.opens(leaver()) })
		p.after(6*time.Hour, func() { p.by(api.VerbSkip) })
		e := p.run(api.TypeOffboarding, in)
		require.Equal(t, api.TypePerson, e.next)
		require.Equal(t, start.Add(6*time.Hour), e.at)
	})
	t.Run(step.ChangeReopenedMeanwhile, func(t *testing.T) {
		t.Parallel()
		w, a, now := reopening(t)
		w.refusing("onelogin.suspend@onelogin/502", 99)
		p := w.open(start).reached(api.Found{}, new([]api.PagerEvent))
		old(p, step.ChangeReopenedMeanwhile)
		p.after(10*time.Minute, func() { p.opens(now) })
		p.after(time.Hour, func() {
			require.Equal(t, "active", w.status())
			p.by(api.VerbSkip)
		})
		require.NoError(t, p.template(api.TypeOffboarding, a).err)
	})
	t.Run(step.ChangeSettledFirst, func(t *testing.T) {
		t.Parallel()
		_, p := overtakenDecision(t)
		old(p, step.ChangeSettledFirst)
		e := p.person()
		require.NoError(t, e.err)
		require.Equal(t, api.TypePerson, e.next)
		require.NotEmpty(t, e.input.Facts, "the run after it begins with what this one has not written down")
	})
	t.Run(step.ChangeFoundMeanwhile, func(t *testing.T) {
		t.Parallel()
		w, p, a := allowedAndFound(t)
		old(p, step.ChangeFoundMeanwhile)
		require.NoError(t, p.template(api.TypeOffboarding, a).err)
		require.Equal(t, 2, w.tried("onelogin.suspend@onelogin/502"))
	})
}
