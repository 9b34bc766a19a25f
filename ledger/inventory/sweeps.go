package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// SweepKind is what a sweep of accounts reads.
type SweepKind string

// The kinds of sweeps.
const (
	SweepFull    SweepKind = "full"    // every account
	SweepChanges SweepKind = "changes" // those that were changed since another sweep
	SweepRoles   SweepKind = "roles"   // the members of every role
)

// Sweep is one reading of a system's accounts, and how far it came.
type Sweep struct {
	System, ID string
	Kind       SweepKind
	// Since is from when a sweep of changes reads.
	Since                 time.Time
	StartedAt, FinishedAt time.Time
	// Complete says that everybody there was has been seen: absence means something after such a sweep only.
	Complete bool
	// Seen is how many it saw, Total how many there were as the system counts, 0 if it did not say.
	Seen, Total int64
	// Place is where it goes on or, once it has ended, what it came to, in the words of whoever sweeps.
	Place string
}

const sweepColumns = `system, sweep, kind, since, started_at, finished_at, complete, seen, total, place`

func (s Store) sweeps(ctx context.Context, q engine.Querier, where string, args ...any) ([]Sweep, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+sweepColumns+" FROM account_sweeps WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []Sweep
	for rows.Next() {
		var s Sweep
		var since, started, finished, complete int64
		if err := rows.Scan(&s.System, &s.ID, &s.Kind, &since, &started, &finished, &complete, &s.Seen, &s.Total, &s.Place); err != nil {
			return nil, err
		}
		s.Since, s.StartedAt, s.FinishedAt, s.Complete = engine.Instant(since), engine.Instant(started), engine.Instant(finished), complete == 1
		out = append(out, s)
	}
	return out, rows.Err()
}

