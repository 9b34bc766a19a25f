package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"gatehouse/activities/api"
)

// holding is a world in which 100 people of a source are held.
func holding(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.shown = list("aaaaaaaaaaaaaaaa", 100)
	return w
}

func list(hash string, people int) api.HoldShown {
	return api.HoldShown{Found: true, Hash: hash, People: people, Used: 2, Allowed: 15, Since: start}
}

// hold plays a run about a hold to its end.
func (p *play) hold() api.HoldOutcome {
	p.t.Helper()
	p.env.ExecuteWorkflow(api.TypeHold, api.HoldInput{Source: "workday", Kind: "leaver"})
	require.True(p.t, p.env.IsWorkflowCompleted())
	require.NoError(p.t, p.env.GetWorkflowError())
	var out api.HoldOutcome
	require.NoError(p.t, p.env.GetWorkflowResult(&out))
	return out
}

// poll is what a poll tells the run: the list as it is now.
func (p *play) poll(shown api.HoldShown) {
	p.w.change(func() {
		was := p.w.shown
		if p.w.shown = shown; was.Hash == shown.Hash {
			p.w.shown = was
		}
	})
	p.env.SignalWorkflow(api.SignalHold, shown.Hash)
}

func TestHeldPeopleAreLetThroughOnSomebodysWord(t *testing.T) {
	t.Parallel()
	w := holding(t)
	p := w.open(start)
	p.after(time.Hour, func() {
		s := p.state()
		require.Equal(t, api.StageAttention, s.Stage)
		require.Equal(t, "hold.aaaaaaaaaaaa", s.Attention[0].Step)
		require.Contains(t, s.Attention[0].Text, "100 people would lose access, but the budget allows 15 in its window and 2 are used")
		require.Equal(t, []string{api.VerbAllow, api.VerbReject}, s.Attention[0].Options)
		p.by(api.VerbAllow)
	})
	out := p.hold()
	require.Equal(t, "let through by grace (unverified)", out.Result)
	require.Equal(t, "aaaaaaaaaaaaaaaa", w.lists[0].Hash)
	require.Equal(t, []api.MessageKind{api.MessageSyncHeld}, w.posted())
}

// A rejected list stays: it is asked about again the next day, and at once when it is another one.
func TestRejectedListIsAskedAboutAgain(t *testing.T) {
	t.Parallel()
	w := holding(t)
	p := w.open(start)
	p.after(time.Hour, func() { p.by(api.VerbReject) })
	p.after(2*time.Hour, func() {
		s := p.state()
		require.Empty(t, s.Attention)
		require.Equal(t, api.StageWaiting, s.Stage)
		require.Contains(t, s.Doing, "rejected by grace, and HR still says that they have left")
		p.poll(w.shown)
	})
	p.after(3*time.Hour, func() { require.Empty(t, p.state().Attention, "the same list is not another question") })
	p.after(25*time.Hour+time.Minute, func() {
		require.Contains(t, p.state().Attention[0].Text, "grace rejected this on 2026-03-02, and HR still says that they have left")
		p.by(api.VerbReject)
	})
	p.after(26*time.Hour, func() {
		require.Empty(t, p.state().Attention)
		p.poll(list("bbbbbbbbbbbbbbbb", 99))
	})
	p.after(26*time.Hour+time.Minute, func() {
		require.Contains(t, p.state().Attention[0].Text, "99 people")
		p.by(api.VerbAllow)
	})
	require.Equal(t, "let through by grace (unverified)", p.hold().Result)
	require.Equal(t, "bbbbbbbbbbbbbbbb", w.lists[2].Hash)
	require.Len(t, w.posted(), 3)
}

// Nobody decides: nothing is let through by time, and IT is told every day.
func TestHeldPeopleAreNeverReleasedByTime(t *testing.T) {
	t.Parallel()
	w := holding(t)
	p := w.open(start)
	p.after(9*24*time.Hour+time.Minute, func() {
		require.Empty(t, w.lists)
		require.Len(t, p.state().Attention, 1)
		require.Len(t, w.posted(), 10)
		p.poll(api.HoldShown{})
	})
	require.Equal(t, "nobody is held any more", p.hold().Result)
}

// A decision about a list that has changed meanwhile does nothing; the new list is shown.
func TestDecisionIsAboutTheListThatWasShown(t *testing.T) {
	t.Parallel()
	w := holding(t)
	p := w.open(start)
	var late *answer
	p.after(time.Hour, func() {
		w.change(func() { w.shown = list("cccccccccccccccc", 101) })
		p.by(api.VerbAllow)
	})
	p.after(2*time.Hour, func() {
		require.Contains(t, p.state().Attention[0].Text, "101 people")
		late = p.decide(api.VerbAllow, api.Decision{By: "grace", Step: "hold.aaaaaaaaaaaa"})
		p.by(api.VerbAllow)
	})
	p.hold()
	require.ErrorContains(t, late.refused, "nothing is waiting")
	require.Len(t, w.lists, 2)
	require.Equal(t, "cccccccccccccccc", w.lists[1].Hash)
}

