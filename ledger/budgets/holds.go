package budgets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// Hold is a batch of changes that a safety budget keeps back until a person decides about it.
type Hold struct {
	Source, Kind string
	// Hash is of the list of who is in it. A decision is about one list.
	Hash   string
	People int
	// Used and Allowed are what the budget said when it last refused.
	Used, Allowed int
	Since         time.Time
	// RejectedHash is the list that somebody rejected last, empty if nobody did.
	RejectedHash, RejectedBy string
	RejectedAt               time.Time
}

// Rejected reports that somebody has rejected just this list.
func (h Hold) Rejected() bool { return h.Hash != "" && h.RejectedHash == h.Hash }

// HeldBatch is who of a source is held for one kind of change, as the latest reading has it.
type HeldBatch struct {
	Source, Kind string
	// Budget is the one that refused, Keys what was asked of it.
	Budget string
	Keys   []string
	// Used and Allowed are what the budget said; a batch that was not refused anew leaves them out.
	Used, Allowed int
}

func holdID(source, kind string) string { return source + "/" + kind }

// KeepHold makes a source's hold what the batch says: who is not in it any more is no longer held, and one with nobody in
// it is gone. What a person decided about it stays on record with the list that they saw.
func (s Store) KeepHold(ctx context.Context, b HeldBatch) (Hold, error) {
	keys := slices.Compact(slices.Sorted(slices.Values(b.Keys)))
	id, now := holdID(b.Source, b.Kind), engine.Micros(s.db.Now())
	var kept Hold
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		kept = Hold{Source: b.Source, Kind: b.Kind}
		if err := s.db.Lock(ctx, q, "budget/"+b.Budget); err != nil {
			return err
		}
		if err := s.db.Lock(ctx, q, "hold/"+id); err != nil {
			return err
		}
		if err := dropHeld(ctx, q, id, b.Budget, keys); err != nil || len(keys) == 0 {
			return err
		}
		rows := make([][]any, len(keys))
		for i, key := range keys {
			rows[i] = []any{b.Budget, key, id, personOf(key), now}
		}
		if err := engine.InsertRows(ctx, q, "INSERT INTO held (budget, reserve_key, hold_id, person_key, held_at)",
			"ON CONFLICT (budget, reserve_key) DO UPDATE SET hold_id = excluded.hold_id, person_key = excluded.person_key", rows); err != nil {
			return err
		}
		hash, people, err := listOf(ctx, q, id)
		if err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `
INSERT INTO holds (hold_id, source, kind, hash, people, used, allowed, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (hold_id) DO UPDATE SET hash = excluded.hash, people = excluded.people,
	used = CASE WHEN excluded.allowed = 0 THEN holds.used ELSE excluded.used END,
	allowed = CASE WHEN excluded.allowed = 0 THEN holds.allowed ELSE excluded.allowed END`,
			id, b.Source, b.Kind, hash, people, b.Used, b.Allowed, now); err != nil {
			return err
		}
		kept, _, err = s.hold(ctx, q, id)
		return err
	})
	if err != nil {
		return Hold{}, fmt.Errorf("keep the hold %s of %d: %w", id, len(keys), err)
	}
	return kept, nil
}

