package agents

import (
	"context"

	"gatehouse/policy/agent"
)

type whoamiIn struct{}

type whoamiOut struct {
	Agent   string   `json:"agent" jsonschema:"name in the policy"`
	Owner   string   `json:"owner" jsonschema:"the person whose agent it is"`
	Purpose string   `json:"purpose"`
	Mode    string   `json:"mode" jsonschema:"log_only, dry_run or enforce"`
	Until   string   `json:"until" jsonschema:"when it gets no answers any more"`
	Tools   []string `json:"tools"`
	Sees    []string `json:"sees" jsonschema:"the attributes that it is shown"`
	Limits  limits   `json:"limits"`
}

type limits struct {
	CallsPerMinute int `json:"calls_per_minute"`
	WritesPerDay   int `json:"writes_per_day"`
	PeoplePerDay   int `json:"people_per_day"`
}

func whoami(_ context.Context, a *asked, _ whoamiIn) (whoamiOut, error) {
	g := a.agent
	out := whoamiOut{
		Agent: g.Name, Owner: g.Owner, Purpose: g.Purpose, Mode: string(g.Mode), Until: stamp(g.Until), Tools: []string{}, Sees: append([]string{}, g.See...),
		Limits: limits(g.Limits),
	}
	for _, name := range agent.Tools() {
		if name == whoAmI || shows(g, name) {
			out.Tools = append(out.Tools, name)
		}
	}
	return out, nil
}
