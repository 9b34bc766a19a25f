package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// hired is a world in which a joiner's account is made and opened, and HR has nothing more to say.
func hired(t *testing.T) *world {
	t.Helper()
	w := joinersWorld(t)
	w.finds(person())
	return w
}

func slow(hours int) hook {
	return func(_ context.Context, attempt int) error {
		if attempt <= hours {
			return unreachable()
		}
		return nil
	}
}

// Slack is down for hours. The template's run has done its work and does not wait for that: the person's run goes on
// telling, each message once, and ends when everybody was told.
func TestSlackDownForHoursHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.before("slack.it", slow(5))
	w.before("slack.manager", slow(5))
	e := w.open(start).template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, api.TypePerson, e.next)
	require.Less(t, e.at, start.Add(2*time.Minute))
	require.Len(t, e.input.Words, 2)
	require.Equal(t, "done", w.fact("onelogin.create").Outcome, "the evidence of the work does not wait for the words")
	e = w.then(e)
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Len(t, w.posted(), 2)
	require.Equal(t, "done", w.fact("slack.it").Outcome)
	require.Equal(t, "Onboarding", w.fact("slack.manager").Template)
	require.Equal(t, 1, w.fact("slack.manager").Episode)
}

// Nobody can be told on a day on which everything answers at once: nothing is left for another run.
func TestWordsOfAGoodDayEndWithTheRun(t *testing.T) {
	t.Parallel()
	w := hired(t)
	e := w.open(start).template(api.TypeOnboarding, joiner())
	require.Equal(t, "can sign in", e.out.Result)
	require.Len(t, w.posted(), 2)
}

// Two words are refused: each is an item of its own and answered by itself.
func TestRefusedWordsAreDecidedOneByOne(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.refusing("slack.it", 2)
	w.refusing("slack.manager", 9)
	e := w.open(start).template(api.TypeOnboarding, joiner())
	require.Equal(t, api.TypePerson, e.next)
	p := w.open(e.at)
	p.after(time.Minute, func() {
		require.Len(t, p.state().Attention, 2)
		require.Equal(t, []string{api.VerbRetry, api.VerbSkip}, p.state().Attention[0].Options)
		p.decide(api.VerbRetry, api.Decision{By: "grace", Step: "slack.it"})
	})
	p.after(2*time.Minute, func() {
		require.Len(t, p.state().Attention, 1)
		require.Equal(t, api.StageAttention, p.state().Stage)
		p.decide(api.VerbSkip, api.Decision{By: "grace", Reason: "told them myself", Step: "slack.manager"})
	})
	e = p.run(e.next, e.input)
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, "done", w.fact("slack.it").Outcome)
	require.Equal(t, "skipped", w.fact("slack.manager").Outcome)
	require.Equal(t, "told them myself", w.fact("slack.manager").Cause)
}

// Nobody decides about a refused word: it is tried again every day.
func TestRefusedWordIsTriedAgainByItself(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.refusing("slack.it", 4)
	e := w.then(w.open(start).template(api.TypeOnboarding, joiner()))
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, start.Add(3*24*time.Hour).Truncate(time.Hour), e.at.Truncate(time.Hour))
	require.Equal(t, "done", w.fact("slack.it").Outcome)
}

// Somebody leaves while the message about their start cannot be delivered: they are contained at once, and the message
// that is not true any more is withdrawn.
func TestDepartureDoesNotWaitForAWord(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.refusing("slack.it", 99)
	e := w.open(start).template(api.TypeOnboarding, joiner())
	p := w.open(e.at)
	at := time.Duration(0)
	p.after(time.Hour, func() {
		leaving := leaver()
		leaving.ContainBy = w.now().Add(time.Hour)
		w.finds(leaving)
		p.hint()
	})
	w.before("onelogin.suspend", func(context.Context, int) error { at = w.now().Sub(e.at); return nil })
	e = p.run(e.next, e.input)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, time.Hour, at.Round(time.Second))
	require.Empty(t, e.input.Words)
	w.finds(left())
	w.then(e)
	require.Equal(t, "withdrawn: they are leaving", w.fact("slack.it").Outcome)
}

// A hint that finds nothing new is answered at once and does not have the same thing told twice.
func TestHintWhileAWordIsOwed(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.before("slack.it", slow(3))
	e := w.open(start).template(api.TypeOnboarding, joiner())
	p := w.open(e.at)
	for n := range 3 {
		p.after(time.Duration(n+1)*10*time.Minute, func() {
			p.hint()
			p.after(time.Second, func() { require.Equal(t, n+2, w.tried("Person.Assess")) })
		})
	}
	e = p.run(e.next, e.input)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Len(t, w.posted(), 2)
}

