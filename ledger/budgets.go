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

// floor is the least that a percentage allows: in a small company a share of it would hold up nearly everybody.
const floor = 5

// Limit is how much of a budget may be used within its window: Count, or Percent of Of but at least 5, whichever is
// smaller, and at least 1. A Count or Percent of zero or less is absent.
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
		allowed = min(allowed, max(floor, int(math.Floor(float64(l.Of)*l.Percent/100))))
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
	// Override reserves whatever the limit says, and what is held with it; it counts all the same.
	Override bool
	// Hold has a refusal stand until a person decides: no later reservation without Override gets what was refused,
	// whatever room there is by then.
	Hold bool
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
	// Undecided says that an earlier refusal stands, which nobody has decided about.
	Undecided bool
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
	var refused int
	if _, err := one(ctx, q, "SELECT COUNT(*), (SELECT COUNT(*) FROM held WHERE budget = $1) FROM reservations "+
		"WHERE budget = $1 AND reserved_at > $2", []any{r.Budget, since}, &held.Used, &refused); err != nil {
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
	if !r.Override && (refused > 0 || held.Used > held.Allowed-len(keys)) {
		// What was reserved before needs no room. It is looked for only here: nearly every reservation fits as it is.
		var err error
		if keys, err = among(ctx, q, "reservations", r.Budget, keys, false); err != nil {
			return Held{}, err
		}
		if held.Undecided, err = isHeld(ctx, q, refused, r.Budget, keys); err != nil {
			return Held{}, err
		}
		if len(keys) > 0 && (held.Undecided || held.Used > held.Allowed-len(keys)) {
			return held, l.refuse(ctx, q, r, keys)
		}
	}
	if r.Override && refused > 0 {
		if err := letThrough(ctx, q, r.Budget, keys); err != nil {
			return Held{}, err
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

// isHeld reports whether a budget holds one of the keys, refused being how many it holds.
func isHeld(ctx context.Context, q querier, refused int, budget string, keys []string) (bool, error) {
	if refused == 0 {
		return false, nil
	}
	found, err := among(ctx, q, "held", budget, keys, true)
	return len(found) > 0, err
}

// refuse has a refusal stand, if that is asked for. Of one person's changes of position the latest counts.
func (l *Ledger) refuse(ctx context.Context, q querier, r Reservation, keys []string) error {
	if !r.Hold {
		return nil
	}
	if r.Person != "" {
		if _, err := q.ExecContext(ctx, "DELETE FROM held WHERE budget = $1 AND substr(reserve_key, 1, $2) = $3",
			r.Budget, utf8.RuneCountInString(r.Person), r.Person); err != nil {
			return err
		}
	}
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{r.Budget, key, micros(l.now())}
	}
	return insertRows(ctx, q, "INSERT INTO held (budget, reserve_key, held_at)", "ON CONFLICT (budget, reserve_key) DO NOTHING", rows)
}

// letThrough takes back a refusal. One that belongs to a hold is taken back with it; until then it stands behind what is
// reserved now.
func letThrough(ctx context.Context, q querier, budget string, keys []string) error {
	return chunks(keys, func(part []string) error {
		_, err := q.ExecContext(ctx, "DELETE FROM held WHERE budget = $1 AND hold_id = '' AND reserve_key IN "+list(2, len(part)), keyArgs(budget, part)...)
		return err
	})
}

func keyArgs(budget string, keys []string) []any {
	args := []any{budget}
	for _, key := range keys {
		args = append(args, key)
	}
	return args
}

// among returns those of the keys that a table has for a budget, or those that it does not.
func among(ctx context.Context, q querier, table, budget string, keys []string, there bool) ([]string, error) {
	known := map[string]bool{}
	err := chunks(keys, func(part []string) error {
		found, err := texts(ctx, q, "SELECT reserve_key FROM "+table+" WHERE budget = $1 AND reserve_key IN "+
			list(2, len(part)), keyArgs(budget, part)...)
		for _, key := range found {
			known[key] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return known[key] != there }), nil
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