// IT cannot be told: the question stands all the same, and the message is an item beside it.
func TestQuestionNeedsNoMessage(t *testing.T) {
	t.Parallel()
	w := holding(t)
	w.refusing("slack.held:2026-03-02T09:00:00", 9)
	p := w.open(start)
	p.after(time.Hour, func() {
		require.Len(t, p.state().Attention, 2)
		p.by(api.VerbAllow)
	})
	require.Equal(t, "let through by grace (unverified)", p.hold().Result)
}

// tell plays a run that tells what another could not.
func (p *play) tell(m api.Message) (api.Told, error) {
	p.t.Helper()
	p.env.ExecuteWorkflow(api.TypeTell, api.TellInput{Word: api.Word{Step: "slack.vanished", Summary: "tell IT", Message: &m}})
	require.True(p.t, p.env.IsWorkflowCompleted())
	if err := p.env.GetWorkflowError(); err != nil {
		return api.Told{}, err
	}
	var out api.Told
	require.NoError(p.t, p.env.GetWorkflowResult(&out))
	return out, nil
}

func TestWordOfARunThatHasEndedIsToldInTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refusing("slack.vanished", 2)
	p := w.open(start)
	p.after(time.Hour, func() {
		require.Equal(t, "slack.vanished", p.state().Attention[0].Step)
		require.Equal(t, api.AudienceSecurity, w.messages[0].Audience, "IT is who cannot be told")
	})
	out, err := p.tell(api.Message{OnceKey: "k", Audience: api.AudienceIT, Kind: api.MessageSyncVanished})
	require.NoError(t, err)
	require.Equal(t, "told", out.Result)
	require.Equal(t, start.Add(48*time.Hour), p.env.Now().UTC())

	w.refusing("slack.vanished", 99)
	p = w.open(start)
	p.after(time.Hour, func() { p.by(api.VerbSkip) })
	out, err = p.tell(api.Message{OnceKey: "k", Audience: api.AudienceIT, Kind: api.MessageSyncVanished})
	require.NoError(t, err)
	require.Equal(t, "skipped by grace (unverified)", out.Result)

	p = w.open(start)
	p.after(time.Hour, func() { p.env.SetContinueAsNewSuggested(true) })
	_, err = p.tell(api.Message{OnceKey: "k", Audience: api.AudienceIT, Kind: api.MessageSyncVanished})
	require.ErrorContains(t, err, "continue as new")
}

// TestHeldPeopleBecomeOverdue: security is told once for each list, and the question says so.
func TestHeldPeopleBecomeOverdue(t *testing.T) {
	t.Parallel()
	w := holding(t)
	w.shown.OverdueAt, w.shown.Pages, w.shown.PagedApart = start.Add(15*time.Minute), true, true
	p := w.open(start)
	var pages []api.PagerEvent
	p.env.RegisterActivityWithOptions(func(ctx context.Context, in api.PagerEvent) (api.PagerSent, error) {
		return api.PagerSent{DedupKey: in.DedupKey}, p.w.step(ctx, func() { pages = append(pages, in) })
	}, activity.RegisterOptions{Name: api.PagerDutyEvent})
	p.after(14*time.Minute, func() {
		require.Zero(t, p.state().Attention[0].Overdue)
		require.Zero(t, count(w.posted(), api.MessageHoldOverdue))
	})
	p.after(time.Hour, func() {
		require.Equal(t, w.shown.OverdueAt, p.state().Attention[0].Overdue)
		require.Contains(t, p.details(), "### OVERDUE: Needs a decision")
		require.Equal(t, 1, count(w.posted(), api.MessageHoldOverdue))
		require.Len(t, pages, 1, "and somebody is woken")
	})
	p.after(25*time.Hour, func() {
		require.Equal(t, w.shown.OverdueAt, p.state().Attention[0].Overdue, "asked again a day later")
		require.Equal(t, 1, count(w.posted(), api.MessageHoldOverdue), "and not told again")
		another := list("bbbbbbbbbbbbbbbb", 101)
		another.OverdueAt = w.shown.OverdueAt
		p.poll(another)
	})
	p.after(26*time.Hour, func() {
		require.Equal(t, 2, count(w.posted(), api.MessageHoldOverdue), "another list is news")
		p.by(api.VerbAllow)
	})
	require.Equal(t, "let through by grace (unverified)", p.hold().Result)
	for _, m := range w.messages {
		if m.Kind == api.MessageHoldOverdue {
			require.Equal(t, api.AudienceSecurity, m.Audience)
		}
	}
}
