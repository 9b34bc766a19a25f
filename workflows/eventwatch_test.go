package workflows_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/internal/templates"
)

// watching is a run of EventWatch with activities of the test's own.
type watching struct {
	t       *testing.T
	env     *testsuite.TestWorkflowEnvironment
	read    api.CollectReport
	found   api.EvaluateReport
	err     error
	refused error
	did     []string
	posted  []api.Message
	duringC func()
	in      api.WatchInput
}

func newWatching(t *testing.T, id string) *watching {
	t.Helper()
	w := &watching{t: t, in: api.WatchInput{Beside: true}, read: api.CollectReport{Read: 3, New: 2, Calls: 1}, found: api.EvaluateReport{Opened: 1}}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	w.env = suite.NewTestWorkflowEnvironment()
	w.env.SetStartTime(start)
	w.env.SetTestTimeout(20 * time.Second)
	w.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep})
	w.env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	templates.RegisterWorkflows(w.env, templates.All(), api.QueueSweep)
	add := func(name string, fn any) { w.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
	listed(add)
	add(api.EventsCollect, func(context.Context, api.Nothing) (api.CollectReport, error) {
		w.did = append(w.did, "collect")
		if w.duringC != nil {
			w.duringC()
		}
		return w.read, w.err
	})
	add(api.EventsEvaluate, func(context.Context, api.Nothing) (api.EvaluateReport, error) {
		w.did = append(w.did, "evaluate")
		return w.found, nil
	})
	add(api.EventsPoke, func(context.Context, api.Nothing) error { w.did = append(w.did, "poke"); return nil })
	add(api.SlackPost, func(_ context.Context, in api.Message) (api.Posted, error) {
		w.did = append(w.did, "tell")
		if w.refused == nil {
			w.posted = append(w.posted, in)
		}
		return api.Posted{}, w.refused
	})
	return w
}

func (w *watching) run() api.WatchOutcome {
	w.t.Helper()
	w.env.ExecuteWorkflow(api.TypeEventWatch, w.in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var out api.WatchOutcome
	require.NoError(w.t, w.env.GetWorkflowResult(&out))
	return out
}

func TestWatchReadsAndEvaluates(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	require.Equal(t, api.WatchOutcome{Rounds: 1, New: 2, Opened: 1, Result: "in step"}, w.run())
	require.Equal(t, []string{"collect", "evaluate"}, w.did)
	require.Empty(t, w.posted)
}

func TestPokesDuringAReadingCountAsOne(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.duringC = func() {
		w.duringC = nil
		for range 7 {
			w.env.SignalWorkflow(api.SignalPoke, nil)
		}
	}
	require.Equal(t, 2, w.run().Rounds)
}

func TestScheduledWatchHandsOver(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID+"-2026-03-02T10:00:00Z")
	w.in.Scheduled = true
	require.Equal(t, "handed over to event-watch", w.run().Result)
	require.Equal(t, []string{"poke"}, w.did)
}

func TestWatchWithoutRules(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.read = api.CollectReport{Off: true}
	require.Equal(t, "in step", w.run().Result)
	require.Equal(t, []string{"collect"}, w.did)
}

func TestWatchThatCannotReadLooksAgainByItself(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.err = temporal.NewNonRetryableApplicationError("the policy's event rules do not fit this tenant", api.ErrInvalid, nil)
	w.env.RegisterDelayedCallback(func() { w.err = nil }, 25*time.Minute)
	require.Equal(t, "in step", w.run().Result)
	require.Equal(t, []string{"collect", "collect", "collect", "collect", "evaluate"},
		slices.DeleteFunc(w.did, func(s string) bool { return s == "tell" }))
	require.NotEmpty(t, w.posted, "IT is told")
	require.WithinDuration(t, start.Add(30*time.Minute), w.env.Now(), time.Minute)
}

