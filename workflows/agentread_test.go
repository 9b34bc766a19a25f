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

// TestAReadingForAnAgentEndsInTime: with what there is, whatever OneLogin does, and without a question to anybody.
func TestAReadingForAnAgentEndsInTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		out  api.AgentReadOutcome
		err  error
		want api.AgentReadOutcome
	}{
		"read":       {out: api.AgentReadOutcome{Accounts: 2, Complete: true}, want: api.AgentReadOutcome{Accounts: 2, Complete: true}},
		"in part":    {out: api.AgentReadOutcome{Events: 9, Why: "there is more"}, want: api.AgentReadOutcome{Events: 9, Why: "there is more"}},
		"refused":    {err: temporal.NewNonRetryableApplicationError("ada@acme.example", api.ErrInvalid, nil), want: api.AgentReadOutcome{Why: "OneLogin does not show this to Gatehouse"}},
		"down":       {err: temporal.NewApplicationError("ada@acme.example", api.ErrUnavailable), want: api.AgentReadOutcome{Why: "OneLogin did not answer in time"}},
		"rate limit": {err: temporal.NewApplicationErrorWithOptions("slow", api.ErrUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: time.Hour}), want: api.AgentReadOutcome{Why: "OneLogin did not answer in time"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestWorkflowEnvironment()
			env.SetStartTime(start)
			env.SetTestTimeout(20 * time.Second)
			env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.AgentReadID("helpdesk", "x"), TaskQueue: api.QueueSweep})
			env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
			templates.RegisterWorkflows(env, templates.All(), api.QueueSweep)
			in := api.AgentReadRequest{Agent: "helpdesk", Accounts: []int64{1, 2}}
			env.RegisterActivityWithOptions(func(_ context.Context, got api.AgentReadRequest) (api.AgentReadOutcome, error) {
				require.Equal(t, in, got)
				return tt.out, tt.err
			}, activity.RegisterOptions{Name: api.AgentReadsRead})
			env.ExecuteWorkflow(api.TypeAgentRead, in)
			require.True(t, env.IsWorkflowCompleted())
			require.NoError(t, env.GetWorkflowError())
			var out api.AgentReadOutcome
			require.NoError(t, env.GetWorkflowResult(&out))
			require.Equal(t, tt.want, out)
			require.WithinDuration(t, start, env.Now(), api.AgentReadWithin+time.Second)
		})
	}
}
