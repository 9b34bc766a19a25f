package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// flood is as many signals as a run takes before it goes on as a fresh one. The server takes ten times as many.
const flood = 1000

func (p *play) flood(n int) {
	for range n {
		p.hint()
	}
}

// watched is a chain whose leaver is read back a day later.
func watched() api.ChainInput {
	a := leaver()
	a.VerifyAfter = []time.Duration{24 * time.Hour}
	return api.ChainInput{Key: key, Hint: hint(), Assessment: &a, Watching: true, Ticket: "IT-7", Stage: api.StageWatching}
}

func TestFloodedWatchGoesOnAsAFreshRunAndReadsBackInTime(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.account.Factors = 0
	e := ended{at: start, next: api.TypeOffboarding, input: watched()}
	for n := range 3 {
		p := w.open(e.at)
		p.after(time.Hour, func() { p.flood(flood) })
		e = p.run(e.next, e.input)
		require.NoError(t, e.err)
		require.Equal(t, api.TypeOffboarding, e.next, "after %d floods", n+1)
		require.True(t, e.input.Hinted, "a hint that the server took no more is answered by the fresh run")
		require.True(t, e.input.Watching)
		require.Zero(t, e.input.Check)
		require.Equal(t, start.Add(24*time.Hour), e.input.CheckAt.UTC(), "no flood puts the read-back off")
		require.Equal(t, "IT-7", e.input.Ticket)
	}
	looked := w.tried("Person.Assess")
	e = w.then(e)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, start.Add(24*time.Hour), e.at)
	require.Equal(t, looked+1, w.tried("Person.Assess"))
	require.Equal(t, 1, w.tried("onelogin.read-back:1"))
	require.Zero(t, w.tried("jira.ticket"), "the work that was done is not begun again")
}

func TestReadBackThatAFloodInterruptsIsMadeByTheFreshRun(t *testing.T) {
	t.Parallel()
	w := contained(t)
	w.account.Factors = 0
	w.failing("onelogin.read-back:1", 50)
	p := w.open(start)
	p.after(24*time.Hour+10*time.Minute, func() { p.flood(flood) })
	e := p.run(api.TypeOffboarding, watched())
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Zero(t, e.input.Check)
	w.before("onelogin.read-back:1", nil)
	e = w.then(e)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "confirmed", w.fact("onelogin.read-back:1").Outcome)
}

func TestWhatIsFoundInAFloodComesFirst(t *testing.T) {
	t.Parallel()
	t.Run("the account of a leaver is open again", func(t *testing.T) {
		t.Parallel()
		w := contained(t)
		p := w.open(start)
		p.after(time.Hour, func() {
			w.finds(leaver())
			p.flood(flood)
		})
		e := p.run(api.TypeOffboarding, watched())
		require.Equal(t, api.TypePerson, e.next)
	})
	t.Run("a departure while the account is being made", func(t *testing.T) {
		t.Parallel()
		w := joinersWorld(t)
		w.failing("onelogin.read-back", 1000)
		p := w.open(start)
		p.after(time.Hour, func() {
			w.finds(leaver())
			p.flood(flood)
		})
		e := p.template(api.TypeOnboarding, joiner())
		require.Equal(t, api.TypeOffboarding, e.next)
		require.NotEmpty(t, w.did("onelogin.suspend"), "it is contained by this run already")
		require.True(t, e.input.Hinted)
	})
}

// What a flooded template had begun is begun again by the fresh run: under the same keys, so that it happens once.
func TestFloodedWorkIsBegunAgain(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	w.finds(joiner())
	w.failing("onelogin.read-back", 1000)
	p := w.open(start)
	p.after(time.Hour, func() { p.flood(flood) })
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, api.TypeOnboarding, e.next)
	require.True(t, e.input.Hinted)
	require.NotNil(t, e.input.Assessment)
	w.before("onelogin.read-back", nil)
	e = w.then(e)
	require.NoError(t, e.err)
	require.Equal(t, "can sign in", e.out.Result)
	require.Len(t, w.invites, 2)
	require.Equal(t, w.invites[0].OnceKey, w.invites[1].OnceKey)
}

func TestFloodWhileNobodyCanBeAssessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	down := func(context.Context, int) error {
		return temporal.NewNonRetryableApplicationError("HR refuses every question", api.ErrInvalid, nil)
	}
	w.before("Person.Assess", down)
	w.before("person.assess", down)
	p := w.open(start)
	left := flood
	var again func()
	again = func() {
		p.hint()
		if left--; left > 0 {
			p.after(time.Second, again)
		}
	}
	p.after(time.Second, again)
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, api.TypePerson, e.next)
	w.before("Person.Assess", nil)
	w.finds(person())
	require.Equal(t, "nothing to do", w.then(e).out.Result)
}

func TestFloodedPersonWhoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(waiting(start.Add(30 * time.Minute)))
	p := w.open(start)
	p.after(time.Minute, func() { p.flood(flood) })
	e := p.person()
	require.Equal(t, api.TypePerson, e.next)
}

// A hint may come when a run has taken all that the server lets it take, and drained them. It is not sent; so the run must
// not end without a fresh look.
func TestFloodedRunDoesNotSimplyEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(person())
	flooded := false
	p := w.open(start)
	w.before("Person.Assess", func(context.Context, int) error {
		if !flooded {
			flooded = true
			p.flood(flood)
			return temporal.NewNonRetryableApplicationError("not yet", api.ErrInvalid, nil)
		}
		return nil
	})
	e := p.person()
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, "nothing to do", w.then(e).out.Result)
}

