package roster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Row is what an HR source last said about one record.
type Row struct {
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

func (s Store) rosterArgs(r Row) []any {
	return []any{
		r.Source, r.EmployeeID, r.Digest, engine.Flag(r.Active), engine.Micros(r.SeenAt),
		s.db.Seal(engine.Place("roster.sealed", r.Source, r.EmployeeID), r.Sealed), r.Traits,
	}
}

// Rows returns the rows of a source by employee id, without Sealed.
func (s Store) Rows(ctx context.Context, source string) (map[string]Row, error) {
	rows, err := s.db.Reader().QueryContext(ctx,
		"SELECT employee_id, digest, active, seen_at, traits FROM roster WHERE source = $1", source)
	if err != nil {
		return nil, fmt.Errorf("read the roster of %s: %w", source, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	found := map[string]Row{}
	for rows.Next() {
		r := Row{Source: source}
		var active, seen int64
		if err := rows.Scan(&r.EmployeeID, &r.Digest, &active, &seen, &r.Traits); err != nil {
			return nil, fmt.Errorf("read the roster of %s: %w", source, err)
		}
		r.Active, r.SeenAt = active == 1, engine.Instant(seen)
		found[r.EmployeeID] = r
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the roster of %s: %w", source, err)
	}
	return found, nil
}

// Row returns one row, with Sealed.
func (s Store) Row(ctx context.Context, source, employeeID string) (row Row, found bool, err error) {
	row = Row{Source: source, EmployeeID: employeeID}
	var active, seen int64
	var stored []byte
	found, err = engine.QueryRow(ctx, s.db.Reader(),
		"SELECT digest, active, seen_at, traits, sealed FROM roster WHERE source = $1 AND employee_id = $2",
		[]any{source, employeeID}, &row.Digest, &active, &seen, &row.Traits, &stored)
	if err == nil && found {
		row.Active, row.SeenAt = active == 1, engine.Instant(seen)
		row.Sealed, err = s.db.Open(engine.Place("roster.sealed", source, employeeID), stored)
	}
	if err != nil || !found {
		if err != nil {
			err = fmt.Errorf("read a roster row of %s: %w", source, err)
		}
		return Row{}, false, err
	}
	return row, true, nil
}

// Put writes rows in one transaction, replacing those that are there. Of two rows for one record the later in the
// slice counts.
func (s Store) Put(ctx context.Context, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	unique := make(map[string][]any, len(rows))
	for _, r := range rows {
		if r.Source == "" || r.EmployeeID == "" {
			return errors.New("write roster: a row needs a source and an employee id")
		}
		if r.SeenAt.IsZero() {
			r.SeenAt = s.db.Now()
		}
		unique[r.Source+"\x00"+r.EmployeeID] = s.rosterArgs(r)
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return engine.InsertRows(ctx, q, rosterHead, rosterConflict, engine.Sorted(unique))
	})
	s.active.forget()
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
func (s Store) Source(ctx context.Context, name string) (SourceState, error) {
	state := SourceState{Source: name}
	var baselined, synced, quarantined int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), `SELECT cursor_position, baselined_at, synced_at, quarantined_at,
		quarantine_reason, last_size FROM sources WHERE source = $1`, []any{name},
		&state.Cursor, &baselined, &synced, &quarantined, &state.QuarantineReason, &state.LastSize)
	if err != nil {
		return SourceState{}, fmt.Errorf("read the state of source %s: %w", name, err)
	}
	state.BaselinedAt, state.SyncedAt, state.QuarantinedAt = engine.Instant(baselined), engine.Instant(synced), engine.Instant(quarantined)
	return state, nil
}

// PutSource replaces the state of a source.
func (s Store) PutSource(ctx context.Context, state SourceState) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `
INSERT INTO sources (source, cursor_position, baselined_at, synced_at, quarantined_at, quarantine_reason, last_size)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source) DO UPDATE SET cursor_position = excluded.cursor_position,
	baselined_at = excluded.baselined_at, synced_at = excluded.synced_at, quarantined_at = excluded.quarantined_at,
	quarantine_reason = excluded.quarantine_reason, last_size = excluded.last_size`,
			state.Source, state.Cursor, engine.Micros(state.BaselinedAt), engine.Micros(state.SyncedAt), engine.Micros(state.QuarantinedAt),
			state.QuarantineReason, state.LastSize)
		return err
	})
	if err != nil {
		return fmt.Errorf("store the state of source %s: %w", state.Source, err)
	}
	return nil
}
