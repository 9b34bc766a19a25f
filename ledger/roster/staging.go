package roster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// StagedChange is a change that a sync has found and not yet hinted.
type StagedChange struct {
	Batch, Source, EmployeeID, PersonKey string
	// Kind is one of new, changed, leaver and vanished.
	Kind   string
	Digest string
	Active bool
	// HintedAt is when the change was settled.
	HintedAt time.Time
	// Traits go into the roster with the digest.
	Traits string
	// Sealed is what goes into the roster: in clear here, sealed when stored.
	Sealed []byte
}

// Stage records the changes of a batch in one transaction. It is idempotent by batch, source and employee: a repetition
// updates what is waiting and never brings back what was settled or dropped.
func (s Store) Stage(ctx context.Context, batch string, changes []StagedChange) error {
	if batch == "" {
		return errors.New("stage changes: the batch has no name")
	}
	unique := make(map[string][]any, len(changes))
	now := engine.Micros(s.db.Now())
	for _, c := range changes {
		if c.Source == "" || c.EmployeeID == "" || c.Kind == "" {
			return fmt.Errorf("stage changes of batch %s: a change needs a source, an employee id and a kind", batch)
		}
		unique[c.Source+"\x00"+c.EmployeeID] = []any{
			batch, c.Source, c.EmployeeID, c.PersonKey, c.Kind, c.Digest, engine.Flag(c.Active), now,
			s.db.Seal(engine.Place("staged.sealed", batch, c.Source, c.EmployeeID), c.Sealed), c.Traits,
		}
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "batch/"+batch); err != nil {
			return err
		}
		return engine.InsertRows(ctx, q, `INSERT INTO staged (batch, source, employee_id, person_key, kind, digest, active,
			staged_at, sealed, traits)`, `ON CONFLICT (batch, source, employee_id) DO UPDATE SET
			person_key = excluded.person_key, kind = excluded.kind, digest = excluded.digest, active = excluded.active,
			staged_at = excluded.staged_at, sealed = excluded.sealed, traits = excluded.traits
			WHERE staged.hinted_at = 0 AND staged.dropped_at = 0`, engine.Sorted(unique))
	})
	if err != nil {
		return fmt.Errorf("stage %d changes of batch %s: %w", len(unique), batch, err)
	}
	return nil
}

const stagedColumns = "source, employee_id, person_key, kind, digest, active, staged_at, sealed, traits"

// stagedRow is a waiting change and when it was staged.
type stagedRow struct {
	StagedChange
	stagedAt time.Time
}

func (s Store) waiting(ctx context.Context, q engine.Querier, batch, where string, args ...any) ([]stagedRow, error) {
	return s.staged(ctx, q, batch, "AND hinted_at = 0 AND dropped_at = 0 "+where, args...)
}

func (s Store) staged(ctx context.Context, q engine.Querier, batch, where string, args ...any) ([]stagedRow, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+stagedColumns+" FROM staged WHERE batch = $1 "+where, append([]any{batch}, args...)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []stagedRow
	for rows.Next() {
		r := stagedRow{StagedChange: StagedChange{Batch: batch}}
		var active, at int64
		var stored []byte
		if err := rows.Scan(&r.Source, &r.EmployeeID, &r.PersonKey, &r.Kind, &r.Digest, &active, &at, &stored, &r.Traits); err != nil {
			return nil, err
		}
		r.Active, r.stagedAt = active == 1, engine.Instant(at)
		if r.Sealed, err = s.db.Open(engine.Place("staged.sealed", batch, r.Source, r.EmployeeID), stored); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// Staged returns up to limit changes that are neither settled nor dropped, in the order of their
// employee ids. A limit of zero or less means all.
func (s Store) Staged(ctx context.Context, batch string, limit int) ([]StagedChange, error) {
	where, args := "ORDER BY employee_id, source", []any(nil)
	if limit > 0 {
		where, args = where+" LIMIT $2", []any{limit}
	}
	rows, err := s.waiting(ctx, s.db.Reader(), batch, where, args...)
	if err != nil {
		return nil, fmt.Errorf("read changes of batch %s: %w", batch, err)
	}
	return changesOf(rows), nil
}

// StagedOf returns all changes of one kind, whatever has become of them, in the order of their employee ids: a repeated
// attempt decides on the same list as the first.
func (s Store) StagedOf(ctx context.Context, batch, kind string) ([]StagedChange, error) {
	rows, err := s.staged(ctx, s.db.Reader(), batch, "AND kind = $2 ORDER BY employee_id, source", kind)
	if err != nil {
		return nil, fmt.Errorf("read the %s changes of batch %s: %w", kind, batch, err)
	}
	return changesOf(rows), nil
}

func changesOf(rows []stagedRow) []StagedChange {
	changes := make([]StagedChange, len(rows))
	for i, r := range rows {
		changes[i] = r.StagedChange
	}
	return changes
}

// Settle marks changes as hinted and moves the roster to them, in one transaction: after a crash both have happened or
// neither. What is not waiting is left as it is, and a roster row that was seen later than the change stays.
func (s Store) Settle(ctx context.Context, batch string, employeeIDs []string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return engine.Chunks(employeeIDs, func(part []string) error {
			args := make([]any, len(part))
			for i, id := range part {
				args[i] = id
			}
			return s.finish(ctx, q, batch, "hinted_at", true, "AND employee_id IN "+engine.List(2, len(part)), args...)
		})
	})
	s.active.forget()
	if err != nil {
		return fmt.Errorf("settle %d changes of batch %s: %w", len(employeeIDs), batch, err)
	}
	return nil
}

