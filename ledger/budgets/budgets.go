package budgets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"gatehouse/ledger/engine"
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
	// Further name effects that come with those of Keys, such as the other accounts of a leaver. They take room too, all of
	// them or none, and do not decide about Keys.
	Further []string
	// Person is how keys about the same person begin. Whoever was counted within the window is not counted again, so that
	// two changes of position in a row cost what one does. Empty counts every key.
	Person string
	// HeldAs is whom a batch holds that keeps the change back, if that is not the person themselves: see [HeldBack].
	HeldAs string
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
	// Foreseen makes what is reserved free for its keys, from now on and until a window after At, and has it take no room
	// from anybody else: a person has let it through ahead of its day.
	Foreseen bool
	At       time.Time
}

// heldAs is whom a batch holds that keeps the change back.
func (r Reservation) heldAs() string { return cmp.Or(r.HeldAs, personOf(r.Person)) }

// Held is the answer to a reservation.
type Held struct {
	Granted bool
	// Used is how much of the budget is used in the window, with this reservation if it was granted.
	Used int
	// Allowed is the limit, possibly [Unlimited].
	Allowed int
	// Undecided says that an earlier refusal stands, which nobody has decided about.
	Undecided bool
	// Hold is the batch that an undecided refusal stands in, as source and kind; empty if it stands alone.
	Hold string
	// FurtherHeld says that there was no room for the further effects.
	FurtherHeld bool
}

// Reserve takes room in a budget for all keys or for none. A key that was reserved in this budget before is free,
// whenever that was: the same containment counts once however often it is repeated. Concurrent reservations, in
// other processes too, together never exceed the limit.
func (s Store) Reserve(ctx context.Context, r Reservation) (Held, error) {
	if r.Budget == "" || len(r.Keys) == 0 {
		return Held{}, errors.New("reserve: a budget and at least one key are needed")
	}
	keys := slices.Clone(r.Keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var held Held
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		var err error
		held, err = s.reserve(ctx, q, r, keys)
		return err
	})
	if err != nil {
		return Held{}, fmt.Errorf("reserve %d in budget %s: %w", len(keys), r.Budget, err)
	}
	return held, nil
}

// ReserveAll takes room in several budgets for one change, or in none of them. Refused is the index of the first budget
// that has no room, -1 if all have. What is held with a batch is held whatever there is room for.
func (s Store) ReserveAll(ctx context.Context, all []Reservation) (held []Held, refused int, err error) {
	refused = -1
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		held, refused = make([]Held, len(all)), -1
		take := make([][]string, len(all))
		for i, r := range all {
			var err error
			if held[i], take[i], err = s.room(ctx, q, r, slices.Compact(slices.Sorted(slices.Values(r.Keys)))); err != nil {
				return err
			}
			if !held[i].Granted && refused < 0 {
				refused = i
			}
		}
		for i, r := range all {
			if refused >= 0 {
				break
			}
			fresh, err := s.take(ctx, q, r, take[i])
			if err != nil {
				return err
			}
			held[i].Used += fresh
		}
		return nil
	})
	if err != nil {
		return nil, -1, fmt.Errorf("reserve in %d budgets: %w", len(all), err)
	}
	return held, refused, nil
}

func (s Store) reserve(ctx context.Context, q engine.Querier, r Reservation, keys []string) (Held, error) {
	held, keys, err := s.room(ctx, q, r, keys)
	switch {
	case err != nil:
		return Held{}, err
	case !held.Granted:
		return held, s.refuse(ctx, q, r, keys)
	}
	further, fits, err := s.further(ctx, q, r, held.Used+len(keys), held.Allowed)
	if err != nil {
		return Held{}, err
	}
	held.FurtherHeld = !fits
	fresh, err := s.take(ctx, q, r, append(slices.Clip(keys), further...))
	if err != nil {
		return Held{}, err
	}
	held.Used += fresh
	return held, nil
}

// further returns which further effects are to be reserved, and whether there is room for them.
func (s Store) further(ctx context.Context, q engine.Querier, r Reservation, used, allowed int) (keys []string, fits bool, err error) {
	keys = r.Further
	if len(keys) == 0 || r.Override || used <= allowed-len(keys) {
		return keys, true, nil
	}
	if keys, err = among(ctx, q, "reservations", r.Budget, keys, false); err != nil {
		return nil, false, err
	}
	if len(keys) == 0 || used <= allowed-len(keys) {
		return keys, true, nil
	}
	return nil, false, nil
}

// countedSince is from when on reservations count, as the ledger keeps times.
func (s Store) countedSince(r Reservation) int64 {
	if r.Window > 0 {
		return engine.Micros(s.db.Now().Add(-r.Window))
	}
	return math.MinInt64
}

