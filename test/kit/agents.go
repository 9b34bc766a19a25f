package kit

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"gatehouse/agents"
)

// AgentServer serves agents and returns the address of its endpoint.
func (s *Stack) AgentServer() string {
	s.T.Helper()
	handler, err := s.App.Agents(s.T.Context())
	require.NoError(s.T, err)
	web := httptest.NewServer(handler)
	s.T.Cleanup(web.Close)
	return web.URL + "/mcp"
}

// Agent is a client of MCP in the hands of an agent of the policy.
type Agent struct {
	s       *Stack
	session *mcp.ClientSession
}

// Agent connects as an agent, with a token of its own.
func (s *Stack) Agent(endpoint, name string) *Agent {
	s.T.Helper()
	token := agents.TokenPrefix + "kit-" + name + strings.Repeat("x", 30)
	if _, found, err := s.App.Ledger.Agents().Token(s.T.Context(), token); err == nil && !found {
		_, err = s.App.Ledger.Agents().AddToken(s.T.Context(), token, name, "tester", time.Now().Add(time.Hour))
		require.NoError(s.T, err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "kit", Version: "1"}, nil)
	session, err := client.Connect(s.T.Context(), &mcp.StreamableClientTransport{
		Endpoint: endpoint, HTTPClient: &http.Client{Transport: bearer(token)}, DisableStandaloneSSE: true,
	}, nil)
	require.NoError(s.T, err)
	s.T.Cleanup(func() { require.NoError(s.T, session.Close()) })
	return &Agent{s: s, session: session}
}

type bearer string

// RoundTrip adds the token to a request.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// AgentAnswer is what a tool has answered: the text, and its fields.
type AgentAnswer struct {
	Text    string
	Refused bool
	Fields  map[string]any
}

// Field is a field of the answer as a text, empty if it has none.
func (a AgentAnswer) Field(name string) string {
	text, _ := a.Fields[name].(string)
	return text
}

// Call calls a tool.
func (a *Agent) Call(tool string, args map[string]any) AgentAnswer {
	a.s.T.Helper()
	r, err := a.session.CallTool(context.WithoutCancel(a.s.T.Context()), &mcp.CallToolParams{Name: tool, Arguments: args})
	require.NoError(a.s.T, err)
	answer := AgentAnswer{Refused: r.IsError}
	for _, c := range r.Content {
		if text, ok := c.(*mcp.TextContent); ok {
			answer.Text += text.Text
		}
	}
	if r.IsError {
		// A refusal is JSON where the policy refuses, and a sentence otherwise.
		if json.Unmarshal([]byte(answer.Text), &answer.Fields) != nil {
			answer.Fields = nil
		}
		return answer
	}
	data, err := json.Marshal(r.StructuredContent)
	require.NoError(a.s.T, err)
	require.NoError(a.s.T, json.Unmarshal(data, &answer.Fields))
	return answer
}

// Await asks how a request stands until it is over, and returns the last answer.
func (a *Agent) Await(request string) AgentAnswer {
	a.s.T.Helper()
	var answer AgentAnswer
	a.s.Until("request "+request+" is over", func() bool {
		answer = a.Call("request_status", map[string]any{"request_id": request, "wait_seconds": 5})
		return answer.Refused || answer.Fields["over"] == true
	})
	return answer
}