// BeginSweep returns the sweep with this id, and begins it now if there is none. What others left behind that were never
// finished is cleared away.
func (s Store) BeginSweep(ctx context.Context, sweep Sweep) (Sweep, error) {
	var found []Sweep
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO account_sweeps (system, sweep, kind, since, started_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (system, sweep) DO NOTHING`, sweep.System, sweep.ID, string(sweep.Kind), engine.Micros(sweep.Since), engine.Micros(s.db.Now()))
		if err != nil {
			return err
		}
		if _, err = q.ExecContext(ctx, `DELETE FROM account_pages WHERE system = $1 AND sweep <> $2 AND sweep IN (
			SELECT sweep FROM account_sweeps WHERE system = $1 AND kind = $3)`, sweep.System, sweep.ID, string(sweep.Kind)); err != nil {
			return err
		}
		found, err = s.sweeps(ctx, q, "system = $1 AND sweep = $2", sweep.System, sweep.ID)
		return err
	})
	if err == nil && len(found) == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return Sweep{}, fmt.Errorf("begin sweep %s of %s: %w", sweep.ID, sweep.System, err)
	}
	return found[0], nil
}

// LastSweep returns the latest sweep of a kind, complete or any.
func (s Store) LastSweep(ctx context.Context, system string, kind SweepKind, complete bool) (Sweep, bool, error) {
	found, err := s.sweeps(ctx, s.db.Reader(), "system = $1 AND kind = $2 AND (complete = 1 OR $3 = 0) ORDER BY started_at DESC, sweep DESC LIMIT 1",
		system, string(kind), engine.Flag(complete))
	if err != nil {
		return Sweep{}, false, fmt.Errorf("read the last sweep of %s: %w", system, err)
	}
	if len(found) == 0 {
		return Sweep{}, false, nil
	}
	return found[0], true, nil
}

// SweepPage notes that a sweep has seen the accounts with these ids, who were observed before, and where it goes on. Page
// numbers a page of the sweep: noting it again replaces it. It gives way to all other work.
func (s Store) SweepPage(ctx context.Context, sweep Sweep, page int64, ids []string) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		if len(ids) > 0 {
			if _, err := q.ExecContext(ctx, `INSERT INTO account_pages (system, sweep, page, ids) VALUES ($1, $2, $3, $4)
				ON CONFLICT (system, sweep, page) DO UPDATE SET ids = excluded.ids`, sweep.System, sweep.ID, page, strings.Join(ids, "\n")); err != nil {
				return err
			}
		}
		n, err := engine.Affected(ctx, q, `UPDATE account_sweeps SET seen = $3, total = $4, place = $5 WHERE system = $1 AND sweep = $2
			AND finished_at = 0`, sweep.System, sweep.ID, sweep.Seen, sweep.Total, sweep.Place)
		if err == nil && n == 0 {
			err = engine.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("note page %d of sweep %s of %s: %w", page, sweep.ID, sweep.System, err)
	}
	return nil
}

// SweepSeen returns the ids that a sweep has seen on the pages from a number on.
func (s Store) SweepSeen(ctx context.Context, system, sweep string, from int64) (map[string]bool, error) {
	pages, err := engine.Texts(ctx, s.db.Reader(), "SELECT ids FROM account_pages WHERE system = $1 AND sweep = $2 AND page >= $3", system, sweep, from)
	if err != nil {
		return nil, fmt.Errorf("read what sweep %s of %s saw: %w", sweep, system, err)
	}
	seen := map[string]bool{}
	for _, ids := range pages {
		for id := range strings.SplitSeq(ids, "\n") {
			seen[id] = true
		}
	}
	return seen, nil
}

// Unseen returns the accounts that a sweep has not seen although the ledger had them before it began, by id.
func (s Store) Unseen(ctx context.Context, sweep Sweep) ([]identity.Ref, error) {
	seen, err := s.SweepSeen(ctx, sweep.System, sweep.ID, 0)
	if err != nil {
		return nil, err
	}
	ids, err := engine.Texts(ctx, s.db.Reader(), "SELECT account_id FROM accounts WHERE system = $1 AND observed_at < $2", sweep.System, engine.Micros(sweep.StartedAt))
	if err != nil {
		return nil, fmt.Errorf("read the accounts of %s: %w", sweep.System, err)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return seen[id] })
	slices.SortFunc(ids, byNumber)
	refs := make([]identity.Ref, len(ids))
	for i, id := range ids {
		refs[i] = identity.Ref{System: sweep.System, ID: id}
	}
	return refs, nil
}

// MissAccounts notes that a complete sweep did not see these accounts, and returns those that an earlier one has missed
// already. Repeating it changes nothing.
func (s Store) MissAccounts(ctx context.Context, sweep Sweep, refs []identity.Ref) (again []identity.Ref, err error) {
	for part := range slices.Chunk(refs, maxObserved) {
		args := []any{sweep.System, engine.Micros(sweep.StartedAt)}
		for _, r := range part {
			args = append(args, r.ID)
		}
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			_, err := q.ExecContext(ctx, `UPDATE accounts SET missing_since = $2 WHERE system = $1 AND missing_since = 0
				AND observed_at < $2 AND account_id IN `+engine.List(3, len(part)), args...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("note %d missing accounts of %s: %w", len(refs), sweep.System, err)
		}
		ids, err := engine.Texts(ctx, s.db.Reader(), `SELECT account_id FROM accounts WHERE system = $1 AND missing_since <> 0 AND missing_since < $2
			AND account_id IN `+engine.List(3, len(part)), args...)
		if err != nil {
			return nil, fmt.Errorf("read the missing accounts of %s: %w", sweep.System, err)
		}
		slices.SortFunc(ids, byNumber)
		for _, id := range ids {
			again = append(again, identity.Ref{System: sweep.System, ID: id})
		}
	}
	return again, nil
}

// keptSweeps is for how long a finished sweep is remembered.
const keptSweeps = 30 * 24 * time.Hour

// FinishSweep notes that a sweep has ended, and whether everybody was seen. Repeating it changes nothing.
func (s Store) FinishSweep(ctx context.Context, sweep Sweep) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, `UPDATE account_sweeps SET finished_at = $3, complete = $4, seen = $5, total = $6, place = $7
			WHERE system = $1 AND sweep = $2 AND finished_at = 0`,
			sweep.System, sweep.ID, engine.Micros(s.db.Now()), engine.Flag(sweep.Complete), sweep.Seen, sweep.Total, sweep.Place); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, "DELETE FROM account_pages WHERE system = $1 AND sweep = $2", sweep.System, sweep.ID); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "DELETE FROM account_sweeps WHERE system = $1 AND started_at < $2",
			sweep.System, engine.Micros(s.db.Now().Add(-keptSweeps)))
		return err
	})
	if err != nil {
		return fmt.Errorf("finish sweep %s of %s: %w", sweep.ID, sweep.System, err)
	}
	return nil
}

// Count tells how many accounts of a system the ledger has that are not missing.
func (s Store) Count(ctx context.Context, system string) (n int64, err error) {
	_, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT COUNT(*) FROM accounts WHERE system = $1 AND observed_at <> 0 AND missing_since = 0",
		[]any{system}, &n)
	if err != nil {
		return 0, fmt.Errorf("count the accounts of %s: %w", system, err)
	}
	return n, nil
}

// CountStates tells how many accounts of a system are in which state.
func (s Store) CountStates(ctx context.Context, system string) (map[identity.AccountLinkState]int64, error) {
	counts := map[identity.AccountLinkState]int64{}
	err := engine.Each(ctx, s.db.Reader(), "SELECT state, COUNT(*) FROM accounts WHERE system = $1 GROUP BY state", []any{system},
		func(scan func(...any) error) error {
			var state string
			var n int64
			err := scan(&state, &n)
			counts[identity.AccountLinkState(state)] = n
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("count the accounts of %s: %w", system, err)
	}
	return counts, nil
}