// hashOf is the same for the same list.
func hashOf(keys []string) string {
	sum := sha256.New()
	for _, key := range keys {
		sum.Write([]byte(key + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// dropHeld takes out of a hold who is not among a budget's keys, and the hold itself if there are none.
func dropHeld(ctx context.Context, q engine.Querier, id, budget string, keys []string) error {
	if len(keys) == 0 {
		if _, err := q.ExecContext(ctx, "DELETE FROM held WHERE hold_id = $1", id); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "DELETE FROM holds WHERE hold_id = $1", id)
		return err
	}
	was, err := engine.Texts(ctx, q, "SELECT reserve_key FROM held WHERE hold_id = $1 AND budget = $2", id, budget)
	if err != nil {
		return err
	}
	gone := slices.DeleteFunc(was, func(key string) bool {
		_, still := slices.BinarySearch(keys, key)
		return still
	})
	return engine.Chunks(gone, func(part []string) error {
		_, err := q.ExecContext(ctx, "DELETE FROM held WHERE hold_id = $1 AND reserve_key IN "+engine.List(2, len(part)), engine.Args(id, part)...)
		return err
	})
}

const holdColumns = "source, kind, hash, people, used, allowed, since, rejected_hash, rejected_at, rejected_by"

func (s Store) hold(ctx context.Context, q engine.Querier, id string) (h Hold, found bool, err error) {
	all, err := s.listHolds(ctx, q, " WHERE hold_id = $1", id)
	if err != nil || len(all) == 0 {
		return Hold{}, false, err
	}
	return all[0], true, nil
}

func (s Store) listHolds(ctx context.Context, q engine.Querier, where string, args ...any) ([]Hold, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+holdColumns+" FROM holds"+where+" ORDER BY hold_id", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Hold
	for rows.Next() {
		var h Hold
		var since, rejected int64
		var by []byte
		if err := rows.Scan(&h.Source, &h.Kind, &h.Hash, &h.People, &h.Used, &h.Allowed, &since, &h.RejectedHash, &rejected, &by); err != nil {
			return nil, err
		}
		h.Since, h.RejectedAt = engine.Instant(since), engine.Instant(rejected)
		name, err := s.db.Open(engine.Place("holds.rejected_by", holdID(h.Source, h.Kind)), by)
		if err != nil {
			return nil, err
		}
		h.RejectedBy = string(name)
		found = append(found, h)
	}
	return found, rows.Err()
}

// HoldOf returns a source's hold of one kind of change.
func (s Store) HoldOf(ctx context.Context, source, kind string) (h Hold, found bool, err error) {
	h, found, err = s.hold(ctx, s.db.Reader(), holdID(source, kind))
	if err != nil {
		return Hold{}, false, fmt.Errorf("read the hold %s: %w", holdID(source, kind), err)
	}
	return h, found, nil
}

// Holds lists everything that is held.
func (s Store) Holds(ctx context.Context) ([]Hold, error) {
	all, err := s.listHolds(ctx, s.db.Reader(), "")
	if err != nil {
		return nil, fmt.Errorf("list what is held: %w", err)
	}
	return all, nil
}

// HeldKeys lists what a hold keeps back, in order.
func (s Store) HeldKeys(ctx context.Context, source, kind string) ([]string, error) {
	keys, err := engine.Texts(ctx, s.db.Reader(), "SELECT DISTINCT reserve_key FROM held WHERE hold_id = $1 ORDER BY reserve_key", holdID(source, kind))
	if err != nil {
		return nil, fmt.Errorf("list the hold %s: %w", holdID(source, kind), err)
	}
	return keys, nil
}

// HeldAmong tells of keys which a budget has granted and which it holds; the others are new to it. What somebody let through
// by itself may still stand in a hold, and counts as granted.
func (s Store) HeldAmong(ctx context.Context, budget string, keys []string) (granted, held []string, err error) {
	q := s.db.Reader()
	if granted, err = among(ctx, q, "reservations", budget, keys, true); err == nil {
		held, err = among(ctx, q, "held", budget, keys, true)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read what budget %s holds: %w", budget, err)
	}
	through := make(map[string]bool, len(granted))
	for _, key := range granted {
		through[key] = true
	}
	return granted, slices.DeleteFunc(held, func(key string) bool { return through[key] }), nil
}

// LetThrough reports that a key of a budget was reserved by somebody's word, whatever room there was.
func (s Store) LetThrough(ctx context.Context, budget, key string) (bool, error) {
	var overridden int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT overridden FROM reservations WHERE budget = $1 AND reserve_key = $2", []any{budget, key}, &overridden)
	if err != nil {
		return false, fmt.Errorf("read who let %s through in budget %s: %w", key, budget, err)
	}
	return overridden == 1, nil
}

// RejectHold records that a person rejected a list. It stays held. Current is false if the list is another one by now,
// and nothing is recorded then.
func (s Store) RejectHold(ctx context.Context, source, kind, hash, by string) (current bool, err error) {
	id := holdID(source, kind)
	var n int64
	err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err = engine.Affected(ctx, q, "UPDATE holds SET rejected_hash = $3, rejected_at = $4, rejected_by = $5 WHERE hold_id = $1 AND hash = $2",
			id, hash, hash, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("holds.rejected_by", id), []byte(by)))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("reject the hold %s: %w", id, err)
	}
	return n > 0, nil
}

// heldDigest is what the roster remembers of a record whose change is kept back: no record looks like that, so that the
// next reading finds it changed again.
const heldDigest = "held"

// KeepBack gives up waiting changes of a batch because they are held, and has the next reading raise them again.
func (s Store) KeepBack(ctx context.Context, batch, source string, employeeIDs []string) error {
	if batch == "" || source == "" {
		return errors.New("keep changes back: a batch and a source are needed")
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "batch/"+batch); err != nil {
			return err
		}
		return engine.Chunks(employeeIDs, func(part []string) error {
			ids := make([]any, len(part))
			for i, id := range part {
				ids[i] = id
			}
			if _, err := q.ExecContext(ctx, "UPDATE roster SET digest = $1 WHERE source = $2 AND employee_id IN "+engine.List(3, len(part)),
				append([]any{heldDigest, source}, ids...)...); err != nil {
				return err
			}
			_, err := q.ExecContext(ctx, "UPDATE staged SET dropped_at = $1 WHERE batch = $2 AND hinted_at = 0 AND dropped_at = 0 "+
				"AND source = $3 AND employee_id IN "+engine.List(4, len(part)), append([]any{engine.Micros(s.db.Now()), batch, source}, ids...)...)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("keep %d changes of batch %s back: %w", len(employeeIDs), batch, err)
	}
	return nil
}

// HeldRecords lists the records of a source whose changes are kept back and which a batch has not read anew.
func (s Store) HeldRecords(ctx context.Context, source, batch string) ([]string, error) {
	ids, err := engine.Texts(ctx, s.db.Reader(), `SELECT employee_id FROM roster r WHERE source = $1 AND digest = $2 AND NOT EXISTS (
		SELECT 1 FROM staged s WHERE s.batch = $3 AND s.source = r.source AND s.employee_id = r.employee_id) ORDER BY employee_id`,
		source, heldDigest, batch)
	if err != nil {
		return nil, fmt.Errorf("list the held records of %s: %w", source, err)
	}
	return ids, nil
}
