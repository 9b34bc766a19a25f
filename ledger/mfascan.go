package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// MFAScan is how far one reading of everybody's factors has come.
type MFAScan struct {
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

func readScan(ctx context.Context, q querier, id string) (MFAScan, bool, error) {
	var s MFAScan
	var since, started, staged, finished int64
	found, err := queryRow(ctx, q, "SELECT "+scanColumns+" FROM mfa_scans WHERE scan = $1", []any{id},
		&s.ID, &since, &started, &staged, &finished, &s.Events, &s.Checked)
	s.Since, s.StartedAt, s.StagedAt, s.FinishedAt = instant(since), instant(started), instant(staged), instant(finished)
	return s, found, err
}

// BeginMFAScan begins a scan, or returns how far it has come if it was begun before. It goes on from the latest scan
// that was finished, unless everybody is to be read.
func (l *Ledger) BeginMFAScan(ctx context.Context, id string, everybody bool) (MFAScan, error) {
	var scan MFAScan
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if err := l.db.Lock(ctx, q, "mfa"); err != nil {
			return err
		}
		var found bool
		var err error
		if scan, found, err = readScan(ctx, q, id); err != nil || found {
			return err
		}
		since := int64(0)
		if !everybody {
			if _, err := queryRow(ctx, q, "SELECT COALESCE(MAX(started_at), 0) FROM mfa_scans WHERE finished_at <> 0", nil, &since); err != nil {
				return err
			}
		}
		scan = MFAScan{ID: id, Since: instant(since), StartedAt: l.db.Now()}
		_, err = q.ExecContext(ctx, "INSERT INTO mfa_scans (scan, since, started_at) VALUES ($1, $2, $3)",
			id, since, micros(scan.StartedAt))
		return err
	})
	if err != nil {
		return MFAScan{}, fmt.Errorf("begin scan %s: %w", id, err)
	}
	return scan, nil
}

// MFAListed is an account as a list of users shows it.
type MFAListed struct {
	AccountID     int64
	Key, Username string
	Active        bool
}

// ListMFA takes in listed accounts. Those that are new, or can sign in again, or all of them in a scan that reads
// everybody, are looked at by the scan.
func (l *Ledger) ListMFA(ctx context.Context, scan MFAScan, listed []MFAListed) error {
	byAccount := make(map[int64]MFAListed, len(listed))
	accounts := make([]int64, 0, len(listed))
	for _, a := range listed {
		byAccount[a.AccountID] = a
		accounts = append(accounts, a.AccountID)
	}
	err := l.editMFA(ctx, accounts, func(row *mfaRow, found bool) bool {
		a := byAccount[row.AccountID]
		if !found {
			row.Factor = MFAUnknown
		}
		fresh := row.Factor == MFAUnknown || !row.Active
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

// TouchMFA has a scan look at accounts whose factors an event says have changed. Accounts that are not listed are left
// out: the list names them before.
func (l *Ledger) TouchMFA(ctx context.Context, scan string, accounts []int64) error {
	err := l.editMFA(ctx, accounts, func(row *mfaRow, found bool) bool {
		row.dueIn, row.Why = scan, "event"
		return found
	})
	if err != nil {
		return fmt.Errorf("mark %d accounts for scan %s: %w", len(accounts), scan, err)
	}
	return nil
}

// StageMFA closes the list of a scan: beside those marked it looks at everybody without a factor who was not looked at
// for a while, at everybody whose reading has grown old, and at those whom an earlier scan that was aborted has left
// unread. Readings grow old after half of refresh at the earliest
// and refresh at the latest, spread by account, so that they do not all grow old in the same scan.
func (l *Ledger) StageMFA(ctx context.Context, scan MFAScan, events int, refresh, recheck time.Duration) error {
	now := l.db.Now()
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if err := l.db.Lock(ctx, q, "mfa"); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `UPDATE mfa_state SET due_in = $1, due_why = 'scan' WHERE due_in <> $1
			AND (due_in <> '' OR (active = 1 OR noncompliant_since <> 0) AND (
				(factor = 'none' AND checked_at < $2)
				OR checked_at < $3 - $4 * (50 + account_id % 50) / 100))`,
			scan.ID, micros(now.Add(-recheck)), micros(now), refresh.Microseconds()); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "UPDATE mfa_scans SET staged_at = $2, events = $3 WHERE scan = $1 AND staged_at = 0",
			scan.ID, micros(now), events)
		return err
	})
	if err != nil {
		return fmt.Errorf("stage scan %s: %w", scan.ID, err)
	}
	return nil
}

