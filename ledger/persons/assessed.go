package persons

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// Assessed is what the last assessment of a person came to.
type Assessed struct {
	Key string
	At  time.Time
	// Want is a digest of what the account should be; empty where a departure was read back as complete.
	Want    string
	Verdict string
	// DueAt is the next moment at which something happens by itself, zero if none is known.
	DueAt time.Time
	// Holding is what keeps the plan from being carried out: a mode, and the codes of blocking notices.
	Holding []string
	// Policy is the hash of the policy that planned.
	Policy string
	// Steps is what was to be done.
	Steps []string
}

// NoteAssessed keeps what an assessment came to, in place of the one before. A later one stays.
func (s Store) NoteAssessed(ctx context.Context, a Assessed) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `
INSERT INTO assessed (person_key, assessed_at, want, verdict, due_at, holding, policy, steps) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person_key) DO UPDATE SET assessed_at = excluded.assessed_at, want = excluded.want, verdict = excluded.verdict,
	due_at = excluded.due_at, holding = excluded.holding, policy = excluded.policy, steps = excluded.steps
WHERE assessed.assessed_at <= excluded.assessed_at`,
			a.Key, engine.Micros(a.At), a.Want, a.Verdict, engine.Micros(a.DueAt), strings.Join(a.Holding, "\n"), a.Policy, strings.Join(a.Steps, "\n"))
		return err
	})
	if err != nil {
		return fmt.Errorf("note the assessment of %s: %w", a.Key, err)
	}
	return nil
}

// AssessedOf returns the last assessments of some people by key.
func (s Store) AssessedOf(ctx context.Context, keys []string) (map[string]Assessed, error) {
	found := make(map[string]Assessed, len(keys))
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		return engine.Each(ctx, s.db.Reader(), "SELECT person_key, assessed_at, want, verdict, due_at, holding, policy, steps FROM assessed WHERE person_key IN "+
			engine.List(1, len(part)), engine.Anys(part), func(scan func(...any) error) error {
			var a Assessed
			var at, dueAt int64
			var holding, steps string
			err := scan(&a.Key, &at, &a.Want, &a.Verdict, &dueAt, &holding, &a.Policy, &steps)
			a.At, a.DueAt, a.Holding, a.Steps = engine.Instant(at), engine.Instant(dueAt), engine.Lines(holding), engine.Lines(steps)
			found[a.Key] = a
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the last assessments of %d people: %w", len(keys), err)
	}
	return found, nil
}

// DueBy returns the keys of those for whom something happens by itself until a moment, and who were not assessed since it was due.
func (s Store) DueBy(ctx context.Context, until time.Time) ([]string, error) {
	keys, err := engine.Texts(ctx, s.db.Reader(), `SELECT person_key FROM assessed WHERE due_at <> 0 AND due_at <= $1 AND assessed_at < due_at
		ORDER BY person_key`, engine.Micros(until))
	return keys, engine.Wrap("find for whom something is due", err)
}