// A history that has grown long by anything else is left as well.
func TestLongHistoryIsLeft(t *testing.T) {
	t.Parallel()
	w := contained(t)
	p := w.open(start)
	p.env.SetCurrentHistoryLength(5000)
	p.after(time.Hour, p.hint)
	e := p.run(api.TypeOffboarding, watched())
	require.Equal(t, api.TypeOffboarding, e.next)
}

// A run that passed the first threshold before runs went on as fresh ones goes on at the next one.
func TestRunThatBeganBeforeGoesOnLater(t *testing.T) {
	t.Parallel()
	w := contained(t)
	p := w.open(start)
	p.env.OnGetVersion("crowded-1", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
	p.env.OnGetVersion("crowded-2", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.Version(1))
	p.after(time.Hour, func() { p.flood(flood) })
	p.after(2*time.Hour, func() { p.flood(flood - 1) })
	p.after(3*time.Hour, func() {
		require.Equal(t, api.StageWatching, p.state().Stage, "it goes on")
		p.hint()
	})
	e := p.run(api.TypeOffboarding, watched())
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, start.Add(3*time.Hour), e.at.Truncate(time.Minute))
}

func TestResponseInAFloodIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(planned(identity.VerdictRespond, response(identity.StepEndSessions, "o1")))
	w.failing("onelogin.end-sessions:o1", 1000)
	p := w.open(start)
	p.after(time.Hour, func() { p.flood(flood) })
	e := p.person()
	require.Equal(t, api.TypePerson, e.next)
	w.before("onelogin.end-sessions:o1", nil)
	next := w.open(e.at)
	next.after(time.Second, func() { w.finds(person()) })
	e = next.run(e.next, e.input)
	require.NotEmpty(t, w.closed)
}

func TestFloodedCourseGoesOnAsAFreshRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(start)
	looks := 0
	p.env.RegisterActivityWithOptions(func(context.Context, api.MFACheckInput) (api.MFALook, error) {
		looks++
		return api.MFALook{AccountID: accountID, Verdict: api.MFACourse, Due: start.Add(30 * time.Minute), EscalateAt: start.Add(72 * time.Hour)}, nil
	}, activity.RegisterOptions{Name: api.MFACheck})
	p.after(time.Minute, func() {
		for range flood {
			p.env.SignalWorkflow(api.SignalEnrolled, nil)
		}
	})
	p.env.ExecuteWorkflow(api.TypeMFAGrace, api.GraceInput{Key: key, AccountID: accountID})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, p.env.GetWorkflowError(), &next)
	var in api.GraceInput
	decode(t, next.Input, &in)
	require.True(t, in.Poked)
	require.Positive(t, looks)
}

func TestFloodedWatchOfEventsGoesOnAsAFreshRun(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.duringC = func() {
		w.duringC = nil
		for range flood {
			w.env.SignalWorkflow(api.SignalPoke, nil)
		}
	}
	w.env.ExecuteWorkflow(api.TypeEventWatch, w.in)
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	var in api.WatchInput
	decode(t, next.Input, &in)
	require.Equal(t, api.WatchInput{Rounds: 2, Beside: true, Stage: "working"}, in)
}

func (s *scene) flood() {
	for range flood {
		s.env.SignalWorkflow(api.SignalCase, nil)
	}
}

// goesOn plays the run until it goes on as a fresh one.
func (s *scene) goesOn() (in api.IncidentInput) {
	s.t.Helper()
	s.env.ExecuteWorkflow(api.TypeIncident, api.IncidentInput{Case: failedLogins, Beside: true})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(s.t, s.env.GetWorkflowError(), &next)
	decode(s.t, next.Input, &in)
	return in
}

func TestFloodedIncidentGoesOnAsAFreshRun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "lock"}}
	s.after(time.Minute, s.flood)
	in := s.goesOn()
	require.Equal(t, api.IncidentInput{Case: failedLogins, Beside: true, Stage: api.StageAttention, News: true}, in)
}

// While a ticket system is down the run cannot go on as another: what it has to say is not written down yet. It then looks at
// its case every ten minutes, and so saves the room it has left.
func TestFloodedIncidentThatCannotGoOnSavesRoom(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.broken["jira.ticket"] = temporal.NewApplicationError("Jira is down", api.ErrUnavailable)
	s.after(time.Minute, s.flood)
	for n := range 60 {
		s.after(time.Duration(n+2)*time.Minute, func() { s.env.SignalWorkflow(api.SignalCase, nil) })
	}
	var before int
	s.after(70*time.Second, func() { before = len(s.steps("events.case")) })
	s.after(62*time.Minute, func() {
		require.InDelta(t, 6, len(s.steps("events.case"))-before, 1, "looks in an hour")
		s.mu.Lock()
		delete(s.broken, "jira.ticket")
		s.mu.Unlock()
	})
	in := s.goesOn()
	require.True(t, in.News)
	require.Contains(t, s.steps("jira"), "jira.ticket")
}

// A fresh run looks once more before it ends: the server may have refused the last word to the one before.
func TestFreshIncidentLooksBeforeItEnds(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Status, s.state.StatusAt = "resolved", start
	s.env.ExecuteWorkflow(api.TypeIncident, api.IncidentInput{Case: failedLogins, Beside: true, News: true})
	require.NoError(t, s.env.GetWorkflowError())
	require.Len(t, s.steps("events.case"), 2)
}
