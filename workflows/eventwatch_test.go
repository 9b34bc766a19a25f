package workflows_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/workflows"
)

// watching is a run of EventWatch with activities of the test's own.
type watching struct {
	t       *testing.T
	env     *testsuite.TestWorkflowEnvironment
	read    api.CollectReport
	err     error
	did     []string
	posted  []api.Message
	duringC func()
	in      api.WatchInput
}

func newWatching(t *testing.T, id string) *watching {
	t.Helper()
	w := &watching{t: t, read: api.CollectReport{Read: 3, New: 2, Calls: 1}}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	w.env = suite.NewTestWorkflowEnvironment()
	w.env.SetStartTime(start)
	w.env.SetTestTimeout(20 * time.Second)
	w.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep})
	w.env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	workflows.RegisterSweeps(w.env)
	add := func(name string, fn any) { w.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
	add(api.EventsCollect, func(context.Context, api.Nothing) (api.CollectReport, error) {
		w.did = append(w.did, "collect")
		if w.duringC != nil {
			w.duringC()
		}
		return w.read, w.err
	})
	add(api.EventsEvaluate, func(context.Context, api.Nothing) (api.EvaluateReport, error) {
		w.did = append(w.did, "evaluate")
		return api.EvaluateReport{Opened: 1}, nil
	})
	add(api.EventsPoke, func(context.Context, api.Nothing) error { w.did = append(w.did, "poke"); return nil })
	add(api.SlackPost, func(_ context.Context, in api.Message) (api.Posted, error) {
		w.posted = append(w.posted, in)
		return api.Posted{}, nil
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
	require.Equal(t, []string{"collect", "collect", "collect", "collect", "evaluate"}, w.did)
	require.NotEmpty(t, w.posted, "IT is told")
	require.WithinDuration(t, start.Add(30*time.Minute), w.env.Now(), time.Minute)
}

func TestWatchSaysWhatItCouldNotUse(t *testing.T) {
	t.Parallel()
	w := newWatching(t, api.EventWatchID)
	w.read.Unreadable, w.read.Failed = 2, []string{"risky"}
	w.run()
	require.Len(t, w.posted, 2)
	require.Contains(t, w.posted[0].Text, "2 events without a usable id")
	require.Contains(t, w.posted[1].Text, "event rule risky fails")
}