// DropBatch gives up the waiting changes of the given kinds, of all kinds if there are none. With remember the roster
// moves to them all the same, so that the next sync does not raise the same change again; without, it will.
func (s Store) DropBatch(ctx context.Context, batch string, kinds []string, remember bool) error {
	where, args := "", []any(nil)
	if len(kinds) > 0 {
		where = "AND kind IN " + engine.List(2, len(kinds))
		for _, k := range kinds {
			args = append(args, k)
		}
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return s.finish(ctx, q, batch, "dropped_at", remember, where, args...)
	})
	s.active.forget()
	if err != nil {
		return fmt.Errorf("drop batch %s: %w", batch, err)
	}
	return nil
}

// finish stamps the waiting changes that where selects, and moves the roster to them if asked.
func (s Store) finish(ctx context.Context, q engine.Querier, batch, stamp string, move bool, where string, args ...any) error {
	if err := s.db.Lock(ctx, q, "batch/"+batch); err != nil {
		return err
	}
	if move {
		rows, err := s.waiting(ctx, q, batch, where, args...)
		if err != nil {
			return err
		}
		unique := make(map[string][]any, len(rows))
		for _, r := range rows {
			unique[r.Source+"\x00"+r.EmployeeID] = s.rosterArgs(Row{
				Source: r.Source, EmployeeID: r.EmployeeID, Digest: r.Digest, Active: r.Active, SeenAt: r.stagedAt,
				Traits: r.Traits, Sealed: r.Sealed,
			})
		}
		if err := engine.InsertRows(ctx, q, rosterHead, rosterConflict+" WHERE roster.seen_at <= excluded.seen_at",
			engine.Sorted(unique)); err != nil {
			return err
		}
	}
	now := fmt.Sprintf("$%d", len(args)+2)
	_, err := q.ExecContext(ctx, "UPDATE staged SET "+stamp+" = "+now+" WHERE batch = $1 AND hinted_at = 0 "+
		"AND dropped_at = 0 "+where, append(append([]any{batch}, args...), engine.Micros(s.db.Now()))...)
	return err
}

// StageCounts counts the changes of a batch by kind. Settled ones count, dropped ones do not, so that a repeated attempt
// decides on the same numbers as the first.
func (s Store) StageCounts(ctx context.Context, batch string) (map[string]int, error) {
	counts, err := s.countKinds(ctx, "staged WHERE batch = $1 AND dropped_at = 0", batch)
	if err != nil {
		return nil, fmt.Errorf("count changes of batch %s: %w", batch, err)
	}
	return counts, nil
}

// countKinds counts rows by kind.
func (s Store) countKinds(ctx context.Context, from string, args ...any) (map[string]int, error) {
	counts := map[string]int{}
	err := engine.Each(ctx, s.db.Reader(), "SELECT kind, COUNT(*) FROM "+from+" GROUP BY kind", args, func(scan func(...any) error) error {
		var kind string
		var n int
		err := scan(&kind, &n)
		counts[kind] = n
		return err
	})
	return counts, err
}

// PruneStaged deletes changes that have served their moment: of one batch, settled or dropped before a time, and not so many
// of them that anybody would wait for it. A batch of which something still waits stays whole, because it is decided on its
// numbers. Reservations stay for good: who was let through once is let through whenever they come again. It returns how many
// went; call it again while there were most.
func (s Store) PruneStaged(ctx context.Context, before time.Time, most int) (int64, error) {
	const over = `(hinted_at <> 0 AND hinted_at < $1 OR dropped_at <> 0 AND dropped_at < $1)`
	var batch, source string
	r := s.db.Reader()
	found, err := engine.QueryRow(ctx, r, "SELECT batch, source FROM staged WHERE "+over+` AND NOT EXISTS (
		SELECT 1 FROM staged w WHERE w.batch = staged.batch AND w.hinted_at = 0 AND w.dropped_at = 0) LIMIT 1`,
		[]any{engine.Micros(before)}, &batch, &source)
	var ids []string
	if err == nil && found {
		ids, err = engine.Texts(ctx, r, fmt.Sprintf("SELECT employee_id FROM staged WHERE batch = $2 AND source = $3 AND %s LIMIT %d", over, most),
			engine.Micros(before), batch, source)
	}
	var n int64
	if err == nil && len(ids) > 0 {
		err = s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			n = 0
			return engine.Chunks(ids, func(part []string) error {
				args := []any{batch, source}
				for _, id := range part {
					args = append(args, id)
				}
				went, err := engine.Affected(ctx, q, "DELETE FROM staged WHERE batch = $1 AND source = $2 AND employee_id IN "+engine.List(3, len(part)), args...)
				n += went
				return err
			})
		})
	}
	if err != nil {
		return 0, fmt.Errorf("prune settled changes: %w", err)
	}
	return n, nil
}
