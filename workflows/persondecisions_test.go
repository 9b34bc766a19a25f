package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

func TestAttentionParksTellsTheOwnerOnceAndTakesDecisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(attention("protected"))
	p := w.open(start)
	var nameless, unfitting, retried, aborted *answer
	p.after(time.Minute, func() {
		s := p.state()
		require.Equal(t, api.StageAttention, s.Stage)
		require.Len(t, s.Attention, 1)
		require.Equal(t, "protected", s.Attention[0].Code)
		require.Equal(t, []string{api.VerbRetry, api.VerbAbort}, s.Attention[0].Options)
		require.Contains(t, p.details(), "Needs a decision: plan")
		nameless = p.decide(api.VerbRetry, api.Decision{})
		unfitting = p.by(api.VerbAllow)
		retried = p.by(api.VerbRetry)
	})
	p.after(2*time.Minute, func() {
		require.Equal(t, api.StageAttention, p.state().Stage, "the same question is asked again")
		aborted = p.by(api.VerbAbort)
	})
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "protected: abort", e.out.Result)
	require.ErrorContains(t, nameless.refused, "who decides?")
	require.ErrorContains(t, unfitting.refused, "nothing is waiting for allow")
	require.True(t, retried.completed)
	require.True(t, aborted.completed)
	require.Equal(t, 2, w.tried("Person.Assess"))
	require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
	require.Equal(t, "owner@acme.example", w.messages[0].Owner)
	require.Equal(t, []string{"attention", "working", "attention", "working"}, w.stages)
	require.Equal(t, "abort: protected", w.fact("person.decide").Outcome)
}

func TestHeldContainmentGoesOnOnceAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := attention(api.NoticeBudgetContain)
	held.Episode = 2
	w.finds(held)
	w.before("person.decide", func(context.Context, int) error { w.finds(leaver()); return nil })
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbAllow) })
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"Person.Assess", "person.decide", "Person.Assess", "onelogin.suspend", "onelogin.log-out"},
		w.did("Person.Assess", "person.decide", "onelogin.suspend", "onelogin.log-out"))
	require.Len(t, w.decided, 1)
	require.Equal(t, api.NoticeBudgetContain, w.decided[0].Code)
	require.Equal(t, 2, w.decided[0].Episode)
	require.Equal(t, api.Decision{Verb: "allow", By: "grace", Reason: "looked into it"}, w.decided[0].Decision)
}

func TestHeldContainmentRejectedEndsWithNothingDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(attention(api.NoticeBudgetContain))
	p := w.open(start)
	p.after(time.Minute, func() { p.by(api.VerbReject) })
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "budget_contain: reject", e.out.Result)
	require.Zero(t, w.tried("onelogin.suspend"))
	require.Equal(t, "reject: budget_contain", w.fact("person.decide").Outcome)
}

// Nobody answers for days: the question stays, a fresh run asks it, and the owner is not told twice.
func TestAttentionIsAskedUntilSomebodyAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(attention("protected"))
	e := w.open(start).person()
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start.Add(24*time.Hour), e.at)
	p := w.open(e.at)
	p.after(time.Hour, func() {
		require.Equal(t, api.StageAttention, p.state().Stage)
		p.by(api.VerbAbort)
	})
	require.Equal(t, "protected: abort", p.run(e.next, e.input).out.Result)
	require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
}

// Slack was down when the question was first asked and the run continued as new: the next run still tells the owner.
func TestOwnerIsToldByTheNextRunWhereTheFirstCouldNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(attention("protected"))
	w.before("slack.attention:plan/protected", func(context.Context, int) error {
		if w.now().Before(start.Add(24 * time.Hour)) {
			return unreachable()
		}
		return nil
	})
	e := w.open(start).person()
	require.Equal(t, api.TypePerson, e.next)
	require.Empty(t, w.posted())
	p := w.open(e.at)
	p.after(time.Hour, func() { p.by(api.VerbAbort) })
	require.NoError(t, p.run(e.next, e.input).err)
	require.Equal(t, []api.MessageKind{api.MessageAttention}, w.posted())
}
