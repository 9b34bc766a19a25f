package templates

import (
	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/workflows/agentrequest"
)

func agentRequest() Template {
	return Template{
		Name: "Agent request", Does: "judges what an agent asks for, asks a person where the policy says so, and orders it",
		Fired: "an agent's tool, by `starter agents`", Machinery: true,
		Runs:    []Run{{api.TypeAgentRequest, agentrequest.AgentRequest, []string{api.QueueTemplates}, []Group{activities.Set.Requesting, activities.Set.Telling}}},
		Stories: []string{"agentAsks"},
	}
}
