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

// sweptSystem reads a system beside OneLogin as its schedule would.
func sweptSystem(s *kit.Stack, id, system string) api.SystemSwept {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep},
		api.TypeSystemSweep, api.SystemSweepRequest{System: system, Every: 6 * time.Hour})
	require.NoError(s.T, err)
	var out api.SystemSweepOutcome
	require.NoError(s.T, run.Get(s.T.Context(), &out))
	return out.Swept
}

// recordSystemSwept has a directory read in full, and then what it names as changed.
func recordSystemSwept(t *testing.T) {
	s := kit.New(t, kit.Options{Systems: true, Policy: kit.SystemsPolicy(t)})
	s.Baseline()
	full := sweptSystem(s, "system-sweep-ldap-full", "ldap")
	require.Equal(t, "full", full.Kind)
	require.True(t, full.Complete)
	write(s, systemSwept, "system-sweep-ldap-full")

	changes := sweptSystem(s, "system-sweep-ldap-changes", "ldap")
	require.Equal(t, "changes", changes.Kind)
	require.True(t, changes.Complete)
	write(s, systemChanged, "system-sweep-ldap-changes")
}

// recordSystemNotBelieved has a Google pass over groups that exist, which nothing follows from.
func recordSystemNotBelieved(t *testing.T) {
	s := kit.New(t, kit.Options{Systems: true, Policy: kit.SystemsPolicy(t)})
	s.Baseline()
	require.True(t, sweptSystem(s, "system-sweep-google-before", "google").Complete)
	require.NoError(t, s.Sandbox.Directory(t.Context(), control.DirectorySettings{Lies: map[string]string{"groups": "missing"}}))
	out := s.ReadSystem("google")
	require.False(t, out.Complete)
	require.NotEmpty(t, out.Why)
	require.Zero(t, out.Dropped)
	write(s, systemNotBelieved, api.SystemSweepID("google"))
}
