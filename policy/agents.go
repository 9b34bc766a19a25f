package policy

import (
	"slices"

	"gatehouse/policy/agent"
)

// Agents are the agents of the policy, in the order of the file.
func (p *Policy) Agents() []agent.Agent { return slices.Clone(p.agents) }

// Canaries are what no agent has a reason to ask about.
func (p *Policy) Canaries() agent.Canaries { return p.canaries }

// Agent returns an agent by its name.
func (p *Policy) Agent(name string) (agent.Agent, bool) {
	return p.agentWhere(func(a agent.Agent) bool { return a.Name == name })
}

// AgentOf returns an agent by what the identity provider calls it.
func (p *Policy) AgentOf(subject string) (agent.Agent, bool) {
	return p.agentWhere(func(a agent.Agent) bool { return subject != "" && a.Subject == subject })
}

func (p *Policy) agentWhere(is func(agent.Agent) bool) (agent.Agent, bool) {
	at := slices.IndexFunc(p.agents, is)
	if at < 0 {
		return agent.Agent{}, false
	}
	return p.agents[at], true
}
