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

// sweeping starts a sweep of the inventory as its schedule would.
func sweeping(s *kit.Stack, id string) client.WorkflowRun {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep},
		api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour})
	require.NoError(s.T, err)
	return run
}

// swept waits for the end of a sweep.
func swept(s *kit.Stack, run client.WorkflowRun) api.AccountSweepOutcome {
	s.T.Helper()
	var out api.AccountSweepOutcome
	require.NoError(s.T, run.Get(s.T.Context(), &out))
	return out
}

// recordSwept has the inventory read in full, and then what was changed.
func recordSwept(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	full := swept(s, sweeping(s, "account-sweep-full"))
	require.Equal(t, "full", full.Accounts.Kind)
	require.True(t, full.Accounts.Complete)
	require.NotNil(t, full.Matched)
	write(s, accountsSwept, "account-sweep-full")

	require.NoError(t, s.Sandbox.SetStatus(t.Context(), s.Account("workday-21002").Username, 2))
	changes := swept(s, sweeping(s, "account-sweep-changes"))
	require.Equal(t, "changes", changes.Accounts.Kind)
	require.Nil(t, changes.Matched)
	write(s, accountsChanged, "account-sweep-changes")
}

// recordSweepParked has OneLogin refuse a part of a sweep, and somebody skip it.
func recordSweepParked(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{Op: "onelogin.list_mappings", When: "before", Style: "status", Status: 400, Times: -1}))
	run := sweeping(s, api.AccountSweepID)
	s.Until("somebody is asked", func() bool { return s.Decide(api.AccountSweepID, api.VerbSkip) == nil })
	require.True(t, swept(s, run).Accounts.Complete)
	write(s, sweepParked, api.AccountSweepID)
}
