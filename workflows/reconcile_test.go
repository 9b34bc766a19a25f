package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/internal/templates"
)

// TestReconcileCarriesCountsOnly: the three parts come one after the other, under the run's name, and nobody travels.
func TestReconcileCarriesCountsOnly(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	templates.RegisterWorkflows(env, templates.All(), api.QueueSweep)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: api.ReconcileID, TaskQueue: api.QueueSweep})
	var done []string
	var runs []string
	note := func(name string, in api.ReconcileInput) {
		done, runs = append(done, name), append(runs, in.Run)
	}
	env.RegisterActivityWithOptions(func(_ context.Context, in api.ReconcileInput) (api.ReconcileFound, error) {
		note("compare", in)
		require.Equal(t, 24*time.Hour, in.Every)
		return api.ReconcileFound{Whole: true, People: 100_000, Hints: 3, Unread: []api.UnreadSource{{Source: "workday", Why: "a third is gone"}}}, nil
	}, activity.RegisterOptions{Name: api.ReconcileCompare})
	env.RegisterActivityWithOptions(func(_ context.Context, in api.ReconcileInput) (api.ReconcileAdmitted, error) {
		note("admit", in)
		return api.ReconcileAdmitted{Admitted: 2, Held: 1}, nil
	}, activity.RegisterOptions{Name: api.ReconcileAdmit})
	env.RegisterActivityWithOptions(func(_ context.Context, in api.ReconcileInput) (api.BatchSent, error) {
		note("hint", in)
		return api.BatchSent{Sent: 2}, nil
	}, activity.RegisterOptions{Name: api.ReconcileHint})
	env.ExecuteWorkflow(api.TypeReconcile, api.ReconcileRequest{Every: 24 * time.Hour})
	require.NoError(t, env.GetWorkflowError())
	var out api.ReconcileOutcome
	require.NoError(t, env.GetWorkflowResult(&out))
	require.Equal(t, []string{"compare", "admit", "hint"}, done)
	require.Equal(t, []string{runs[0], runs[0], runs[0]}, runs)
	require.Equal(t, "everybody compared (100000 people): 2 hinted, 1 held", out.Result)
}
