package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// compared has people compared with their accounts as the schedule would.
func compared(s *kit.Stack, id string) api.ReconcileOutcome {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep},
		api.TypeReconcile, api.ReconcileRequest{Every: 24 * time.Hour})
	require.NoError(s.T, err)
	var out api.ReconcileOutcome
	require.NoError(s.T, run.Get(s.T.Context(), &out))
	return out
}

// recordCompared has a leaver found whom nothing hinted of, while the other source is quarantined; then a rule is changed,
// and somebody allows what that makes.
func recordCompared(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	swept(s, sweeping(s, api.AccountSweepID))
	compared(s, "reconcile-first")
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "bamboohr", When: "before", Style: "status", Status: 503, Times: -1}))
	out := compared(s, "reconcile-hourly")
	require.Equal(t, 1, out.Hinted)
	require.Len(t, out.Found.Unread, 1)
	require.Equal(t, "access ended", s.Outcome("workday-21005").Result)
	write(s, peopleCompared, "reconcile-hourly")
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))

	s.WritePolicy(func(policy string) string {
		return kit.Replace(t, policy, "roles: [Marketing]", "roles: [Marketing, Jira]")
	})
	require.NoError(t, s.Vendors.Policy.Reload(t.Context()))
	require.Positive(t, compared(s, "reconcile-policy").Held)
	hold := api.HoldID(api.HoldRef{Source: "workday", Kind: api.GapPolicy})
	s.Until("somebody is asked", func() bool { return s.Decide(hold, api.VerbAllow) == nil })
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), hold, "").Get(t.Context(), nil))
	write(s, policyHeld, hold)
}
