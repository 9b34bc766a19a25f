package budgets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/ledger/engine"
)

// Key is one change as one budget counts it.
type Key struct{ Budget, Key string }

// HeldBack is one person's change for which a safety budget has no room.
type HeldBack struct {
	Source, Kind string
	// Person is who is held: their key, or that with a slash and what their change is about, where it has nothing to do with what else
	// is held of them. Departures are held as any change is then.
	Person string
	// Keys are what the change draws on, in every budget: a decision is about all of it.
	Keys []Key
	// Used and Allowed are what the budget said that refused.
	Used, Allowed int
}

// personOf is the person whom a budget's key is about.
func personOf(key string) string {
	person, _, _ := strings.Cut(key, "/")
	return person
}

// HoldBack puts a person's change into the batch of its source and kind, and takes them out of any other that is not about
// a departure. Tell says that the run about the batch has to hear of it: the list is another one, or an attempt that
// was here before may not have come to say so.
func (s Store) HoldBack(ctx context.Context, b HeldBack) (tell bool, err error) {
	id := holdID(b.Source, b.Kind)
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "hold/"+id); err != nil {
			return err
		}
		was, err := heldOf(ctx, q, b.Person)
		if err != nil {
			return err
		}
		stale := false
		for hold, keys := range was {
			if hold == id {
				stale = !sameKeys(keys, b.Keys)
				continue
			}
			if err := leaveHold(ctx, q, hold, b.Person); err != nil {
				return err
			}
		}
		if stale {
			if err := dropFrom(ctx, q, id, b.Person); err != nil {
				return err
			}
		}
		tell, err = s.putBack(ctx, q, id, b, stale || len(was[id]) == 0)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("hold a change of %s back: %w", b.Person, err)
	}
	return tell, nil
}

// putBack puts a change into a hold. A hash that is empty has yet to be counted.
func (s Store) putBack(ctx context.Context, q engine.Querier, id string, b HeldBack, changed bool) (tell bool, err error) {
	now := engine.Micros(s.db.Now())
	var hash string
	found, err := engine.QueryRow(ctx, q, "SELECT hash FROM holds WHERE hold_id = $1", []any{id}, &hash)
	if err != nil || found && !changed {
		return hash == "", err
	}
	rows := make([][]any, len(b.Keys))
	for i, k := range b.Keys {
		rows[i] = []any{k.Budget, k.Key, id, b.Person, now}
	}
	if err := engine.InsertRows(ctx, q, "INSERT INTO held (budget, reserve_key, hold_id, person_key, held_at)",
		"ON CONFLICT (budget, reserve_key) DO UPDATE SET hold_id = excluded.hold_id, person_key = excluded.person_key", rows); err != nil {
		return false, err
	}
	_, err = q.ExecContext(ctx, `
INSERT INTO holds (hold_id, source, kind, hash, people, used, allowed, since) VALUES ($1, $2, $3, '', 1, $4, $5, $6)
ON CONFLICT (hold_id) DO UPDATE SET hash = '', used = excluded.used, allowed = excluded.allowed`,
		id, b.Source, b.Kind, b.Used, b.Allowed, now)
	return !found || hash != "", err
}

// noDeparture is true of what is held that is not the departure of a person as such.
const noDeparture = "(budget NOT LIKE 'contain/%' OR person_key LIKE '%/%')"

// heldForPerson selects what is held of the person $1 with a batch that is not about a departure. What somebody has let
// through stands there until all of its batch has been hinted, and is held no more.
const heldForPerson = ` FROM held WHERE person_key = $1 AND hold_id <> '' AND ` + noDeparture + `
	AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.budget = held.budget AND r.reserve_key = held.reserve_key)`

// heldOf is what is held of a person with a batch that is not about a departure, by hold.
func heldOf(ctx context.Context, q engine.Querier, person string) (map[string][]Key, error) {
	found := map[string][]Key{}
	err := engine.Each(ctx, q, "SELECT hold_id, budget, reserve_key"+heldForPerson, []any{person}, func(scan func(...any) error) error {
		var hold string
		var k Key
		err := scan(&hold, &k.Budget, &k.Key)
		found[hold] = append(found[hold], k)
		return err
	})
	return found, err
}

func sameKeys(a, b []Key) bool {
	if len(a) != len(b) {
		return false
	}
	return !slices.ContainsFunc(a, func(k Key) bool { return !slices.Contains(b, k) })
}

// leaveHold takes a person out of a hold, whose list has to be counted again.
func leaveHold(ctx context.Context, q engine.Querier, id, person string) error {
	if err := dropFrom(ctx, q, id, person); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, "UPDATE holds SET hash = '' WHERE hold_id = $1", id)
	return err
}

// dropFrom deletes what a hold keeps back of a person, departures excepted.
func dropFrom(ctx context.Context, q engine.Querier, id, person string) error {
	_, err := q.ExecContext(ctx, "DELETE FROM held WHERE hold_id = $1 AND person_key = $2 AND "+noDeparture, id, person)
	return err
}

