package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/test/kit"
)

const agentOfTheHelpdesk = `
agents:
  - name: helpdesk
    owner: owner@acme.example
    purpose: helps people who cannot sign in
    state: active
    mode: enforce
    until: 2099-01-31
    rules:
      - {name: people are asked, tools: [any], verdict: ask}
`

// recordAgentRequest has an agent ask for a privileged role, which two people allow.
func recordAgentRequest(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return policy + agentOfTheHelpdesk }})
	key := s.Hire("workday", engineer("Ada", "Byron", "today"))
	s.Hint(key, "webhook")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	agent := s.Agent(s.AgentServer(), "helpdesk")
	filed := agent.Call("assign_role", map[string]any{"user": key, "role": "AWS Admin", "request_id": "admin", "reason": "on call this week", "execute": true})
	require.False(t, filed.Refused, filed.Text)
	all, err := s.App.Ledger.Agents().Requests(t.Context(), "helpdesk", time.Time{}, 1)
	require.NoError(t, err)
	id := all[0].ID
	for _, by := range []string{"ann@acme.example", "bob@acme.example"} {
		s.Until(by+" is asked", func() bool {
			return s.App.Launch.Decide(t.Context(), id, api.Decision{Verb: api.VerbAllow, By: by, Reason: "test"}) == nil
		})
	}
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
	require.Contains(t, s.Account(key).Roles, "AWS Admin")
	write(s, agentRequestApproved, id)
}

// recordAgentRejected has a person reject what an agent asks for.
func recordAgentRejected(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return policy + agentOfTheHelpdesk }})
	key := s.Hire("workday", engineer("Grace", "Hopper", "today"))
	s.Hint(key, "webhook")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	agent := s.Agent(s.AgentServer(), "helpdesk")
	filed := agent.Call("disable_user", map[string]any{"user": key, "request_id": "shut", "reason": "a joke", "execute": true})
	require.False(t, filed.Refused, filed.Text)
	all, err := s.App.Ledger.Agents().Requests(t.Context(), "helpdesk", time.Time{}, 1)
	require.NoError(t, err)
	id := all[0].ID
	s.Until("a person is asked", func() bool { return s.Decide(id, api.VerbReject) == nil })
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
	require.NotEqual(t, 2, s.Account(key).Status)
	write(s, agentRequestRejected, id)
}