// A long wait is not entered anew for ever because somebody is owed a word.
func TestWordsGoOnBesideALongWait(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.refusing("slack.it", 99)
	w.finds(waiting(start.Add(30 * 24 * time.Hour)))
	e := w.open(start).template(api.TypeOnboarding, joiner())
	p := w.open(e.at)
	p.after(29*24*time.Hour, func() {
		require.Equal(t, 1, w.tried("Person.Assess"))
		require.Equal(t, "slack.it", p.state().Attention[0].Step)
		p.by(api.VerbSkip)
		w.finds(person())
	})
	e = p.run(e.next, e.input)
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
}

// A run that is cancelled says in the evidence what nobody heard.
func TestCancelledRunNotesWhatNobodyHeard(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.refusing("slack.it", 99)
	e := w.open(start).template(api.TypeOnboarding, joiner())
	p := w.open(e.at)
	p.after(time.Hour, p.env.CancelWorkflow)
	e = p.run(e.next, e.input)
	require.Error(t, e.err)
	require.Equal(t, "not delivered: the run was cancelled", w.fact("slack.it").Outcome)
}

// Two words of one name are on their way in one run: a mover's after a joiner's, both to IT.
func TestTwoWordsOfOneName(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.before("slack.person", slow(1))
	w.before("slack.person:2", slow(1))
	word := func(key string) api.Word {
		return api.Word{
			Step: "slack.person", Summary: "tell the person", Template: api.TypeRoleChange, Episode: 1,
			Message: &api.Message{OnceKey: key, Kind: api.MessageMoverPerson},
		}
	}
	e := w.open(start).run(api.TypePerson, api.ChainInput{Key: key, Hint: hint(), Words: []api.Word{word("a"), word("b"), word("a")}})
	require.NoError(t, e.err)
	require.Len(t, w.posted(), 2)
	require.Equal(t, "done", w.fact("slack.person:2").Outcome)
}

// A run whose assessment was made before words went beside waits for each as it did then.
func TestWordsInLineAsTheRunBegan(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.before("slack.it", slow(5))
	before := joiner()
	before.Beside = false
	e := w.open(start).template(api.TypeOnboarding, before)
	require.Equal(t, "can sign in", e.out.Result)
	require.Equal(t, start.Add(5*time.Hour), e.at)
}

// A step hangs for hours: what was done before it is in the ledger ten seconds later.
func TestEvidenceDoesNotWaitForAStepThatHangs(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.before("onelogin.roles", slow(5))
	p := w.open(start)
	p.after(9*time.Second, func() { require.Empty(t, w.records) })
	p.after(11*time.Second, func() {
		require.Equal(t, "done", w.fact("onelogin.create").Outcome)
		require.Len(t, w.records, 1)
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.Equal(t, "can sign in", e.out.Result)
	require.Len(t, w.records, 2, "nothing is recorded twice")
	require.Equal(t, "done", w.fact("onelogin.roles").Outcome)
}

// A run asks a person: what it has done is in the ledger by then.
func TestEvidenceComesBeforeAQuestion(t *testing.T) {
	t.Parallel()
	w := hired(t)
	w.refusing("onelogin.roles", 9)
	p := w.open(start)
	p.after(time.Second, func() {
		require.Equal(t, "onelogin.roles", p.state().Attention[0].Step)
		require.Equal(t, "done", w.fact("onelogin.create").Outcome)
		w.change(func() { w.account.Roles = joiner().Plan.Desired.Roles })
		p.by(api.VerbSkip)
	})
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, "skipped", w.fact("onelogin.roles").Outcome)
}

// The ledger is down when the evidence is due: the work goes on, facts that are noted meanwhile follow, and none is lost
// over the hand-over.
func TestEvidenceThatCannotBeWrittenHoldsUpNoWork(t *testing.T) {
	t.Parallel()
	w := hired(t)
	down := func(context.Context, int) error {
		if w.now().Before(start.Add(6 * time.Hour)) {
			return unreachable()
		}
		return nil
	}
	w.before("Ledger.Record", down)
	w.before("ledger.record", down)
	w.before("onelogin.roles", slow(1))
	e := w.open(start).template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, "can sign in", e.out.Result)
	for _, step := range []string{"onelogin.create", "onelogin.roles", "onelogin.invite", "slack.it"} {
		require.Equal(t, "done", w.fact(step).Outcome, step)
	}
}
