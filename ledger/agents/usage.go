package agents

import (
	"context"
	"time"

	"gatehouse/ledger/engine"
)

// Usage is what an agent did in a time, as its calls were recorded.
type Usage struct {
	Agent string
	// Asked are its calls, Allowed those that got an answer or filed a request.
	Asked, Allowed int
	// Refused counts the others by what refused them.
	Refused map[string]int
	// Rules and Tools count those by which a call was allowed, and which were allowed.
	Rules, Tools map[string]int
	// Requests are those that it has filed, Effects what came of its calls.
	Requests int
	Effects  map[string]int
	// People is about how many people it was told something.
	People int
	// LastUse is its last call that was allowed.
	LastUse time.Time
}

// Usage counts what agents did since an instant, by their name. Without a name it counts everybody's.
func (s Store) Usage(ctx context.Context, agent string, since time.Time) (map[string]Usage, error) {
	all := map[string]Usage{}
	of := func(name string) Usage {
		u, known := all[name]
		if !known {
			u = Usage{Agent: name, Refused: map[string]int{}, Rules: map[string]int{}, Tools: map[string]int{}, Effects: map[string]int{}}
		}
		return u
	}
	args := []any{agent, engine.Micros(since)}
	err := engine.Each(ctx, s.db.Reader(), `SELECT agent, tool, verdict, denied_by, rule, effect, CAST(SUM(times) AS BIGINT), MAX(at),
		COUNT(DISTINCT CASE WHEN writes = 1 AND verdict <> 'deny' AND request <> '' THEN request END)
		FROM agent_calls WHERE ($1 = '' OR agent = $1) AND at >= $2 GROUP BY agent, tool, verdict, denied_by, rule, effect`, args, func(scan func(...any) error) error {
		var name, tool, verdict, deniedBy, rule, effect string
		var times, requests int
		var at int64
		if err := scan(&name, &tool, &verdict, &deniedBy, &rule, &effect, &times, &at, &requests); err != nil {
			return err
		}
		u := of(name)
		u.Asked += times
		if verdict == denied {
			u.Refused[deniedBy] += times
		} else {
			u.add(tool, rule, effect, times, engine.Instant(at))
			u.Requests += requests
		}
		all[name] = u
		return nil
	})
	if err == nil {
		err = engine.Each(ctx, s.db.Reader(), "SELECT agent, COUNT(DISTINCT subject) FROM agent_subjects WHERE ($1 = '' OR agent = $1) AND at >= $2 GROUP BY agent",
			args, func(scan func(...any) error) error {
				var name string
				var people int
				err := scan(&name, &people)
				u := of(name)
				u.People = people
				all[name] = u
				return err
			})
	}
	return all, engine.Wrapf(err, "count what agents did")
}

// add counts calls that were allowed.
func (u *Usage) add(tool, rule, effect string, times int, at time.Time) {
	u.Allowed += times
	u.Tools[tool] += times
	if rule != "" {
		u.Rules[rule] += times
	}
	if effect != "" {
		u.Effects[effect] += times
	}
	if at.After(u.LastUse) {
		u.LastUse = at
	}
}
