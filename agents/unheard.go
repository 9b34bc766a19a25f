package agents

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

// By what a call is refused that no tool hears of.
const (
	deniedTool      = "unknown_tool" // there is none of this name, or the agent is not shown it
	deniedArguments = "arguments"    // they are not what the tool takes
)

type heardKey struct{}

// heard says that a tool has the call, and records it.
func heard(ctx context.Context) {
	if h, ok := ctx.Value(heardKey{}).(*bool); ok {
		*h = true
	}
}

// unheard records the calls that the library refuses before a tool hears of them: a tool that is not there or not this agent's, and
// arguments that its schema does not allow. What a client sends as the name of a tool that is not there is not kept.
func (s *server) unheard(c caller) mcp.Middleware {
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			call, ok := req.(*mcp.CallToolRequest)
			if !ok {
				return next(ctx, method, req)
			}
			reached := false
			result, err := next(context.WithValue(ctx, heardKey{}, &reached), method, req)
			if reached {
				return result, err
			}
			if recording := s.recordUnheard(ctx, c, call); recording != nil {
				s.Log.Error("a refused call of an agent cannot be recorded", "agent", c.agent, "error", recording)
				return nil, errors.New("the call could not be recorded, and gets no answer: try again later")
			}
			return result, err
		}
	}
}

func (s *server) recordUnheard(ctx context.Context, c caller, req *mcp.CallToolRequest) error {
	p := s.Policy()
	row := ledgeragents.Call{
		ID: uuid.NewString(), Agent: c.agent, Tool: deniedTool, DeniedBy: deniedTool, Verdict: string(agent.Deny), Policy: p.Hash(),
		Arguments: s.Ledger.Digest(string(req.Params.Arguments)), Trace: data(traceOf(req)),
	}
	a, known := p.Agent(c.agent)
	for _, t := range tools() {
		if t.name != req.Params.Name {
			continue
		}
		row.Tool, row.Definition, row.Writes = t.name, t.digest(), agent.Writes(t.name)
		if t.name == whoAmI || known && shows(a, t.name) && c.may(t.scope()) {
			row.DeniedBy = deniedArguments
		}
	}
	calls := a.Limits.CallsPerMinute
	if !known {
		calls = 1
	}
	_, err := s.Ledger.Agents().Record(ctx, row, ledgeragents.Bounds{CallsPerMinute: calls})
	return err
}
