package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/test/kit"
)

// recordAgentRead has an agent read an account and its events anew.
func recordAgentRead(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	swept(s, sweeping(s, api.AccountSweepID))
	who, now := s.Account("workday-21002").ID, time.Now().UTC().Truncate(time.Second)
	id := api.AgentReadID("helpdesk", "0a1b")
	out, err := s.App.Launch.AgentRead(t.Context(), id, api.AgentReadRequest{
		Agent: "helpdesk", Accounts: []int64{who}, Events: &api.AgentReadEvents{Users: []int64{who}, Since: now.Add(-time.Hour), Until: now},
	})
	require.NoError(t, err)
	require.True(t, out.Complete, "%s", out.Why)
	require.Equal(t, 1, out.Accounts)
	write(s, agentRead, id)
}