// HeldFor lists the holds that keep a change of a person back, as source and kind. Departures are not among them.
func (s Store) HeldFor(ctx context.Context, person string) ([]Hold, error) {
	found, err := s.listHolds(ctx, s.db.Reader(), " WHERE hold_id IN (SELECT hold_id"+heldForPerson+")", person)
	if err != nil {
		return nil, fmt.Errorf("read what is held of %s: %w", person, err)
	}
	return found, nil
}

// HeldAs returns those of the names under which something is held, see [HeldBack].
func (s Store) HeldAs(ctx context.Context, names []string) ([]string, error) {
	var found []string
	err := engine.Chunks(names, func(part []string) error {
		some, err := engine.Texts(ctx, s.db.Reader(), "SELECT DISTINCT person_key FROM held WHERE hold_id <> '' AND person_key IN "+
			engine.List(1, len(part)), engine.Anys(part)...)
		found = append(found, some...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read as whom something is held: %w", err)
	}
	return found, nil
}

// LeaveHolds takes a person out of every batch that is not about a departure: nothing of what was held is wanted any more.
func (s Store) LeaveHolds(ctx context.Context, person string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		was, err := heldOf(ctx, q, person)
		if err != nil {
			return err
		}
		for hold := range was {
			if err := leaveHold(ctx, q, hold, person); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take %s out of what is held: %w", person, err)
	}
	return nil
}

// LiftKeys takes out of a hold what was let through, and ends it if nothing else is in it. Who has come to it since stays.
func (s Store) LiftKeys(ctx context.Context, source, kind string, all []Key) error {
	id := holdID(source, kind)
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "hold/"+id); err != nil {
			return err
		}
		for _, k := range all {
			if _, err := q.ExecContext(ctx, "DELETE FROM held WHERE hold_id = $1 AND budget = $2 AND reserve_key = $3", id, k.Budget, k.Key); err != nil {
				return err
			}
		}
		left, err := engine.QueryRow(ctx, q, "SELECT 1 FROM held WHERE hold_id = $1 LIMIT 1", []any{id}, new(int))
		if err != nil || !left {
			return errors.Join(err, dropHeld(ctx, q, id, "", nil))
		}
		_, err = q.ExecContext(ctx, "UPDATE holds SET hash = '' WHERE hold_id = $1", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("lift the hold %s: %w", id, err)
	}
	return nil
}

// HeldElsewhere returns those of a budget's keys that a hold of another kind keeps back.
func (s Store) HeldElsewhere(ctx context.Context, source, kind, budget string, keys []string) ([]string, error) {
	var found []string
	err := engine.Chunks(keys, func(part []string) error {
		some, err := engine.Texts(ctx, s.db.Reader(), "SELECT reserve_key FROM held WHERE budget = $1 AND hold_id NOT IN ('', $2) AND reserve_key IN "+
			engine.List(3, len(part)), append([]any{budget, holdID(source, kind)}, engine.Args("", part)[1:]...)...)
		found = append(found, some...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what budget %s holds elsewhere: %w", budget, err)
	}
	return found, nil
}

// HeldIn lists what a hold keeps back in each budget, in order.
func (s Store) HeldIn(ctx context.Context, source, kind string) ([]Key, error) {
	found, err := heldIn(ctx, s.db.Reader(), holdID(source, kind))
	if err != nil {
		return nil, fmt.Errorf("list the hold %s: %w", holdID(source, kind), err)
	}
	return found, nil
}

func heldIn(ctx context.Context, q engine.Querier, id string) ([]Key, error) {
	var found []Key
	err := engine.Each(ctx, q, "SELECT budget, reserve_key FROM held WHERE hold_id = $1 ORDER BY budget, reserve_key", []any{id},
		func(scan func(...any) error) error {
			var k Key
			err := scan(&k.Budget, &k.Key)
			found = append(found, k)
			return err
		})
	return found, err
}

// CountHold brings what is known of a hold up to date with who is in it, if that has changed, and returns it. One with
// nobody in it is gone.
func (s Store) CountHold(ctx context.Context, source, kind string) (h Hold, found bool, err error) {
	id := holdID(source, kind)
	if h, found, err = s.hold(ctx, s.db.Reader(), id); err == nil && (!found || h.Hash != "") {
		return h, found, nil
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "hold/"+id); err != nil {
			return err
		}
		hash, people, err := listOf(ctx, q, id)
		if err != nil {
			return err
		}
		if people == 0 {
			h, found = Hold{}, false
			return dropHeld(ctx, q, id, "", nil)
		}
		if _, err := q.ExecContext(ctx, "UPDATE holds SET hash = $2, people = $3 WHERE hold_id = $1", id, hash, people); err != nil {
			return err
		}
		h, found, err = s.hold(ctx, q, id)
		return err
	})
	if err != nil {
		return Hold{}, false, fmt.Errorf("count the hold %s: %w", id, err)
	}
	return h, found, nil
}

// listOf is the hash of what a hold keeps back, and of how many people.
func listOf(ctx context.Context, q engine.Querier, id string) (hash string, people int, err error) {
	all, err := heldIn(ctx, q, id)
	if err != nil {
		return "", 0, err
	}
	keys, who := make([]string, len(all)), map[string]bool{}
	for i, k := range all {
		keys[i] = k.Key
		who[personOf(k.Key)] = true
	}
	slices.Sort(keys)
	return hashOf(slices.Compact(keys)), len(who), nil
}
