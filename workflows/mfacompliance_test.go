package workflows_test

import (
	"context"
	"log/slog"
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

// TestScanEndsWithoutItsSheet: the sheet cannot be written and IT cannot be told. The grace periods are started, the scan ends,
// and what is left is told and written by runs of their own.
func TestScanEndsWithoutItsSheet(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]error{
		"a good day": nil, "refused": temporal.NewNonRetryableApplicationError("no", api.ErrInvalid, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestWorkflowEnvironment()
			env.SetStartTime(start)
			env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "mfa-compliance", TaskQueue: api.QueueSweep})
			env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
			templates.RegisterWorkflows(env, templates.All(), api.QueueSweep)
			var did []string
			add := func(name string, fn any) { env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
			listed(add)
			add(api.MFAScan, func(context.Context, api.MFAScanInput) (api.MFAScanned, error) {
				return api.MFAScanned{None: 3, Unread: 2, Misnamed: []string{"USER_ENROLLED"}}, nil
			})
			add(api.MFAStartGraces, func(context.Context) (api.MFAStarted, error) {
				did = append(did, "start")
				return api.MFAStarted{}, nil
			})
			add(api.MFATrack, func(context.Context, api.MFATrackInput) (api.MFATracked, error) {
				did = append(did, "track")
				return api.MFATracked{Rows: 7}, refused
			})
			add(api.SlackPost, func(context.Context, api.Message) (api.Posted, error) {
				did = append(did, "tell")
				return api.Posted{}, refused
			})
			left := 0
			env.OnWorkflow(api.TypeTell, mock.Anything, mock.Anything).Return(func(workflow.Context, api.TellInput) (api.Told, error) {
				left++
				return api.Told{}, nil
			})
			env.ExecuteWorkflow(api.TypeMFACompliance, api.ScanRequest{})
			require.NoError(t, env.GetWorkflowError())
			var out api.ScanOutcome
			require.NoError(t, env.GetWorkflowResult(&out))
			require.Equal(t, "3 without a second factor", out.Result)
			require.Equal(t, "start", did[0])
			require.WithinDuration(t, start, env.Now(), time.Hour)
			if refused == nil {
				require.Equal(t, 7, out.Tracked.Rows)
				require.ElementsMatch(t, []string{"start", "tell", "tell", "track"}, did)
				require.Zero(t, left)
			} else {
				require.Equal(t, 3, left)
			}
		})
	}
}

// TestScanThatCannotReadGoesOnWithWhatIsKnown, if somebody says so: the grace periods of whom earlier scans have found are started, and the
// outcome does not say that nobody lacks a factor.
func TestScanThatCannotReadGoesOnWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(start)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "mfa-compliance", TaskQueue: api.QueueSweep})
	env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	templates.RegisterWorkflows(env, templates.All(), api.QueueSweep)
	var did []string
	add := func(name string, fn any) { env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
	listed(add)
	add(api.MFAScan, func(context.Context, api.MFAScanInput) (api.MFAScanned, error) {
		return api.MFAScanned{}, temporal.NewNonRetryableApplicationError("no", api.ErrInvalid, nil)
	})
	add(api.MFAStartGraces, func(context.Context) (api.MFAStarted, error) {
		did = append(did, "start")
		return api.MFAStarted{}, nil
	})
	add(api.MFATrack, func(context.Context, api.MFATrackInput) (api.MFATracked, error) {
		did = append(did, "track")
		return api.MFATracked{}, nil
	})
	add(api.SlackPost, func(context.Context, api.Message) (api.Posted, error) { return api.Posted{}, nil })
	env.RegisterDelayedCallback(func() {
		require.Empty(t, did, "nothing goes on before somebody says so")
		env.UpdateWorkflow(api.VerbSkip, "", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { require.NoError(t, err) }, OnComplete: func(any, error) {},
		}, api.Decision{By: "grace", Step: "mfa.scan"})
	}, time.Hour)
	env.ExecuteWorkflow(api.TypeMFACompliance, api.ScanRequest{})
	require.NoError(t, env.GetWorkflowError())
	var out api.ScanOutcome
	require.NoError(t, env.GetWorkflowResult(&out))
	require.Equal(t, []string{"start", "track"}, did)
	require.Equal(t, "nobody was read: skipped", out.Result)
}
