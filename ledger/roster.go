package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RosterRow is what an HR source last said about one record.
type RosterRow struct {
	Source, EmployeeID string
	// Digest tells whether the record has changed since.
	Digest string
	Active bool
	// SeenAt is when the source said so. Zero on writing means now.
	SeenAt time.Time
	// Traits are short digests of the record's columns. Empty on writing keeps what is stored.
	Traits string
	// Sealed is the minimum of personal fields as JSON: in clear here, sealed when stored. Empty on writing keeps what is
	// stored.
	Sealed []byte
}

const rosterHead = "INSERT INTO roster (source, employee_id, digest, active, seen_at, sealed, traits)"

const rosterConflict = `ON CONFLICT (source, employee_id) DO UPDATE SET digest = excluded.digest,
	active = excluded.active, seen_at = excluded.seen_at, sealed = COALESCE(excluded.sealed, roster.sealed),
	traits = CASE WHEN excluded.traits <> '' THEN excluded.traits ELSE roster.traits END`

func (l *Ledger) rosterArgs(r RosterRow) []any {
	return []any{
		r.Source, r.EmployeeID, r.Digest, flag(r.Active), micros(r.SeenAt),
		l.db.Seal(place("roster.sealed", r.Source, r.EmployeeID), r.Sealed), r.Traits,
	}
}

// Roster returns the rows of a source by employee id, without Sealed.
func (l *Ledger) Roster(ctx context.Context, source string) (map[string]RosterRow, error) {
	rows, err := l.db.Reader().QueryContext(ctx,
		"SELECT employee_id, digest, active, seen_at, traits FROM roster WHERE source = $1", source)
	if err != nil {
		return nil, fmt.Errorf("read the roster of %s: %w", source, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	found := map[string]RosterRow{}
	for rows.Next() {
		r := RosterRow{Source: source}
		var active, seen int64
		if err := rows.Scan(&r.EmployeeID, &r.Digest, &active, &seen, &r.Traits); err != nil {
			return nil, fmt.Errorf("read the roster of %s: %w", source, err)
		}
		r.Active, r.SeenAt = active == 1, instant(seen)
		found[r.EmployeeID] = r
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the roster of %s: %w", source, err)
	}
	return found, nil
}

// RosterRow returns one row, with Sealed.
func (l *Ledger) RosterRow(ctx context.Context, source, employeeID string) (row RosterRow, found bool, err error) {
	row = RosterRow{Source: source, EmployeeID: employeeID}
	var active, seen int64
	var stored []byte
	found, err = queryRow(ctx, l.db.Reader(),
		"SELECT digest, active, seen_at, traits, sealed FROM roster WHERE source = $1 AND employee_id = $2",
		[]any{source, employeeID}, &row.Digest, &active, &seen, &row.Traits, &stored)
	if err == nil && found {
		row.Active, row.SeenAt = active == 1, instant(seen)
		row.Sealed, err = l.db.Open(place("roster.sealed", source, employeeID), stored)
	}
	if err != nil || !found {
		if err != nil {
			err = fmt.Errorf("read a roster row of %s: %w", source, err)
		}
		return RosterRow{}, false, err
	}
	return row, true, nil
}

// PutRoster writes rows in one transaction, replacing those that are there. Of two rows for one record the later in the
// slice counts.
func (l *Ledger) PutRoster(ctx context.Context, rows []RosterRow) error {
	if len(rows) == 0 {
		return nil
	}
	unique := make(map[string][]any, len(rows))
	for _, r := range rows {
		if r.Source == "" || r.EmployeeID == "" {
			return errors.New("write roster: a row needs a source and an employee id")
		}
		if r.SeenAt.IsZero() {
			r.SeenAt = l.db.Now()
		}
		unique[r.Source+"\x00"+r.EmployeeID] = l.rosterArgs(r)
	}
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		return insertRows(ctx, q, rosterHead, rosterConflict, sorted(unique))
	})
	l.active.forget()
	if err != nil {
		return fmt.Errorf("write %d roster rows: %w", len(unique), err)
	}
	return nil
}

// SourceState is how far the sync of one HR source has come.
type SourceState struct {
	Source, Cursor string
	// BaselinedAt is when the source's first complete list was taken as the starting point, zero if it was not yet.
	BaselinedAt time.Time
	SyncedAt    time.Time
	// QuarantinedAt is when the source was found to be implausible, zero if it is not; QuarantineReason says how.
	QuarantinedAt    time.Time
	QuarantineReason string
	// LastSize is the number of records of the last complete list.
	LastSize int
}

// Behind reports that a source has not been in step for two of the periods in which it is polled.
func (s SourceState) Behind(now time.Time, every time.Duration) bool {
	return every > 0 && now.Sub(s.SyncedAt) > 2*every
}

// Source returns the state of a source; one that was never stored has only its name.
func (l *Ledger) Source(ctx context.Context, name string) (SourceState, error) {
	state := SourceState{Source: name}
	var baselined, synced, quarantined int64
	_, err := queryRow(ctx, l.db.Reader(), `SELECT cursor_position, baselined_at, synced_at, quarantined_at,
		quarantine_reason, last_size FROM sources WHERE source = $1`, []any{name},
		&state.Cursor, &baselined, &synced, &quarantined, &state.QuarantineReason, &state.LastSize)
	if err != nil {
		return SourceState{}, fmt.Errorf("read the state of source %s: %w", name, err)
	}
	state.BaselinedAt, state.SyncedAt, state.QuarantinedAt = instant(baselined), instant(synced), instant(quarantined)
	return state, nil
}

// PutSource replaces the state of a source.
func (l *Ledger) PutSource(ctx context.Context, state SourceState) error {
	err := l.db.WriteOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, `
INSERT INTO sources (source, cursor_position, baselined_at, synced_at, quarantined_at, quarantine_reason, last_size)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source) DO UPDATE SET cursor_position = excluded.cursor_position,
	baselined_at = excluded.baselined_at, synced_at = excluded.synced_at, quarantined_at = excluded.quarantined_at,
	quarantine_reason = excluded.quarantine_reason, last_size = excluded.last_size`,
			state.Source, state.Cursor, micros(state.BaselinedAt), micros(state.SyncedAt), micros(state.QuarantinedAt),
			state.QuarantineReason, state.LastSize)
		return err
	})
	if err != nil {
		return fmt.Errorf("store the state of source %s: %w", state.Source, err)
	}
	return nil
}