func TestWatchSaysWhatItCouldNotUse(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.read.Unreadable, w.read.Failed = 2, []string{"risky"}
	w.run()
	require.Len(t, w.posted, 2)
	// Neither waits for the other.
	said := w.posted[0].Text + w.posted[1].Text
	require.Contains(t, said, "2 events without a usable id")
	require.Contains(t, said, "event rule risky fails")
	require.Equal(t, []string{"collect", "evaluate", "tell", "tell"}, w.did, "the rules come before the words")
}

// What cannot be judged is told once a day, and the run reads on.
func TestWatchSaysWhomItCouldNotJudge(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.found.Unjudged = []string{"failed-logins/onelogin-42"}
	w.duringC = func() {
		w.duringC = nil
		w.env.SignalWorkflow(api.SignalPoke, nil)
	}
	require.Equal(t, 2, w.run().Rounds)
	require.Len(t, w.posted, 1)
	require.Contains(t, w.posted[0].Text, "cannot be judged, so that no incident can come of it, for 1: failed-logins/onelogin-42")
}

// IT cannot be told: the rules are applied, and the message is left to a run of its own.
func TestWatchWaitsForNoWord(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.read.Unreadable = 2
	w.refused = temporal.NewNonRetryableApplicationError("the channel is archived", api.ErrNotFound, nil)
	var told []api.Word
	w.env.OnWorkflow(api.TypeTell, mock.Anything, mock.Anything).Return(func(_ workflow.Context, in api.TellInput) (api.Told, error) {
		told = append(told, in.Word)
		return api.Told{}, nil
	})
	require.Equal(t, "in step", w.run().Result)
	require.Contains(t, w.did, "evaluate")
	require.Len(t, told, 1)
	require.WithinDuration(t, start, w.env.Now(), 2*time.Minute)
}

// A rule cannot be used: it is an item, and the others are at work. When it is corrected, the run ends.
func TestUnfitRuleIsAnItemAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.read.Unfit = []api.UnfitRule{{Rule: "factors", Why: `OneLogin has no event type "USER_REGISTERED"`}, {Rule: "abroad", Why: "nothing tells where an address is"}}
	state := func() api.State {
		value, err := w.env.QueryWorkflow(api.QueryState)
		require.NoError(t, err)
		var s api.State
		require.NoError(t, value.Get(&s))
		return s
	}
	poke := func() { w.env.SignalWorkflow(api.SignalPoke, nil) }
	w.env.RegisterDelayedCallback(func() {
		require.Len(t, state().Attention, 2)
		require.Equal(t, api.StageAttention, state().Stage)
		require.Contains(t, state().Attention[0].Text, `Event rule factors counts nothing: OneLogin has no event type "USER_REGISTERED"`)
		w.env.UpdateWorkflow(api.VerbSkip, "", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { require.NoError(t, err) }, OnComplete: func(any, error) {},
		}, api.Decision{By: "grace", Step: "events.rule:abroad"})
		poke()
	}, time.Minute)
	w.env.RegisterDelayedCallback(func() {
		require.Len(t, state().Attention, 1, "one that was put away is not shown again")
		require.Equal(t, []string{"collect", "evaluate", "collect", "evaluate"}, slices.DeleteFunc(slices.Clone(w.did), func(s string) bool { return s == "tell" }))
		w.read.Unfit = w.read.Unfit[1:]
		poke()
	}, time.Hour)
	w.env.RegisterDelayedCallback(func() {
		require.Empty(t, state().Attention)
		w.read.Unfit = nil
		poke()
	}, 2*time.Hour)
	require.Equal(t, "in step", w.run().Result)
	require.Len(t, w.posted, 2, "IT is told of each once")
}

// A run that was started before words went beside the readings waits for each as it did.
func TestWatchInLineAsItBegan(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.in.Beside = false
	w.read.Failed = []string{"risky"}
	w.run()
	require.Equal(t, []string{"collect", "tell", "evaluate"}, w.did)
}
