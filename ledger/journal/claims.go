package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// ClaimState is what a claim found.
type ClaimState string

// The states of a claim.
const (
	// Fresh: nobody has claimed the key before; go ahead.
	Fresh ClaimState = "fresh"
	// Claimed: an earlier attempt claimed it and never reported back. It may or may not have taken effect: look for the
	// effect at the vendor before repeating it.
	Claimed ClaimState = "claimed"
	// Done: the effect is there; use Result.
	Done ClaimState = "done"
)

// Claim is the answer to [Store.Claim].
type Claim struct {
	State ClaimState
	// Result is what [Store.Done] stored.
	Result []byte
	// ClaimedAt is when the key was first claimed.
	ClaimedAt time.Time
	// Attempts counts the claims, this one included.
	Attempts int
}

// Claim claims the creation of something that must exist once, before it is created. Of all who claim a key, now and
// later and in any process, exactly one finds it Fresh.
func (s Store) Claim(ctx context.Context, key string) (Claim, error) {
	if key == "" {
		return Claim{}, errors.New("claim: the key is empty")
	}
	var c Claim
	var done, at int64
	var stored []byte
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := engine.QueryRow(ctx, q, `
INSERT INTO claims (claim_key, claimed_at) VALUES ($1, $2)
ON CONFLICT (claim_key) DO UPDATE SET attempts = claims.attempts + 1
RETURNING claims.done, claims.result, claims.attempts, claims.claimed_at`,
			[]any{key, engine.Micros(s.db.Now())}, &done, &stored, &c.Attempts, &at)
		return err
	})
	if err != nil {
		return Claim{}, fmt.Errorf("claim %s: %w", key, err)
	}
	c.ClaimedAt = engine.Instant(at)
	switch {
	case done == 1:
		c.State = Done
		if c.Result, err = s.db.Open(engine.Place("claims.result", key), stored); err != nil {
			return Claim{}, fmt.Errorf("claim %s: %w", key, err)
		}
	case c.Attempts == 1:
		c.State = Fresh
	default:
		c.State = Claimed
	}
	return c, nil
}

// Done records that what was claimed exists, and the result that later claims are given. The first result stays: a
// repetition changes nothing.
func (s Store) Done(ctx context.Context, key string, result []byte) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `
INSERT INTO claims (claim_key, claimed_at, done, done_at, result) VALUES ($1, $2, 1, $2, $3)
ON CONFLICT (claim_key) DO UPDATE SET done = 1, done_at = excluded.done_at, result = excluded.result
	WHERE claims.done = 0`, key, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("claims.result", key), result))
		return err
	})
	if err != nil {
		return fmt.Errorf("complete claim %s: %w", key, err)
	}
	return nil
}

// Completed returns what [Store.Done] stored about a key and when. It claims nothing.
func (s Store) Completed(ctx context.Context, key string) (result []byte, at time.Time, done bool, err error) {
	var stored []byte
	var doneAt int64
	done, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT result, done_at FROM claims WHERE claim_key = $1 AND done = 1", []any{key}, &stored, &doneAt)
	if err == nil && done {
		result, err = s.db.Open(engine.Place("claims.result", key), stored)
	}
	if err != nil {
		return nil, time.Time{}, false, fmt.Errorf("read claim %s: %w", key, err)
	}
	return result, engine.Instant(doneAt), done, nil
}

// Forget removes a claim, so that the next one is Fresh. It is an operator's decision: whoever makes it has looked at
// the vendor's side.
func (s Store) Forget(ctx context.Context, key string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM claims WHERE claim_key = $1", key)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget claim %s: %w", key, err)
	}
	return nil
}
