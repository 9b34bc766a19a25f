package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/policy/agent"
)

const agentsText = `
company: {zone: UTC, domain: acme.example}
access: {rules: [{name: all, when: "true", roles: [Mail]}]}
leaver: {fallback_owner: it@acme.example}
safety: {protected: []}
modes: {}
agents:
  - name: helpdesk
    owner: dana@acme.example
    subject: client-7
    purpose: answers
    until: 2027-01-31
    rules:
      - {name: unlock, tools: [enable_user], verdict: allow}
      - {name: unlock with care, tools: [enable_user], when: 'target.status == "locked"', verdict: ask}
      - {name: nobody protected, tools: [any], when: target.protected, verdict: deny}
      - {name: short, tools: [assign_role], when: call.days > 0 && call.days <= 7 && !call.privileged, verdict: ask}
end: policy
`

func TestVerdictsOfAgents(t *testing.T) {
	t.Parallel()
	p, err := policy.Parse("policy.yaml", []byte(agentsText))
	require.NoError(t, err)
	a, known := p.AgentOf("client-7")
	require.True(t, known)
	_, known = p.AgentOf("")
	require.False(t, known, "an agent without a subject is nobody's token")
	for _, c := range []struct {
		call   agent.Call
		target agent.Target
		want   agent.Answer
	}{
		{agent.Call{Tool: "enable_user"}, agent.Target{}, agent.Answer{Verdict: agent.Allow, Rule: "unlock"}},
		{agent.Call{Tool: "enable_user"}, agent.Target{Status: "locked"}, agent.Answer{Verdict: agent.Ask, Rule: "unlock with care"}},
		{agent.Call{Tool: "enable_user"}, agent.Target{Status: "locked", Protected: true}, agent.Answer{Verdict: agent.Deny, Rule: "nobody protected"}},
		{agent.Call{Tool: "look_up_user"}, agent.Target{}, agent.Answer{Verdict: agent.Deny}},
		{agent.Call{Tool: "assign_role", Days: 7}, agent.Target{}, agent.Answer{Verdict: agent.Ask, Rule: "short"}},
		{agent.Call{Tool: "assign_role"}, agent.Target{}, agent.Answer{Verdict: agent.Deny}},
		{agent.Call{Tool: "assign_role", Days: 1, Privileged: true}, agent.Target{}, agent.Answer{Verdict: agent.Deny}},
	} {
		got, err := a.Judge(c.call, c.target)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%+v", c)
	}
	require.True(t, a.Has("enable_user"))
	require.False(t, a.Has("look_up_user"), "a rule that only denies shows no tool")
}
