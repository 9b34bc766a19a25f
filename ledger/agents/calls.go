package agents

import (
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// By what a call was refused, besides the policy's rules.
const (
	DeniedRate   = "calls_per_minute"
	DeniedWrites = "writes_per_day"
	DeniedPeople = "people_per_day"
)

// Call is one call of an agent.
type Call struct {
	ID, Agent, Tool string
	// Definition is a digest of what the agent was told the tool is, Arguments one of what it gave.
	Definition, Arguments string
	// Subjects are the keys of those whom it is about.
	Subjects []string
	// Writes says that the tool asks for a change.
	Writes bool
	// Verdict is allow, ask or deny. DeniedBy says what refused it: a scope that is off, a limit, the state of the agent, or policy.
	Verdict, DeniedBy string
	// Rule is the policy's that decided, Policy the hash of the file.
	Rule, Policy string
	// Request is the one that it filed or asked about, Effect what came of it, Trace what the client called it.
	Request, Effect, Trace string
	// Mark is what is suspicious about it.
	Mark string
	// At is when it was recorded, Times how often: refusals at the door are counted by the minute.
	At    time.Time
	Times int
}

// Bounds are how much an agent may do, as its policy says.
type Bounds struct{ CallsPerMinute, WritesPerDay, PeoplePerDay int }

const (
	denied = "deny"
	day    = 24 * time.Hour
)

// Record writes a call down, with the verdict that the policy has given, and returns what refuses it nevertheless, "" if nothing
// does: what is switched off, and the bounds, are read in the same transaction, so that no two processes let through more than
// one of them may.
func (s Store) Record(ctx context.Context, c Call, b Bounds) (deniedBy string, err error) {
	if c.ID == "" || c.Agent == "" || c.Tool == "" || c.Verdict == "" {
		return "", errors.New("record a call of an agent: it needs an id, an agent, a tool and a verdict")
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "agent/"+c.Agent); err != nil {
			return err
		}
		deniedBy, err = s.refuses(ctx, q, c, b)
		if err != nil {
			return err
		}
		row, atDoor := c, deniedBy != ""
		if atDoor {
			row.Verdict, row.DeniedBy = denied, deniedBy
		}
		return s.put(ctx, q, row, atDoor)
	})
	if err != nil {
		return "", engine.Wrapf(err, "record a call of agent %s", c.Agent)
	}
	if deniedBy == "" {
		deniedBy = c.DeniedBy
	}
	return deniedBy, nil
}

// refuses reads everything that may refuse a call in one statement: on PostgreSQL each is a round trip, while the agent waits. What
// counts a day is read only for the calls that it bounds.
func (s Store) refuses(ctx context.Context, q engine.Querier, c Call, b Bounds) (string, error) {
	now := s.db.Now()
	args := []any{All, OfAgent(c.Agent), OfTool(c.Tool), c.Agent, engine.Micros(now.Add(-time.Minute))}
	written, asked, known := "0", "0", "0"
	subjects := slices.Compact(slices.Sorted(slices.Values(c.Subjects)))
	if c.Writes || len(subjects) > 0 {
		args = append(args, engine.Micros(now.Add(-day)))
	}
	if c.Writes {
		written = "(SELECT COUNT(*) FROM agent_calls WHERE agent = $4 AND at > $6 AND writes = 1 AND verdict <> 'deny')"
	}
	if len(subjects) > 0 {
		const distinct = "(SELECT COUNT(DISTINCT subject) FROM agent_subjects WHERE agent = $4 AND at > $6"
		asked, known = distinct+")", distinct+" AND subject IN "+engine.List(7, len(subjects))+")"
		for _, subject := range subjects {
			args = append(args, subject)
		}
	}
	var scope string
	var calls, writes, seen, again int
	_, err := engine.QueryRow(ctx, q, `SELECT
		COALESCE((SELECT scope FROM agent_switches WHERE scope IN ($1, $2, $3) ORDER BY scope DESC LIMIT 1), ''),
		(SELECT COUNT(*) FROM agent_calls WHERE agent = $4 AND at > $5), `+written+", "+asked+", "+known, args, &scope, &calls, &writes, &seen, &again)
	fresh := len(subjects) - again
	switch {
	case err != nil || scope != "":
		return scope, err
	case calls >= b.CallsPerMinute:
		return DeniedRate, nil
	case c.Verdict == denied:
		return "", nil
	case c.Writes && writes >= b.WritesPerDay:
		return DeniedWrites, nil
	case fresh > 0 && seen+fresh > b.PeoplePerDay: // Those it has asked about count once.
		return DeniedPeople, nil
	}
	return "", nil
}

// put writes the row. Of refusals at the door that say the same there is one in a minute, which counts: whoever floods the door
// must not fill the ledger.
func (s Store) put(ctx context.Context, q engine.Querier, c Call, atDoor bool) error {
	now := s.db.Now()
	if atDoor {
		c.ID = "door/" + c.Agent + "/" + c.Tool + "/" + c.DeniedBy + "/" + now.Truncate(time.Minute).Format(time.RFC3339)
		c.Subjects = nil
	}
	n, err := engine.Affected(ctx, q, `INSERT INTO agent_calls
		(call_id, agent, at, tool, definition, arguments, writes, verdict, denied_by, rule, policy, request, effect, trace, mark)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (call_id) DO UPDATE SET times = agent_calls.times + 1 WHERE excluded.call_id LIKE 'door/%'`,
		c.ID, c.Agent, engine.Micros(now), c.Tool, c.Definition, c.Arguments, engine.Flag(c.Writes), c.Verdict, c.DeniedBy, c.Rule, c.Policy,
		c.Request, c.Effect, c.Trace, c.Mark)
	if err != nil || n == 0 || len(c.Subjects) == 0 || c.Verdict == denied {
		return err
	}
	rows := make([][]any, len(c.Subjects))
	for i, subject := range c.Subjects {
		rows[i] = []any{c.ID, c.Agent, engine.Micros(now), subject}
	}
	return engine.InsertRows(ctx, q, "INSERT INTO agent_subjects (call_id, agent, at, subject)", "ON CONFLICT (call_id, subject) DO NOTHING", rows)
}

// Came writes down what came of a call.
func (s Store) Came(ctx context.Context, id, request, effect string) error {
	n, err := s.db.Change(ctx, "UPDATE agent_calls SET request = $2, effect = $3 WHERE call_id = $1", id, request, effect)
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	return engine.Wrapf(err, "write down what came of a call of an agent")
}

// Calls are those of an agent since an instant, the newest first, at most limit of them. Without a name they are everybody's.
func (s Store) Calls(ctx context.Context, agent string, since time.Time, limit int) ([]Call, error) {
	var found []Call
	err := engine.Each(ctx, s.db.Reader(), `SELECT call_id, agent, at, times, tool, definition, arguments, writes, verdict, denied_by, rule, policy, request,
		effect, trace, mark FROM agent_calls WHERE ($1 = '' OR agent = $1) AND at >= $2 ORDER BY at DESC, call_id LIMIT $3`,
		[]any{agent, engine.Micros(since), limit}, func(scan func(...any) error) error {
			var c Call
			var at, writes int64
			err := scan(&c.ID, &c.Agent, &at, &c.Times, &c.Tool, &c.Definition, &c.Arguments, &writes, &c.Verdict, &c.DeniedBy, &c.Rule, &c.Policy,
				&c.Request, &c.Effect, &c.Trace, &c.Mark)
			c.At, c.Writes = engine.Instant(at), writes == 1
			found = append(found, c)
			return err
		})
	return found, engine.Wrapf(err, "read the calls of agents")
}
