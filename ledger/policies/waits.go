package policies

import (
	"context"
	"errors"
	"time"

	"gatehouse/ledger/engine"
)

// WaitForPolicy writes down that nothing can be decided about somebody by a policy, and why: they are looked at again under
// another one.
func (s Store) WaitForPolicy(ctx context.Context, key, hash, code string) error {
	if key == "" || hash == "" || code == "" {
		return errors.New("wait for a policy: person, hash and code must not be empty")
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO policy_waits (person_key, hash, code, since) VALUES ($1, $2, $3, $4)
			ON CONFLICT (person_key) DO UPDATE SET code = excluded.code, hash = excluded.hash,
			since = CASE WHEN policy_waits.hash = excluded.hash THEN policy_waits.since ELSE excluded.since END`,
			key, hash, code, engine.Micros(s.db.Now()))
		return err
	})
	return engine.Wrapf(err, "write down that %s waits for another policy", key)
}

// WaitedForPolicy ends that somebody waits for another policy than that of a hash. Empty is any.
func (s Store) WaitedForPolicy(ctx context.Context, key, hash string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM policy_waits WHERE person_key = $1 AND hash <> $2", key, hash)
		return err
	})
	return engine.Wrapf(err, "write down that %s no longer waits for another policy", key)
}

// PolicyWaits lists up to n people who wait for another policy than this one, since before a moment.
func (s Store) PolicyWaits(ctx context.Context, hash string, before time.Time, n int) ([]string, error) {
	keys, err := engine.Texts(ctx, s.db.Reader(), "SELECT person_key FROM policy_waits WHERE hash <> $1 AND since <= $2 ORDER BY since, person_key LIMIT $3",
		hash, engine.Micros(before), n)
	return keys, engine.Wrapf(err, "read who waits for another policy")
}
