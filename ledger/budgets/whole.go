package budgets

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/ledger/engine"
)

// Whole is what came of asking for room for the changes of many people at once.
type Whole struct {
	Granted bool
	// Refused says of each budget that has no room what it said, New which keys it has no room for. Who was counted within the
	// window before, and who is held already, is not among them.
	Refused map[string]Held
	New     map[string][]string
}

// ReserveWhole takes room in several budgets for changes of many people, or in none of them. As with one person's change,
// whoever was counted within the window needs no more room, and whoever is held waits on.
func (s Store) ReserveWhole(ctx context.Context, all []Reservation) (Whole, error) {
	var out Whole
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		out = Whole{Granted: true, Refused: map[string]Held{}, New: map[string][]string{}}
		for _, r := range all {
			fresh, held, err := s.wholeRoom(ctx, q, r)
			if err != nil {
				return err
			}
			out.New[r.Budget] = fresh
			if !held.Granted {
				out.Granted, out.Refused[r.Budget] = false, held
			}
		}
		if !out.Granted {
			return nil
		}
		for _, r := range all {
			if _, err := s.take(ctx, q, r, out.New[r.Budget]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Whole{}, fmt.Errorf("reserve for many in %d budgets: %w", len(all), err)
	}
	return out, nil
}

// wholeRoom returns which keys are new to a budget, and whether it has room for all of them.
func (s Store) wholeRoom(ctx context.Context, q engine.Querier, r Reservation) (fresh []string, held Held, err error) {
	if err := s.db.Lock(ctx, q, "budget/"+r.Budget); err != nil {
		return nil, Held{}, err
	}
	since := s.countedSince(r)
	held = Held{Allowed: r.Limit.Allowed()}
	if _, err := engine.QueryRow(ctx, q, "SELECT COUNT(*) FROM reservations WHERE budget = $1 AND reserved_at > $2 AND foreseen = 0",
		[]any{r.Budget, since}, &held.Used); err != nil {
		return nil, Held{}, err
	}
	counted, err := engine.Texts(ctx, q, "SELECT reserve_key FROM reservations WHERE budget = $1 AND reserved_at > $2", r.Budget, since)
	if err != nil {
		return nil, Held{}, err
	}
	waiting, err := engine.Texts(ctx, q, "SELECT reserve_key FROM held WHERE budget = $1", r.Budget)
	if err != nil {
		return nil, Held{}, err
	}
	known := map[string]bool{}
	for _, key := range slices.Concat(counted, waiting) {
		known[personOf(key)] = true
	}
	keys := slices.Compact(slices.Sorted(slices.Values(r.Keys)))
	keys = slices.DeleteFunc(keys, func(key string) bool { return known[personOf(key)] })
	// What was reserved before needs no room, whenever that was.
	if fresh, err = among(ctx, q, "reservations", r.Budget, keys, false); err != nil {
		return nil, Held{}, err
	}
	held.Granted = held.Used <= held.Allowed-len(fresh)
	return fresh, held, nil
}
