package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/agents"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

const readingAgent = `agents:
  - name: helpdesk
    owner: dana@acme.example
    purpose: answers who has what
    state: active
    mode: enforce
    until: 2099-01-31
    see: [name, title, status, group, roles, apps, addresses]
    limits: {calls_per_minute: 600, people_per_day: 1000}
    rules: [{name: look, tools: [any], verdict: allow}]
`

// bearer signs an agent in.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// helpdesk connects an agent to the stack.
func helpdesk(s *kit.Stack) *mcp.ClientSession {
	s.T.Helper()
	s.Owns("dana@acme.example")
	handler, err := s.App.Agents(s.T.Context())
	require.NoError(s.T, err)
	web := httptest.NewServer(handler)
	s.T.Cleanup(web.Close)
	token := agents.TokenPrefix + strings.Repeat("t", 40)
	_, err = s.App.Ledger.Agents().AddToken(s.T.Context(), token, "helpdesk", "dana", time.Now().Add(time.Hour))
	require.NoError(s.T, err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(s.T.Context(), &mcp.StreamableClientTransport{
		Endpoint: web.URL + "/mcp", HTTPClient: &http.Client{Transport: bearer(token)}, DisableStandaloneSSE: true,
	}, nil)
	require.NoError(s.T, err)
	s.T.Cleanup(func() { require.NoError(s.T, session.Close()) })
	return session
}

type fresh struct {
	Count, Total int
	Matches      []struct {
		Accounts []struct{ Title string }
	}
	Roles  []struct{ Role string }
	Events []struct{ Event string }
	Fresh  struct {
		Done bool
		Why  string
	}
}

// asked calls a tool and reads its answer.
func asked(s *kit.Stack, session *mcp.ClientSession, tool string, args map[string]any) (out fresh) {
	s.T.Helper()
	r, err := session.CallTool(s.T.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	require.NoError(s.T, err)
	text := r.Content[0].(*mcp.TextContent).Text
	require.False(s.T, r.IsError, text)
	_, body, _ := strings.Cut(text, "\n")
	require.NoError(s.T, json.Unmarshal([]byte(body), &out))
	return out
}

// TestAgentsReadAnew: each tool answers from OneLogin as it is if that is wanted, without a write at any vendor and without a
// credential in its server; and from what is known while nobody works.
func TestAgentsReadAnew(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{
		Policy: func(text string) string { return text + readingAgent },
		Config: func(c *config.Config) { c.Agents.URL = "http://127.0.0.1/mcp" },
	})
	s.Baseline()
	swept, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: api.AccountSweepID, TaskQueue: api.QueueSweep},
		api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour})
	require.NoError(t, err)
	require.NoError(t, swept.Get(t.Context(), nil))
	session, who := helpdesk(s), s.Account("workday-21002")
	require.NotEmpty(t, who.Roles)
	before := asked(s, session, "list_group_members", map[string]any{"role": who.Roles[0]})
	_, err = s.Sandbox.EditAccount(t.Context(), who.ID, control.Fields{"title": "Conductor", "roles": who.Roles[1:]})
	require.NoError(t, err)
	_, _, err = s.Sandbox.Events(t.Context(), control.Event{Type: 6, Usernames: []string{who.Username}, IP: "203.0.113.9", Times: 5, Quiet: true})
	require.NoError(t, err)

	require.NotEqual(t, "Conductor", asked(s, session, "look_up_user", map[string]any{"query": who.Username}).Matches[0].Accounts[0].Title)
	mark := s.Mark()
	looked := asked(s, session, "look_up_user", map[string]any{"query": who.Username, "fresh": true})
	require.True(t, looked.Fresh.Done, looked.Fresh.Why)
	require.Equal(t, "Conductor", looked.Matches[0].Accounts[0].Title)
	roles := asked(s, session, "list_user_roles", map[string]any{"user": who.Username, "fresh": true})
	require.True(t, roles.Fresh.Done, roles.Fresh.Why)
	require.Equal(t, len(who.Roles)-1, roles.Total)
	require.True(t, asked(s, session, "list_app_assignments", map[string]any{"user": who.Username, "fresh": true}).Fresh.Done)
	members := asked(s, session, "list_group_members", map[string]any{"role": who.Roles[0], "fresh": true})
	require.True(t, members.Fresh.Done, members.Fresh.Why)
	require.Equal(t, before.Total-1, members.Total)
	require.True(t, asked(s, session, "list_group_members", map[string]any{"group": who.Group, "fresh": true}).Fresh.Done)
	events := asked(s, session, "list_events", map[string]any{"user": who.Username, "fresh": true})
	require.True(t, events.Fresh.Done, events.Fresh.Why)
	require.GreaterOrEqual(t, events.Total, 5)
	require.Equal(t, "USER_FAILED_ONELOGIN_LOGIN", events.Events[0].Event)
	require.Empty(t, s.Effects(mark), "nothing was written at any vendor")

	s.StopWorkers()
	began, other := time.Now(), s.Account("workday-21003")
	out := asked(s, session, "look_up_user", map[string]any{"query": other.Username, "fresh": true})
	require.False(t, out.Fresh.Done)
	require.Contains(t, out.Fresh.Why, "has not ended in time")
	require.WithinDuration(t, began.Add(api.AgentReadWithin), time.Now(), 5*time.Second)
	require.Equal(t, 1, out.Count, "what is known is answered all the same")

	listed, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace, Query: "WorkflowType = 'AgentRead'"})
	require.NoError(t, err)
	require.NotEmpty(t, listed.GetExecutions())
	for _, run := range listed.GetExecutions() {
		require.NotEqual(t, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, run.GetStatus())
		require.NotContains(t, run.GetExecution().GetWorkflowId(), who.Username)
	}
}
