package ledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Unlimited is Held.Allowed of a limit that has neither a count nor a percentage.
const Unlimited = math.MaxInt

// Limit is how much of a budget may be used within its window: Count, or Percent of Of, whichever is smaller, but at
// least 1. A Count or Percent of zero or less is absent.
type Limit struct {
	Count   int
	Percent float64
	// Of is the number of active people that Percent refers to.
	Of int
}

// Allowed is the limit as a number.
func (l Limit) Allowed() int {
	allowed := Unlimited
	if l.Count > 0 {
		allowed = l.Count
	}
	if l.Percent > 0 {
		allowed = min(allowed, int(math.Floor(float64(l.Of)*l.Percent/100)))
	}
	return max(1, allowed)
}

// Reservation asks for room in a budget for a number of effects at once.
type Reservation struct {
	Budget string
	// Keys name the effects, "<person key>/<episode>".
	Keys []string
	// Person is how keys about the same person begin. Whoever was counted within the window is not counted again, so that
	// two changes of position in a row cost what one does. Empty counts every key.
	Person string
	Limit  Limit
	// Window is how long a reservation counts. Zero means for good.
	Window time.Duration
	// Override reserves whatever the limit says; it counts all the same.
	Override bool
	// By is who asked.
	By string
}

// Held is the answer to a reservation.
type Held struct {
	Granted bool
	// Used is how much of the budget is used in the window, with this reservation if it was granted.
	Used int
	// Allowed is the limit, possibly [Unlimited].
	Allowed int
}

// Reserve takes room in a budget for all keys or for none. A key that was reserved in this budget before is free,
// whenever that was: the same containment counts once however often it is repeated. Concurrent reservations, in
// other processes too, together never exceed the limit.
func (l *Ledger) Reserve(ctx context.Context, r Reservation) (Held, error) {
	if r.Budget == "" || len(r.Keys) == 0 {
		return Held{}, errors.New("reserve: a budget and at least one key are needed")
	}
	keys := slices.Clone(r.Keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var held Held
	err := l.engine.write(ctx, func(ctx context.Context, q querier) error {
		var err error
		held, err = l.reserve(ctx, q, r, keys)
		return err
	})
	if err != nil {
		return Held{}, fmt.Errorf("reserve %d in budget %s: %w", len(keys), r.Budget, err)
	}
	return held, nil
}

func (l *Ledger) reserve(ctx context.Context, q querier, r Reservation, keys []string) (Held, error) {
	if err := l.engine.lock(ctx, q, "budget/"+r.Budget); err != nil {
		return Held{}, err
	}
	now := l.now()
	since := int64(math.MinInt64)
	if r.Window > 0 {
		since = micros(now.Add(-r.Window))
	}
	held := Held{Allowed: r.Limit.Allowed()}
	if _, err := one(ctx, q, "SELECT COUNT(*) FROM reservations WHERE budget = $1 AND reserved_at > $2",
		[]any{r.Budget, since}, &held.Used); err != nil {
		return Held{}, err
	}
	if r.Person != "" {
		counted, err := one(ctx, q, "SELECT 1 FROM reservations WHERE budget = $1 AND reserved_at > $2 AND substr(reserve_key, 1, $3) = $4 LIMIT 1",
			[]any{r.Budget, since, utf8.RuneCountInString(r.Person), r.Person}, new(int))
		if err != nil || counted {
			held.Granted = counted
			return held, err
		}
	}
	if !r.Override && held.Used > held.Allowed-len(keys) {
		// What was reserved before needs no room. It is looked for only here: nearly every reservation fits as it is.
		var err error
		if keys, err = unreserved(ctx, q, r.Budget, keys); err != nil {
			return Held{}, err
		}
		if len(keys) > 0 && held.Used > held.Allowed-len(keys) {
			return held, nil
		}
	}
	rows := make([][]any, len(keys))
	for i, key := range keys {
		by := l.sealed(place("reservations.reserved_by", r.Budget, key), []byte(r.By))
		rows[i] = []any{r.Budget, key, micros(now), flag(r.Override), by}
	}
	fresh, err := insertNew(ctx, q, "INSERT INTO reservations (budget, reserve_key, reserved_at, overridden, reserved_by)",
		"ON CONFLICT (budget, reserve_key) DO NOTHING", rows)
	if err != nil {
		return Held{}, err
	}
	held.Granted = true
	held.Used += fresh
	return held, nil
}

// unreserved returns the keys that a budget does not have yet.
func unreserved(ctx context.Context, q querier, budget string, keys []string) ([]string, error) {
	known := map[string]bool{}
	err := chunks(keys, func(part []string) error {
		args := []any{budget}
		for _, k := range part {
			args = append(args, k)
		}
		found, err := texts(ctx, q, "SELECT reserve_key FROM reservations WHERE budget = $1 AND reserve_key IN "+
			list(2, len(part)), args...)
		for _, k := range found {
			known[k] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var fresh []string
	for _, k := range keys {
		if !known[k] {
			fresh = append(fresh, k)
		}
	}
	return fresh, nil
}

// texts returns the only column of a query.
func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, rows.Err()
}