// room says whether a budget has room for keys, and returns those of them that have to be reserved, or that were refused.
func (s Store) room(ctx context.Context, q engine.Querier, r Reservation, keys []string) (Held, []string, error) {
	if err := s.db.Lock(ctx, q, "budget/"+r.Budget); err != nil {
		return Held{}, nil, err
	}
	since := s.countedSince(r)
	held := Held{Granted: true, Allowed: r.Limit.Allowed()}
	var refused int
	if _, err := engine.QueryRow(ctx, q, "SELECT COUNT(*), (SELECT COUNT(*) FROM held WHERE budget = $1) FROM reservations "+
		"WHERE budget = $1 AND reserved_at > $2 AND foreseen = 0", []any{r.Budget, since}, &held.Used, &refused); err != nil {
		return Held{}, nil, err
	}
	if r.Person != "" {
		counted, err := engine.QueryRow(ctx, q, "SELECT 1 FROM reservations WHERE budget = $1 AND reserved_at > $2 AND substr(reserve_key, 1, $3) = $4 LIMIT 1",
			[]any{r.Budget, since, utf8.RuneCountInString(r.Person), r.Person}, new(int))
		if err != nil || counted {
			return held, nil, err
		}
	}
	if r.Override || refused == 0 && held.Used <= held.Allowed-len(keys) {
		if r.Override && refused > 0 {
			return held, keys, letThrough(ctx, q, r.Budget, keys)
		}
		return held, keys, nil
	}
	// What was reserved before needs no room. It is looked for only here: nearly every reservation fits as it is.
	keys, err := among(ctx, q, "reservations", r.Budget, keys, false)
	if err != nil {
		return Held{}, nil, err
	}
	if held.Undecided, err = isHeld(ctx, q, refused, r, keys); err != nil {
		return Held{}, nil, err
	}
	if held.Undecided && len(keys) == 1 {
		if held.Hold, err = batchOf(ctx, q, r, keys[0]); err != nil {
			return Held{}, nil, err
		}
	}
	held.Granted = len(keys) == 0 || !held.Undecided && held.Used <= held.Allowed-len(keys)
	return held, keys, nil
}

// take reserves keys and returns how many of them are new.
func (s Store) take(ctx context.Context, q engine.Querier, r Reservation, keys []string) (fresh int, err error) {
	at := s.db.Now()
	if r.Foreseen && r.At.After(at) {
		at = r.At
	}
	rows := make([][]any, len(keys))
	for i, key := range keys {
		by := s.db.Seal(engine.Place("reservations.reserved_by", r.Budget, key), []byte(r.By))
		rows[i] = []any{r.Budget, key, engine.Micros(at), engine.Flag(r.Override), by, engine.Flag(r.Foreseen)}
	}
	return engine.InsertCounted(ctx, q, "INSERT INTO reservations (budget, reserve_key, reserved_at, overridden, reserved_by, foreseen)",
		"ON CONFLICT (budget, reserve_key) DO NOTHING", rows)
}

// isHeld reports whether a budget holds one of the keys, refused being how many it holds. Who is held with a batch is held
// whatever they want by now.
func isHeld(ctx context.Context, q engine.Querier, refused int, r Reservation, keys []string) (bool, error) {
	if refused == 0 {
		return false, nil
	}
	found, err := among(ctx, q, "held", r.Budget, keys, true)
	if err != nil || len(found) > 0 || r.Person == "" {
		return len(found) > 0, err
	}
	return engine.QueryRow(ctx, q, "SELECT 1 FROM held WHERE budget = $1 AND person_key = $2 AND hold_id <> '' LIMIT 1",
		[]any{r.Budget, r.heldAs()}, new(int))
}

// batchOf is the hold in which a refusal stands: that of the key, else of anything else that the person wants.
func batchOf(ctx context.Context, q engine.Querier, r Reservation, key string) (hold string, err error) {
	found, err := engine.QueryRow(ctx, q, "SELECT hold_id FROM held WHERE budget = $1 AND reserve_key = $2", []any{r.Budget, key}, &hold)
	if err != nil || found || r.Person == "" {
		return hold, err
	}
	_, err = engine.QueryRow(ctx, q, "SELECT hold_id FROM held WHERE budget = $1 AND person_key = $2 AND hold_id <> '' LIMIT 1",
		[]any{r.Budget, r.heldAs()}, &hold)
	return hold, err
}

// refuse has a refusal stand, if that is asked for. Of one person's changes of position the latest counts.
func (s Store) refuse(ctx context.Context, q engine.Querier, r Reservation, keys []string) error {
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
		rows[i] = []any{r.Budget, key, engine.Micros(s.db.Now())}
	}
	return engine.InsertRows(ctx, q, "INSERT INTO held (budget, reserve_key, held_at)", "ON CONFLICT (budget, reserve_key) DO NOTHING", rows)
}

// letThrough takes back a refusal. One that belongs to a hold is taken back with it; until then it stands behind what is
// reserved now.
func letThrough(ctx context.Context, q engine.Querier, budget string, keys []string) error {
	return engine.Chunks(keys, func(part []string) error {
		_, err := q.ExecContext(ctx, "DELETE FROM held WHERE budget = $1 AND hold_id = '' AND reserve_key IN "+engine.List(2, len(part)), engine.Args(budget, part)...)
		return err
	})
}

// among returns those of the keys that a table has for a budget, or those that it does not.
func among(ctx context.Context, q engine.Querier, table, budget string, keys []string, there bool) ([]string, error) {
	known := map[string]bool{}
	err := engine.Chunks(keys, func(part []string) error {
		found, err := engine.Texts(ctx, q, "SELECT reserve_key FROM "+table+" WHERE budget = $1 AND reserve_key IN "+
			engine.List(2, len(part)), engine.Args(budget, part)...)
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
