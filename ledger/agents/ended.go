package agents

import (
	"context"
	"errors"

	"gatehouse/ledger/engine"
)

// Ended returns whose token this was, if it is over or revoked.
func (s Store) Ended(ctx context.Context, token string) (agent string, found bool, err error) {
	found, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT agent FROM agent_tokens WHERE token_digest = $1 AND (revoked_at <> 0 OR ends_at <= $2)",
		[]any{tokenDigest(token), engine.Micros(s.db.Now())}, &agent)
	return agent, found, engine.Wrapf(err, "look up an ended token of an agent")
}

// Stale writes down that somebody came with a token that has ended. Those who say the same within a minute are one row that
// counts: what a thief tries with an old token uses up nothing of its agent's.
func (s Store) Stale(ctx context.Context, c Call) error {
	if c.Agent == "" || c.Tool == "" || c.DeniedBy == "" {
		return errors.New("write down that a token has ended: it needs an agent, a tool and what refused")
	}
	c.Verdict = denied
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error { return s.put(ctx, q, c, true) })
	return engine.Wrapf(err, "write down a refusal of agent %s", c.Agent)
}
