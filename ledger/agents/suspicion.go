package agents

import (
	"context"
	"time"

	"gatehouse/ledger/engine"
)

// Marks of a refused call.
const (
	MarkCanary    = "canary"    // about what nobody has a reason to ask about
	MarkProtected = "protected" // about an account that is protected or privileged
)

// protectedPerHour is how many refused calls about protected or privileged accounts are no accident any more.
const protectedPerHour = 5

// refusals are the calls that count against an agent: not those of while it, or the tool, was off, nor those of one that gets no answers
// by the policy.
const refusals = `FROM agent_calls WHERE agent = $1 AND at > $2 AND verdict = 'deny'
	AND denied_by NOT IN ('all', 'log_only', 'staged', 'retired', 'expired', 'owner') AND denied_by NOT LIKE 'agent/%' AND denied_by NOT LIKE 'tool/%'`

// Suspicious says why an agent is to be quarantined after a call, empty if it is not: by the mark of the call, or by how many of
// the last hour were refused. What was before it was let go on last does not count again.
func (s Store) Suspicious(ctx context.Context, c Call, refusalsPerHour int) (cause string, err error) {
	if c.Mark == MarkCanary {
		return MarkCanary, nil
	}
	since := s.db.Now().Add(-time.Hour)
	var lifted int64
	if _, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT lifted_at FROM agent_lifts WHERE agent = $1", []any{c.Agent}, &lifted); err != nil {
		return "", engine.Wrapf(err, "ask when agent %s was let go on", c.Agent)
	}
	if at := engine.Instant(lifted); at.After(since) {
		since = at
	}
	var refused, guarded int
	_, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT), COALESCE(SUM(CASE WHEN mark = 'protected' THEN 1 ELSE 0 END), 0) "+refusals,
		[]any{c.Agent, engine.Micros(since)}, &refused, &guarded)
	switch {
	case err != nil:
		return "", engine.Wrapf(err, "count the refusals of agent %s", c.Agent)
	case guarded >= protectedPerHour:
		return MarkProtected, nil
	case refused > refusalsPerHour:
		return "refusals", nil
	}
	return "", nil
}

// Nobody stands for whoever calls without a token that counts.
const Nobody = "-"

// Turned counts what was turned away at the door before anybody knew which agent asks what: one row for each reason and minute.
func (s Store) Turned(ctx context.Context, by string, times int) error {
	now := s.db.Now()
	_, err := s.db.Change(ctx, `INSERT INTO agent_calls (call_id, agent, at, times, tool, definition, arguments, verdict, denied_by)
		VALUES ($1, $2, $3, $4, $5, '', '', 'deny', $6) ON CONFLICT (call_id) DO UPDATE SET times = agent_calls.times + excluded.times`,
		"door/"+Nobody+"/"+by+"/"+now.Truncate(time.Minute).Format(time.RFC3339), Nobody, engine.Micros(now), times, Nobody, by)
	return engine.Wrapf(err, "count what was turned away")
}
