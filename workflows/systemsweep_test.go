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
	"gatehouse/internal/templates"
)

// systemSweeping runs SystemSweep with a reading of the test's own.
func systemSweeping(t *testing.T, sweep func(now time.Time, in api.SystemSweepInput) (api.SystemSwept, error), prepare func(*testsuite.TestWorkflowEnvironment)) api.SystemSweepOutcome {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(start)
	env.SetTestTimeout(20 * time.Second)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.SystemSweepID("google"), TaskQueue: api.QueueSweep})
	env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	templates.RegisterWorkflows(env, templates.All(), api.QueueSweep)
	add := func(name string, fn any) { env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
	listed(add)
	add(api.SystemsSweep, func(_ context.Context, in api.SystemSweepInput) (api.SystemSwept, error) { return sweep(env.Now(), in) })
	if prepare != nil {
		prepare(env)
	}
	env.ExecuteWorkflow(api.TypeSystemSweep, api.SystemSweepRequest{System: "google", Every: 6 * time.Hour})
	require.True(t, env.IsWorkflowCompleted())
	require.NoError(t, env.GetWorkflowError())
	var out api.SystemSweepOutcome
	require.NoError(t, env.GetWorkflowResult(&out))
	return out
}

func TestSystemSweepSaysWhatItCameTo(t *testing.T) {
	t.Parallel()
	var got api.SystemSweepInput
	out := systemSweeping(t, func(_ time.Time, in api.SystemSweepInput) (api.SystemSwept, error) {
		got = in
		return api.SystemSwept{System: "google", Kind: "full", Seen: 9, Written: 2, Missing: 1, Held: 3, Linked: 4, Hinted: 5, Complete: true}, nil
	}, nil)
	require.Equal(t, "google", got.System)
	require.Equal(t, 6*time.Hour, got.Every)
	require.Equal(t, "full: 9 accounts were seen, 2 look other than before; 1 were not shown, 0 are gone; 3 memberships that were not shown are "+
		"believed until they are due; 4 were put on record for somebody; 5 people were told", out.Result)
}

func TestSystemSweepSaysWhatItDoesNotBelieve(t *testing.T) {
	t.Parallel()
	out := systemSweeping(t, func(time.Time, api.SystemSweepInput) (api.SystemSwept, error) {
		return api.SystemSwept{Kind: "full", Why: "7 accounts were not shown although they exist"}, nil
	}, nil)
	require.Contains(t, out.Result, "quarantined: 7 accounts were not shown although they exist")
	require.False(t, out.Swept.Complete)
}

// A system that holds its answers back needs nobody to go on.
func TestSystemSweepGoesOnByItself(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	out := systemSweeping(t, func(now time.Time, in api.SystemSweepInput) (api.SystemSwept, error) {
		ids[in.Sweep] = true
		if now.Sub(start) < 5*time.Hour {
			return api.SystemSwept{}, temporal.NewApplicationErrorWithOptions("HTTP 429", api.ErrRateLimited,
				temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Minute})
		}
		return api.SystemSwept{Kind: "changes", Complete: true}, nil
	}, nil)
	require.Equal(t, "changes: 0 accounts were seen, 0 look other than before", out.Result)
	require.Len(t, ids, 1, "every attempt goes on with the same reading")
}

func TestSystemSweepCanBeAborted(t *testing.T) {
	t.Parallel()
	out := systemSweeping(t, func(time.Time, api.SystemSweepInput) (api.SystemSwept, error) {
		return api.SystemSwept{}, temporal.NewNonRetryableApplicationError("no such system", api.ErrInvalid, nil)
	}, func(env *testsuite.TestWorkflowEnvironment) {
		env.RegisterDelayedCallback(func() {
			env.UpdateWorkflow(api.VerbAbort, "abort", &testsuite.TestUpdateCallback{
				OnAccept: func() {}, OnReject: func(err error) { require.NoError(t, err) }, OnComplete: func(any, error) {},
			}, api.Decision{By: "ops@acme.example", Reason: "the system is gone"})
		}, time.Minute)
	})
	require.Equal(t, "aborted", out.Result[:7])
}
