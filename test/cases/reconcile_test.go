package cases

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// reconcile compares people with their accounts as the schedule does: whoever has left or is due, or everybody.
func reconcile(s *kit.Stack, whole bool) api.ReconcileOutcome {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: api.ReconcileID, TaskQueue: api.QueueSweep},
		api.TypeReconcile, api.ReconcileRequest{Every: 24 * time.Hour, Whole: whole})
	require.NoError(s.T, err)
	var out api.ReconcileOutcome
	require.NoError(s.T, run.Get(s.T.Context(), &out))
	return out
}

// TestCase_L13_FoundByReconcile: HR terminates somebody, the webhook is lost and no poll runs. The hourly comparison finds
// them and touches nobody else.
func TestCase_L13_FoundByReconcile(t *testing.T) {
	t.Parallel()
	for source, key := range map[string]string{"workday": "workday-21005", "bamboohr": "bamboohr-105"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			sweep(s)
			require.True(t, reconcile(s, false).Found.Whole, "the first comparison is of everybody")
			account := s.Account(key)
			intact := untouched(s)
			s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			intact()
			out := reconcile(s, false)
			require.False(t, out.Found.Whole)
			require.Equal(t, 1, out.Hinted, "%+v", out)
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}
