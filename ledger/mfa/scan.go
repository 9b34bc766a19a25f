package mfa

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Scan is how far one reading of everybody's factors has come.
type Scan struct {
	ID string
	// Since is when the scan before was started, from where on this one looks for changes; zero has it read everybody.
	Since     time.Time
	StartedAt time.Time
	// StagedAt is when it was known whom to look at.
	StagedAt   time.Time
	FinishedAt time.Time
	Events     int
	Checked    int
}

const scanColumns = "scan, since, started_at, staged_at, finished_at, events, checked"

func readScan(ctx context.Context, q engine.Querier, id string) (Scan, bool, error) {
	var s Scan
	var since, started, staged, finished int64
	found, err := engine.QueryRow(ctx, q, "SELECT "+scanColumns+" FROM mfa_scans WHERE scan = $1", []any{id},
		&s.ID, &since, &started, &staged, &finished, &s.Events, &s.Checked)
	s.Since, s.StartedAt, s.StagedAt, s.FinishedAt = engine.Instant(since), engine.Instant(started), engine.Instant(staged), engine.Instant(finished)
	return s, found, err
}

// BeginScan begins a scan, or returns how far it has come if it was begun before. It goes on from the latest scan
// that was finished, unless everybody is to be read.
func (s Store) BeginScan(ctx context.Context, id string, everybody bool) (Scan, error) {
	var scan Scan
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "mfa"); err != nil {
			return err
		}
		var found bool
		var err error
		if scan, found, err = readScan(ctx, q, id); err != nil || found {
			return err
		}
		since := int64(0)
		if !everybody {
			if _, err := engine.QueryRow(ctx, q, "SELECT COALESCE(MAX(started_at), 0) FROM mfa_scans WHERE finished_at <> 0", nil, &since); err != nil {
				return err
			}
		}
		scan = Scan{ID: id, Since: engine.Instant(since), StartedAt: s.db.Now()}
		_, err = q.ExecContext(ctx, "INSERT INTO mfa_scans (scan, since, started_at) VALUES ($1, $2, $3)",
			id, since, engine.Micros(scan.StartedAt))
		return err
	})
	if err != nil {
		return Scan{}, fmt.Errorf("begin scan %s: %w", id, err)
	}
	return scan, nil
}

// Listed is an account as a list of users shows it.
type Listed struct {
	AccountID     int64
	Key, Username string
	Active        bool
}

// List takes in listed accounts. Those that are new, or can sign in again, or all of them in a scan that reads
// everybody, are looked at by the scan.
func (s Store) List(ctx context.Context, scan Scan, listed []Listed) error {
	byAccount := make(map[int64]Listed, len(listed))
	accounts := make([]int64, 0, len(listed))
	for _, a := range listed {
		byAccount[a.AccountID] = a
		accounts = append(accounts, a.AccountID)
	}
	err := s.edit(ctx, accounts, func(row *mfaRow, found bool) bool {
		a := byAccount[row.AccountID]
		if !found {
			row.Factor = FactorUnknown
		}
		fresh := row.Factor == FactorUnknown || !row.Active
		unread := scan.Since.IsZero() && row.CheckedAt.Before(scan.StartedAt)
		row.Key, row.Username, row.Active = a.Key, a.Username, a.Active
		if a.Active && (fresh || unread) {
			row.dueIn, row.Why = scan.ID, "scan"
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("list %d accounts for scan %s: %w", len(listed), scan.ID, err)
	}
	return nil
}

// Touch has a scan look at accounts whose factors an event says have changed. Accounts that are not listed are left
// out: the list names them before.
func (s Store) Touch(ctx context.Context, scan string, accounts []int64) error {
	err := s.edit(ctx, accounts, func(row *mfaRow, found bool) bool {
		row.dueIn, row.Why = scan, "event"
		return found
	})
	if err != nil {
		return fmt.Errorf("mark %d accounts for scan %s: %w", len(accounts), scan, err)
	}
	return nil
}

// Stage closes the list of a scan: beside those marked it looks at everybody without a factor who was not looked at
// for a while, at everybody whose reading has grown old, and at those whom an earlier scan that was aborted has left
// unread. Readings grow old after half of refresh at the earliest
// and refresh at the latest, spread by account, so that they do not all grow old in the same scan.
func (s Store) Stage(ctx context.Context, scan Scan, events int, refresh, recheck time.Duration) error {
	now := s.db.Now()
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "mfa"); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `UPDATE mfa_state SET due_in = $1, due_why = 'scan' WHERE due_in <> $1
			AND (due_in <> '' OR (active = 1 OR noncompliant_since <> 0) AND (
				(factor = 'none' AND checked_at < $2)
				OR checked_at < $3 - $4 * (50 + account_id % 50) / 100))`,
			scan.ID, engine.Micros(now.Add(-recheck)), engine.Micros(now), refresh.Microseconds()); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "UPDATE mfa_scans SET staged_at = $2, events = $3 WHERE scan = $1 AND staged_at = 0",
			scan.ID, engine.Micros(now), events)
		return err
	})
	if err != nil {
		return fmt.Errorf("stage scan %s: %w", scan.ID, err)
	}
	return nil
}

// Due returns up to limit accounts that a scan has yet to look at. What is settled is not due any more, so a scan
// that was interrupted goes on where it stopped.
func (s Store) Due(ctx context.Context, scan string, limit int) ([]State, error) {
	rows, err := s.rows(ctx, s.db.Reader(), "WHERE due_in = $1 ORDER BY account_id LIMIT $2", scan, limit)
	if err != nil {
		return nil, fmt.Errorf("read whom scan %s has yet to look at: %w", scan, err)
	}
	return bare(rows), nil
}

// Progress adds to the number of accounts that a scan has looked at.
func (s Store) Progress(ctx context.Context, scan string, checked int) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE mfa_scans SET checked = checked + $2 WHERE scan = $1", scan, checked)
		return err
	})
	if err != nil {
		return fmt.Errorf("note the progress of scan %s: %w", scan, err)
	}
	return nil
}

// FinishScan closes a scan: the next one goes on from where this one began.
func (s Store) FinishScan(ctx context.Context, id string) (Scan, error) {
	var scan Scan
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "UPDATE mfa_scans SET finished_at = $2 WHERE scan = $1 AND finished_at = 0",
			id, engine.Micros(s.db.Now())); err != nil {
			return err
		}
		var err error
		scan, _, err = readScan(ctx, q, id)
		return err
	})
	if err != nil {
		return Scan{}, fmt.Errorf("finish scan %s: %w", id, err)
	}
	return scan, nil
}

// Counts is how the accounts that can sign in stand.
type Counts struct {
	Active, Some, None, Exempt, Unknown int
}

// Count counts the accounts that can sign in.
func (s Store) Count(ctx context.Context) (Counts, error) {
	var c Counts
	_, err := engine.QueryRow(ctx, s.db.Reader(), `SELECT COUNT(*),
		COALESCE(SUM(CASE WHEN factor = 'some' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN factor = 'none' AND stage <> 'exempt' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN factor = 'none' AND stage = 'exempt' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN factor = 'unknown' THEN 1 ELSE 0 END), 0)
		FROM mfa_state WHERE active = 1`, nil, &c.Active, &c.Some, &c.None, &c.Exempt, &c.Unknown)
	if err != nil {
		return Counts{}, fmt.Errorf("count who has a second factor: %w", err)
	}
	return c, nil
}
