package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
	"gatehouse/ledger/journal"
)

// Creation is something that must exist once: a ticket, a message, an invitation. Neither Slack nor Jira takes an
// idempotency key, so the ledger says whether an attempt was ever begun, and find looks for what it may have left.
type Creation[T any] struct {
	Key string
	// find searches by the vendor's marker for what an earlier attempt made. Since is when that attempt began.
	Find func(ctx context.Context, since time.Time) (T, bool, error)
	// make creates it.
	Make func(ctx context.Context) (T, error)
	// lag is how long a creation may stay invisible to find. Not finding it means nothing before that.
	Lag time.Duration
}

// Once makes a creation at most once over retries, crashes, continue-as-new and Reset.
func Once[T any](ctx context.Context, l *ledger.Ledger, clock func() time.Time, c Creation[T]) (T, error) {
	var zero T
	claim, err := l.Journal().Claim(ctx, c.Key)
	if err != nil {
		return zero, fmt.Errorf("claim %s: %w", c.Key, err)
	}
	switch claim.State {
	case journal.Done:
		var result T
		if err := json.Unmarshal(claim.Result, &result); err != nil {
			return zero, fmt.Errorf("read the stored result of %s: %w", c.Key, err)
		}
		return result, nil
	case journal.Claimed:
		found, ok, err := c.Find(ctx, claim.ClaimedAt)
		if err != nil {
			return zero, err
		}
		if ok {
			return found, settle(ctx, l, c.Key, found)
		}
		if wait := c.Lag - clock().Sub(claim.ClaimedAt); wait > 0 {
			return zero, RetryAfter(fmt.Sprintf("an earlier attempt at %s may have gone through; searching again once the "+
				"vendor's index has caught up", c.Key), wait)
		}
	case journal.Fresh:
	}
	result, err := c.Make(ctx)
	if err != nil {
		if claim.State == journal.Fresh && certainlyNot(err) {
			// The vendor refused before it did anything, or was not asked, and nobody tried before: the next attempt need not search. A
			// refused repetition says nothing about the attempt before it.
			err = errors.Join(err, l.Journal().Forget(ctx, c.Key))
		}
		return zero, err
	}
	return result, settle(ctx, l, c.Key, result)
}

func settle(ctx context.Context, l *ledger.Ledger, key string, result any) error {
	data, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("store the result of %s: %w", key, err)
	}
	if err := l.Journal().Done(ctx, key, data); err != nil {
		return fmt.Errorf("store the result of %s: %w", key, err)
	}
	return nil
}

// certainlyNot reports that a vendor's answer, or that the plan did not hold right before the write, rules out that anything was created.
func certainlyNot(err error) bool {
	var own *Error
	if errors.As(err, &own) && own.Kind == api.ErrSuperseded {
		return true
	}
	var withheld *httpx.Withheld
	if errors.As(err, &withheld) {
		return true
	}
	var ce *connectors.Error
	if !errors.As(err, &ce) {
		return false
	}
	switch ce.Kind {
	case connectors.KindRateLimited, connectors.KindUnauthorized, connectors.KindInvalid, connectors.KindNotFound,
		connectors.KindRefused:
		return true
	case connectors.KindConflict, connectors.KindUnavailable, connectors.KindMalformed:
		return false
	}
	return false
}
