package agents

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"gatehouse/policy/agent"
)

// By what calls are refused that no tool answers.
const (
	deniedTool      = "unknown_tool" // there is none of this name, or the agent is not shown it
	deniedArguments = "arguments"    // they are not what the tool takes
	deniedToken     = "token"        // there is none, or it does not count
	deniedOrigin    = "origin"       // a browser sends it, from another site
)

// reachedKey is where a call notes that its tool was reached: what was not is recorded at the door.
type reachedKey struct{}

func reached(ctx context.Context) {
	if at, is := ctx.Value(reachedKey{}).(*bool); is {
		*at = true
	}
}

// recordUnreached records the calls that the protocol's library refuses by itself: of tools that are not there, and with arguments
// that are none of theirs. They count like every other refusal.
func (s *server) recordUnreached(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		call, is := req.(*mcp.CallToolRequest)
		if !is {
			return next(ctx, method, req)
		}
		seen := false
		result, err := next(context.WithValue(ctx, reachedKey{}, &seen), method, req)
		if seen || call.Extra == nil {
			return result, err
		}
		c, known := callerOf(call.Extra.TokenInfo)
		if !known {
			return result, err
		}
		if failed := s.refuseUnreached(ctx, c, call); failed != nil {
			s.Log.Error("a refused call of an agent cannot be recorded", "agent", c.agent, "error", failed)
			return nil, errors.New("the call could not be recorded, and gets no answer: try again later")
		}
		return result, err
	}
}

func (s *server) refuseUnreached(ctx context.Context, c caller, call *mcp.CallToolRequest) error {
	a := &asked{server: s, policy: s.Policy(), at: s.Clock(), tool: tool{name: deniedTool}}
	denied := refused{By: deniedTool}
	for _, t := range tools() {
		if t.name == call.Params.Name {
			a.tool, denied.By = t, deniedArguments
		}
	}
	is := false
	if a.agent, is = a.policy.Agent(c.agent); !is {
		a.agent = agent.Agent{Name: c.agent, Limits: agent.Limits{CallsPerMinute: 1, RefusalsPerHour: agent.DefaultRefusals}}
	} else if denied.By == deniedArguments && a.tool.name != whoAmI && (!shows(a.agent, a.tool.name) || !c.may(a.tool.scope())) {
		denied.By = deniedTool // It is not shown to this agent.
	}
	if !json.Valid(call.Params.Arguments) {
		call.Params.Arguments = nil
	}
	a.watch(call.Params.Arguments, &denied)
	_, err := s.record(ctx, a, c, call, denied, false)
	return err
}

// doorman counts what is turned away before anybody knows who asks: at once, and then once a second, so that a flood does not become one
// of writes.
type doorman struct {
	write func(ctx context.Context, by string, times int)

	mu sync.Mutex
	// counts are those that wait to be written, by the reason.
	counts map[string]int
}

// turned counts one.
func (d *doorman) turned(ctx context.Context, by string) {
	d.mu.Lock()
	_, waits := d.counts[by]
	if waits {
		d.counts[by]++
	} else {
		d.counts[by] = 0
	}
	d.mu.Unlock()
	if waits {
		return
	}
	d.write(ctx, by, 1)
	time.AfterFunc(time.Second, func() { d.flush(context.WithoutCancel(ctx), by) })
}

// flush writes what came since the first.
func (d *doorman) flush(ctx context.Context, by string) {
	d.mu.Lock()
	n := d.counts[by]
	delete(d.counts, by)
	d.mu.Unlock()
	if n > 0 {
		d.write(ctx, by, n)
	}
}

// counted counts what a handler turns away.
func (d *doorman) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		switch seen.status {
		case http.StatusUnauthorized:
			d.turned(r.Context(), deniedToken)
		case http.StatusForbidden:
			d.turned(r.Context(), deniedOrigin)
		}
	})
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status and passes it on.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the library reach what it writes to.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// turned writes down how often the door has turned somebody away. It holds no answer up for what cannot be written.
func (s *server) turned(ctx context.Context, by string, times int) {
	if err := s.Ledger.Agents().Turned(ctx, by, times); err != nil {
		s.Log.Error("what was turned away cannot be counted", "by", by, "times", times, "error", err)
	}
}
