package roster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// SourceDoubt is one thing for which a reading of an HR source is quarantined.
type SourceDoubt struct {
	Source, Kind string
	// Code stands for what was shown. Whoever accepts it accepts this and nothing else.
	Code string
	// Why says in words that name nobody what is quarantined and what it holds back.
	Why string
	// Columns names the columns that it is about, with spaces between them.
	Columns string
	// Records is how many records it is about.
	Records       int
	First, Latest time.Time
	// AcceptedAt is when somebody said that it is right all the same, zero if nobody has, and AcceptedBy who.
	AcceptedAt time.Time
	AcceptedBy string
}

// KeepDoubts makes the doubts about a source what they are now. One that is found no more goes, and with it what somebody
// said of it; one that is found again keeps that.
func (s Store) KeepDoubts(ctx context.Context, source string, found []SourceDoubt) error {
	was, err := s.Doubts(ctx, source)
	if err != nil || len(was)+len(found) == 0 {
		return err
	}
	now := engine.Micros(s.db.Now())
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for _, old := range was {
			if slices.ContainsFunc(found, func(d SourceDoubt) bool { return d.Kind == old.Kind && d.Code == old.Code }) {
				continue
			}
			if _, err := q.ExecContext(ctx, "DELETE FROM source_doubts WHERE source = $1 AND kind = $2 AND code = $3",
				source, old.Kind, old.Code); err != nil {
				return err
			}
		}
		for _, d := range found {
			if _, err := q.ExecContext(ctx, `INSERT INTO source_doubts (source, kind, code, why, records, first_at, last_at, columns)
				VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (source, kind, code) DO UPDATE SET
				why = excluded.why, records = excluded.records, last_at = excluded.last_at`,
				source, d.Kind, d.Code, d.Why, d.Records, now, d.Columns); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep %d doubts about %s: %w", len(found), source, err)
	}
	return nil
}

// AcceptDoubts keeps that by has accepted doubts, as they were shown.
func (s Store) AcceptDoubts(ctx context.Context, source, by string, doubts []SourceDoubt) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for _, d := range doubts {
			sealed := s.db.Seal(engine.Place("source_doubts.accepted_by", source, d.Kind, d.Code), []byte(by))
			if _, err := q.ExecContext(ctx, `UPDATE source_doubts SET accepted_at = $4, accepted_by = $5
				WHERE source = $1 AND kind = $2 AND code = $3 AND accepted_at = 0`, source, d.Kind, d.Code, engine.Micros(s.db.Now()), sealed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("accept %d doubts about %s: %w", len(doubts), source, err)
	}
	return nil
}

// Doubts lists what of the last reading of a source is quarantined, in the order of kinds.
func (s Store) Doubts(ctx context.Context, source string) ([]SourceDoubt, error) {
	var all []SourceDoubt
	err := engine.Each(ctx, s.db.Reader(), `SELECT kind, code, why, columns, records, first_at, last_at, accepted_at, accepted_by FROM source_doubts
		WHERE source = $1 ORDER BY kind, code`, []any{source}, func(scan func(...any) error) error {
		d := SourceDoubt{Source: source}
		var first, latest, accepted int64
		var by []byte
		if err := scan(&d.Kind, &d.Code, &d.Why, &d.Columns, &d.Records, &first, &latest, &accepted, &by); err != nil {
			return err
		}
		opened, err := s.db.Open(engine.Place("source_doubts.accepted_by", source, d.Kind, d.Code), by)
		d.First, d.Latest, d.AcceptedAt, d.AcceptedBy = engine.Instant(first), engine.Instant(latest), engine.Instant(accepted), string(opened)
		all = append(all, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the doubts about %s: %w", source, err)
	}
	return all, nil
}
