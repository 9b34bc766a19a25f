package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Lease says that holder uses a shared resource, such as a vendor's rate limit, for the next ttl, and returns how many
// holders there are, this one included: each may use its equal share. Renew it well before ttl has passed. A holder
// that has gone away stops counting when its lease runs out.
func (l *Ledger) Lease(ctx context.Context, resource, holder string, ttl time.Duration) (holders int, err error) {
	if resource == "" || holder == "" || ttl <= 0 {
		return 0, errors.New("lease: a resource, a holder and a time to live are needed")
	}
	err = l.engine.write(ctx, func(ctx context.Context, q querier) error {
		if err := l.engine.lock(ctx, q, "lease/"+resource); err != nil {
			return err
		}
		now := l.now()
		if _, err := q.ExecContext(ctx, "DELETE FROM leases WHERE resource = $1 AND expires_at <= $2",
			resource, micros(now)); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, "INSERT INTO leases (resource, holder, expires_at) VALUES ($1, $2, $3) "+
			"ON CONFLICT (resource, holder) DO UPDATE SET expires_at = excluded.expires_at",
			resource, holder, micros(now.Add(ttl))); err != nil {
			return err
		}
		_, err := one(ctx, q, "SELECT COUNT(*) FROM leases WHERE resource = $1", []any{resource}, &holders)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("lease a share of %s: %w", resource, err)
	}
	return holders, nil
}

// Unlease gives a lease back before it runs out. One that is absent is no error.
func (l *Ledger) Unlease(ctx context.Context, resource, holder string) error {
	err := l.engine.writeOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM leases WHERE resource = $1 AND holder = $2", resource, holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("give back a share of %s: %w", resource, err)
	}
	return nil
}