// DueMFA returns up to limit accounts that a scan has yet to look at. What is settled is not due any more, so a scan
// that was interrupted goes on where it stopped.
func (l *Ledger) DueMFA(ctx context.Context, scan string, limit int) ([]MFAState, error) {
	rows, err := l.mfaRows(ctx, l.db.Reader(), "WHERE due_in = $1 ORDER BY account_id LIMIT $2", scan, limit)
	if err != nil {
		return nil, fmt.Errorf("read whom scan %s has yet to look at: %w", scan, err)
	}
	return bare(rows), nil
}

// ProgressMFA adds to the number of accounts that a scan has looked at.
func (l *Ledger) ProgressMFA(ctx context.Context, scan string, checked int) error {
	err := l.db.WriteOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "UPDATE mfa_scans SET checked = checked + $2 WHERE scan = $1", scan, checked)
		return err
	})
	if err != nil {
		return fmt.Errorf("note the progress of scan %s: %w", scan, err)
	}
	return nil
}

// FinishMFAScan closes a scan: the next one goes on from where this one began.
func (l *Ledger) FinishMFAScan(ctx context.Context, id string) (MFAScan, error) {
	var scan MFAScan
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if _, err := q.ExecContext(ctx, "UPDATE mfa_scans SET finished_at = $2 WHERE scan = $1 AND finished_at = 0",
			id, micros(l.db.Now())); err != nil {
			return err
		}
		var err error
		scan, _, err = readScan(ctx, q, id)
		return err
	})
	if err != nil {
		return MFAScan{}, fmt.Errorf("finish scan %s: %w", id, err)
	}
	return scan, nil
}

// MFACounts is how the accounts that can sign in stand.
type MFACounts struct {
	Active, Some, None, Exempt, Unknown int
}

// CountMFA counts the accounts that can sign in.
func (l *Ledger) CountMFA(ctx context.Context) (MFACounts, error) {
	var c MFACounts
	_, err := queryRow(ctx, l.db.Reader(), `SELECT COUNT(*),
		COALESCE(SUM(CASE WHEN factor = 'some' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN factor = 'none' AND stage <> 'exempt' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN factor = 'none' AND stage = 'exempt' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN factor = 'unknown' THEN 1 ELSE 0 END), 0)
		FROM mfa_state WHERE active = 1`, nil, &c.Active, &c.Some, &c.None, &c.Exempt, &c.Unknown)
	if err != nil {
		return MFACounts{}, fmt.Errorf("count who has a second factor: %w", err)
	}
	return c, nil
}

// PeopleByAccount returns the keys of the people whose accounts these are, by account.
func (l *Ledger) PeopleByAccount(ctx context.Context, accounts []int64) (map[int64]string, error) {
	found := map[int64]string{}
	for part := range slices.Chunk(accounts, maxArgs) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if err := l.peopleByAccount(ctx, found, "SELECT account_id, person_key FROM people WHERE forward = '' AND account_id IN "+
			list(1, len(part)), args...); err != nil {
			return nil, fmt.Errorf("read whose %d accounts are: %w", len(accounts), err)
		}
	}
	return found, nil
}

func (l *Ledger) peopleByAccount(ctx context.Context, into map[int64]string, query string, args ...any) error {
	rows, err := l.db.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var id int64
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return err
		}
		into[id] = key
	}
	return rows.Err()
}
