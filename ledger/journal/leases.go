package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Lease gives holder a task that only one process is to do, for the next ttl, and reports whether it has it: it is free,
// the holder's already, or the last holder's time has run out. Renew it well before ttl has passed. The clock is the
// caller's, so a task must bear being done twice while two clocks disagree.
func (s Store) Lease(ctx context.Context, task, holder string, ttl time.Duration) (held bool, err error) {
	if task == "" || holder == "" || ttl <= 0 {
		return false, errors.New("lease: a task, a holder and a time to live are needed")
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "lease/"+task); err != nil {
			return err
		}
		now := s.db.Now()
		if _, err := q.ExecContext(ctx, "DELETE FROM leases WHERE resource = $1 AND expires_at <= $2",
			task, engine.Micros(now)); err != nil {
			return err
		}
		var others int
		if _, err := engine.QueryRow(ctx, q, "SELECT COUNT(*) FROM leases WHERE resource = $1 AND holder <> $2",
			[]any{task, holder}, &others); err != nil {
			return err
		}
		held = others == 0
		if !held {
			return nil
		}
		_, err := q.ExecContext(ctx, "INSERT INTO leases (resource, holder, expires_at) VALUES ($1, $2, $3) "+
			"ON CONFLICT (resource, holder) DO UPDATE SET expires_at = excluded.expires_at",
			task, holder, engine.Micros(now.Add(ttl)))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", task, err)
	}
	return held, nil
}

// Unlease gives a task back before its time has run out. One that is absent is no error.
func (s Store) Unlease(ctx context.Context, task, holder string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM leases WHERE resource = $1 AND holder = $2", task, holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("give back the lease of %s: %w", task, err)
	}
	return nil
}

// Leased reports that somebody has a task whose time has not run out.
func (s Store) Leased(ctx context.Context, task string) (bool, error) {
	var holders int
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT COUNT(*) FROM leases WHERE resource = $1 AND expires_at > $2", []any{task, engine.Micros(s.db.Now())}, &holders)
	if err != nil {
		return false, fmt.Errorf("ask who has the lease of %s: %w", task, err)
	}
	return holders > 0, nil
}
