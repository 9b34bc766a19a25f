package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// PutMappings replaces what is known of a system's mappings with what a request at seenAt was shown.
func (s Store) PutMappings(ctx context.Context, system string, seenAt time.Time, mappings []identity.Mapping) error {
	rows := make([][]any, len(mappings))
	for i, m := range mappings {
		document, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("put the mappings of %s: %w", system, err)
		}
		rows[i] = []any{system, m.ID, i, engine.Micros(seenAt), s.db.Seal(engine.Place("account_mappings.document", system, m.ID), document)}
	}
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM account_mappings WHERE system = $1", system); err != nil {
			return err
		}
		return engine.InsertRows(ctx, q, "INSERT INTO account_mappings (system, mapping_id, position, seen_at, document)", "", rows)
	})
	if err != nil {
		return fmt.Errorf("put the mappings of %s: %w", system, err)
	}
	return nil
}

// Mappings returns the mappings of a system in the order in which they run, and when they were read: zero if never, or if
// there were none.
func (s Store) Mappings(ctx context.Context, system string) (mappings []identity.Mapping, seenAt time.Time, err error) {
	rows, err := s.db.Reader().QueryContext(ctx,
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
		plain, err := s.db.Open(engine.Place("account_mappings.document", system, id), stored)
		if err != nil {
			return nil, time.Time{}, err
		}
		var m identity.Mapping
		if err := json.Unmarshal(plain, &m); err != nil {
			return nil, time.Time{}, fmt.Errorf("read mapping %s of %s: %w", id, system, err)
		}
		mappings, seenAt = append(mappings, m), engine.Instant(at)
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, fmt.Errorf("read the mappings of %s: %w", system, err)
	}
	return mappings, seenAt, nil
}
