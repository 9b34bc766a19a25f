package incidents

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// PagerIncident is what is known of an incident of the pager.
type PagerIncident struct {
	// Keys are the dedup keys of the cases that it is about.
	Keys []string
	// LearnedAt is when the pager was asked about all of it; zero if it never was.
	LearnedAt time.Time
}

// PagerIncident returns what is known of an incident of the pager.
func (s Store) PagerIncident(ctx context.Context, id string) (PagerIncident, error) {
	var out PagerIncident
	err := engine.Each(ctx, s.db.Reader(), "SELECT dedup_key, learned_at FROM pager_incidents WHERE incident_id = $1 ORDER BY dedup_key", []any{id},
		func(scan func(...any) error) error {
			var key string
			var at int64
			err := scan(&key, &at)
			if key != "" {
				out.Keys = append(out.Keys, key)
			}
			if learned := engine.Instant(at); learned.After(out.LearnedAt) {
				out.LearnedAt = learned
			}
			return err
		})
	return out, engine.Wrapf(err, "read the pager's incident %s", id)
}

// LearnPagerIncident records that the pager was asked about an incident, and that it is about cases with these keys.
func (s Store) LearnPagerIncident(ctx context.Context, id string, keys []string) error {
	return s.putPagerIncident(ctx, id, append([]string{""}, keys...), engine.Micros(s.db.Now()))
}

// AddPagerKeys records that an incident is about cases with these keys, and perhaps about others.
func (s Store) AddPagerKeys(ctx context.Context, id string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return s.putPagerIncident(ctx, id, keys, 0)
}

func (s Store) putPagerIncident(ctx context.Context, id string, keys []string, learned int64) error {
	keys = slices.Compact(slices.Sorted(slices.Values(keys))) // Writers that lock rows in one order do not block each other.
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for _, key := range keys {
			_, err := q.ExecContext(ctx, `INSERT INTO pager_incidents (incident_id, dedup_key, learned_at) VALUES ($1, $2, $3)
				ON CONFLICT (incident_id, dedup_key) DO UPDATE SET learned_at =
					CASE WHEN excluded.learned_at > pager_incidents.learned_at THEN excluded.learned_at ELSE pager_incidents.learned_at END`,
				id, key, learned)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record the pager's incident %s: %w", id, err)
	}
	return nil
}

// PagerWord is what the pager said of an incident.
type PagerWord struct {
	IncidentID, EventID, Status string
	At                          time.Time
	// By is the pager's id of the user who did it, "" if a machine did.
	By string
	// MergedInto is the incident in which the work goes on, "" if that is this one.
	MergedInto string
	// Reopens says that somebody found that it was not over.
	Reopens bool
	HeardAt time.Time
}

// KeepPagerWord keeps a word until somebody knows which cases it is about. One that is there already changes nothing.
func (s Store) KeepPagerWord(ctx context.Context, w PagerWord) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO pager_words (incident_id, event_id, status, at, said_by, merged_into, reopens, heard_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (incident_id, event_id, status) DO NOTHING`,
			w.IncidentID, w.EventID, w.Status, engine.Micros(w.At), w.By, w.MergedInto, engine.Flag(w.Reopens), engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a word about the pager's incident %s: %w", w.IncidentID, err)
	}
	return nil
}

// PagerWords returns up to limit words that are kept, those about one incident in the order in which they were said.
func (s Store) PagerWords(ctx context.Context, limit int) ([]PagerWord, error) {
	var out []PagerWord
	err := engine.Each(ctx, s.db.Reader(), `SELECT incident_id, event_id, status, at, said_by, merged_into, reopens, heard_at
		FROM pager_words ORDER BY incident_id, at, heard_at, event_id LIMIT $1`, []any{limit}, func(scan func(...any) error) error {
		var w PagerWord
		var at, reopens, heard int64
		err := scan(&w.IncidentID, &w.EventID, &w.Status, &at, &w.By, &w.MergedInto, &reopens, &heard)
		w.At, w.Reopens, w.HeardAt = engine.Instant(at), reopens == 1, engine.Instant(heard)
		out = append(out, w)
		return err
	})
	return out, engine.Wrapf(err, "read the pager's words")
}

// DropPagerWord forgets a word.
func (s Store) DropPagerWord(ctx context.Context, w PagerWord) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM pager_words WHERE incident_id = $1 AND event_id = $2 AND status = $3", w.IncidentID, w.EventID, w.Status)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop a word about the pager's incident %s: %w", w.IncidentID, err)
	}
	return nil
}

// PrunePager forgets the pager's incidents that it was last asked about before a time. They are asked about again if they are
// heard of.
func (s Store) PrunePager(ctx context.Context, before time.Time) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `DELETE FROM pager_incidents WHERE incident_id IN (
			SELECT incident_id FROM pager_incidents WHERE learned_at > 0 AND learned_at < $1)
			AND incident_id NOT IN (SELECT incident_id FROM pager_incidents WHERE learned_at >= $1)`, engine.Micros(before))
		return err
	})
	if err != nil {
		return fmt.Errorf("prune the pager's incidents: %w", err)
	}
	return nil
}
