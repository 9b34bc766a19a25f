package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/identity"
)

// PutMappings replaces what is known of a system's mappings with what a request at seenAt was shown.
func (l *Ledger) PutMappings(ctx context.Context, system string, seenAt time.Time, mappings []identity.Mapping) error {
	rows := make([][]any, len(mappings))
	for i, m := range mappings {
		document, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("put the mappings of %s: %w", system, err)
		}
		rows[i] = []any{system, m.ID, i, micros(seenAt), l.db.Seal(place("account_mappings.document", system, m.ID), document)}
	}
	err := l.db.WriteLow(ctx, func(ctx context.Context, q querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM account_mappings WHERE system = $1", system); err != nil {
			return err
		}
		return insertRows(ctx, q, "INSERT INTO account_mappings (system, mapping_id, position, seen_at, document)", "", rows)
	})
	if err != nil {
		return fmt.Errorf("put the mappings of %s: %w", system, err)
	}
	return nil
}

// Mappings returns the mappings of a system in the order in which they run, and when they were read: zero if never, or if
// there were none.
func (l *Ledger) Mappings(ctx context.Context, system string) (mappings []identity.Mapping, seenAt time.Time, err error) {
	rows, err := l.db.Reader().QueryContext(ctx,
		"SELECT mapping_id, seen_at, document FROM account_mappings WHERE system = $1 ORDER BY position", system)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the mappings of %s: %w", system, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var id string
		var at int64
		var stored []byte
		if err := rows.Scan(&id, &at, &stored); err != nil {
			return nil, time.Time{}, fmt.Errorf("read the mappings of %s: %w", system, err)
		}
		plain, err := l.db.Open(place("account_mappings.document", system, id), stored)
		if err != nil {
			return nil, time.Time{}, err
		}
		var m identity.Mapping
		if err := json.Unmarshal(plain, &m); err != nil {
			return nil, time.Time{}, fmt.Errorf("read mapping %s of %s: %w", id, system, err)
		}
		mappings, seenAt = append(mappings, m), instant(at)
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, fmt.Errorf("read the mappings of %s: %w", system, err)
	}
	return mappings, seenAt, nil
}
