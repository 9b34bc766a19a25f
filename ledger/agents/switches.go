package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// All is the scope of every agent and every tool.
const All = "all"

// OfAgent is the scope of one agent, OfTool of one tool.
func OfAgent(name string) string { return "agent/" + name }

// OfTool is the scope of one tool, whichever agent asks.
func OfTool(name string) string { return "tool/" + name }

// Switch says that something is switched off.
type Switch struct {
	Scope string    `json:"-"`
	OffAt time.Time `json:"-"`
	// By is who switched it off, Reason why.
	By     string `json:"by"`
	Reason string `json:"reason"`
	// Cause names why Gatehouse has done it by itself; empty if a person has.
	Cause string `json:"cause,omitempty"`
}

// SwitchOff switches a scope off. Fresh is false if it was off already: the first reason stays.
func (s Store) SwitchOff(ctx context.Context, sw Switch) (fresh bool, err error) {
	if sw.Scope == "" || sw.By == "" || sw.Reason == "" {
		return false, errors.New("switch agents off: say what, who and why")
	}
	detail, err := json.Marshal(sw)
	if err != nil {
		return false, fmt.Errorf("switch off %s: %w", sw.Scope, err)
	}
	n, err := s.db.Change(ctx, "INSERT INTO agent_switches (scope, off_at, detail) VALUES ($1, $2, $3) ON CONFLICT (scope) DO NOTHING",
		sw.Scope, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("agent_switches.detail", sw.Scope), detail))
	return n > 0, engine.Wrapf(err, "switch off %s", sw.Scope)
}

// SwitchOn switches a scope on again.
func (s Store) SwitchOn(ctx context.Context, scope string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err := engine.Affected(ctx, q, "DELETE FROM agent_switches WHERE scope = $1", scope)
		name, one := strings.CutPrefix(scope, OfAgent(""))
		switch {
		case err != nil:
			return err
		case n == 0:
			return engine.ErrNotFound
		case !one:
			return nil
		}
		_, err = q.ExecContext(ctx, "INSERT INTO agent_lifts (agent, lifted_at) VALUES ($1, $2) ON CONFLICT (agent) DO UPDATE SET lifted_at = excluded.lifted_at",
			name, engine.Micros(s.db.Now()))
		return err
	})
	return engine.Wrapf(err, "switch on %s", scope)
}

// Off returns the scope by which a tool is off for an agent, "" if it is on.
func (s Store) Off(ctx context.Context, agent, tool string) (scope string, err error) {
	return s.off(ctx, s.db.Reader(), agent, tool)
}

func (s Store) off(ctx context.Context, q engine.Querier, agent, tool string) (scope string, err error) {
	_, err = engine.QueryRow(ctx, q, "SELECT scope FROM agent_switches WHERE scope IN ($1, $2, $3) ORDER BY scope DESC LIMIT 1",
		[]any{All, OfAgent(agent), OfTool(tool)}, &scope)
	return scope, engine.Wrapf(err, "ask whether %s is off for agent %s", tool, agent)
}

// IsOff reports that a scope itself is off.
func (s Store) IsOff(ctx context.Context, scope string) (off bool, err error) {
	off, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT scope FROM agent_switches WHERE scope = $1", []any{scope}, &scope)
	return off, engine.Wrapf(err, "ask whether %s is off", scope)
}

// Switches are all that is off, by scope.
func (s Store) Switches(ctx context.Context) ([]Switch, error) {
	var found []Switch
	err := engine.Each(ctx, s.db.Reader(), "SELECT scope, off_at, detail FROM agent_switches ORDER BY scope", nil, func(scan func(...any) error) error {
		var sw Switch
		var off int64
		var sealed []byte
		if err := scan(&sw.Scope, &off, &sealed); err != nil {
			return err
		}
		detail, err := s.db.Open(engine.Place("agent_switches.detail", sw.Scope), sealed)
		if err != nil {
			return err
		}
		sw.OffAt = engine.Instant(off)
		found = append(found, sw)
		return json.Unmarshal(detail, &found[len(found)-1])
	})
	return found, engine.Wrapf(err, "read what is switched off for agents")
}
