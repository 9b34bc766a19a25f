package inventory

import (
	"context"
	"encoding/json"
	"fmt"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// NoteKept writes down what a system keeps in an account's profile in place of what was written last, instead of what was known
// before.
func (s Store) NoteKept(ctx context.Context, ref identity.Ref, kept []identity.Kept) error {
	if err := checkRef(ref); err != nil {
		return fmt.Errorf("note what %s keeps: %w", ref, err)
	}
	document, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode what %s keeps: %w", ref, err)
	}
	err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		if len(kept) == 0 {
			_, err := q.ExecContext(ctx, "DELETE FROM kept_values WHERE system = $1 AND account_id = $2", ref.System, ref.ID)
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO kept_values (system, account_id, document, noted_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (system, account_id) DO UPDATE SET document = excluded.document, noted_at = excluded.noted_at`,
			ref.System, ref.ID, s.db.Seal(keptPlace(ref), document), engine.Micros(s.db.Now()))
		return err
	})
	return engine.Wrapf(err, "note what %s keeps", ref)
}

func keptPlace(ref identity.Ref) []byte {
	return engine.Place("kept_values.document", ref.System, ref.ID)
}

// Kept is what a system keeps in an account's profile in place of what was written last.
func (s Store) Kept(ctx context.Context, ref identity.Ref) ([]identity.Kept, error) {
	var sealed []byte
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT document FROM kept_values WHERE system = $1 AND account_id = $2",
		[]any{ref.System, ref.ID}, &sealed)
	if err != nil || !found {
		return nil, engine.Wrapf(err, "read what %s keeps", ref)
	}
	return s.openKept(ref, sealed)
}

// EveryKept is Kept of every account of which there is something.
func (s Store) EveryKept(ctx context.Context) (map[identity.Ref][]identity.Kept, error) {
	all := map[identity.Ref][]identity.Kept{}
	err := engine.Each(ctx, s.db.Reader(), "SELECT system, account_id, document FROM kept_values", nil, func(scan func(...any) error) error {
		var ref identity.Ref
		var sealed []byte
		if err := scan(&ref.System, &ref.ID, &sealed); err != nil {
			return err
		}
		kept, err := s.openKept(ref, sealed)
		all[ref] = kept
		return err
	})
	return all, engine.Wrapf(err, "read what accounts keep")
}

func (s Store) openKept(ref identity.Ref, sealed []byte) (kept []identity.Kept, err error) {
	document, err := s.db.Open(keptPlace(ref), sealed)
	if err == nil {
		err = json.Unmarshal(document, &kept)
	}
	return kept, engine.Wrapf(err, "read what %s keeps", ref)
}
