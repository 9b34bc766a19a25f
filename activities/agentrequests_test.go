package activities_test

import (
	"encoding/json"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/agents/request"
	ledgeragents "gatehouse/ledger/agents"
)

// agentAsks is the id of a request of an agent about somebody.
func agentAsks(r *rig) string {
	known(r, "workday-21010")
	want := request.Asked{ID: "agent-request/helpdesk/1", Agent: "helpdesk", Tool: "revoke_sessions", Subject: "workday-21010", Reason: "a test"}
	detail, err := json.Marshal(want)
	require.NoError(r.t, err)
	_, _, err = r.app.Ledger.Agents().File(r.t.Context(), ledgeragents.Request{
		ID: want.ID, Agent: want.Agent, Tool: want.Tool, Subject: want.Subject, Arguments: "digest", State: api.RequestFiled, Detail: detail,
	})
	require.NoError(r.t, err)
	return want.ID
}
