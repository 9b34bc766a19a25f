package incidents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// StoredEvent is an event of the tenant together with what the rules found in it when it was read.
type StoredEvent struct {
	ID   int64
	Type int
	// UserID and AppID are whose it is, 0 where the event names none.
	UserID, AppID int64
	// At is when it happened, by the vendor's clock.
	At time.Time
	// Detail is the rest of it, sealed when stored.
	Detail  []byte
	Matches []EventMatch
}

// EventMatch says that an event is one that a rule counts for a subject.
type EventMatch struct {
	Rule, Subject string
	// Place is where it happened, for rules that ask; sealed when stored.
	Place []byte
}

// Hit is a stored match.
type Hit struct {
	Event int64
	At    time.Time
	Place []byte
}

// EventCursor says how far a reader of events has come.
type EventCursor struct {
	// Newest is the time of the latest event read, PolledAt when the last reading ended, RereadAt when the last one did
	// that went back further than usual.
	Newest, PolledAt, RereadAt time.Time
}

// PutEvents stores events and their matches in one transaction and returns how many were new. An event that is known
// already changes nothing, so that re-reading it neither counts it twice nor judges it by other rules than the first
// time.
func (s Store) PutEvents(ctx context.Context, events []StoredEvent) (int, error) {
	byID := make(map[int64]StoredEvent, len(events))
	for _, e := range events {
		if e.ID <= 0 || e.At.IsZero() {
			return 0, errors.New("put events: an event needs an id and a time")
		}
		byID[e.ID] = e
	}
	ids := make([]int64, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	slices.Sort(ids) // Writers that lock rows in one order do not block each other.
	now := engine.Micros(s.db.Now())
	fresh := 0
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		fresh = 0
		const columns = 7
		for chunk := range slices.Chunk(ids, engine.MaxArgs/columns) {
			args := make([]any, 0, len(chunk)*columns)
			for _, id := range chunk {
				e := byID[id]
				args = append(args, e.ID, e.Type, engine.Micros(e.At), now, s.db.Seal(placeOfEvent(e.ID), e.Detail), e.UserID, e.AppID)
			}
			added, err := engine.Int64s(ctx, q, "INSERT INTO events (event_id, type_id, at, seen_at, detail, user_id, app_id) VALUES "+
				engine.Tuples(len(chunk), columns)+" ON CONFLICT (event_id) DO NOTHING RETURNING event_id", args...)
			if err != nil {
				return err
			}
			fresh += len(added)
			if err := s.putMatches(ctx, q, byID, added); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("put %d events: %w", len(ids), err)
	}
	return fresh, nil
}

func (s Store) putMatches(ctx context.Context, q engine.Querier, events map[int64]StoredEvent, added []int64) error {
	slices.Sort(added)
	var rows [][]any
	for _, id := range added {
		e := events[id]
		for _, m := range e.Matches {
			rows = append(rows, []any{
				m.Rule, m.Subject, e.ID, engine.Micros(e.At), s.db.Seal(placeOfMatch(m.Rule, m.Subject, e.ID), m.Place),
			})
		}
	}
	return engine.InsertRows(ctx, q, "INSERT INTO event_matches (rule, subject, event_id, at, place)",
		"ON CONFLICT (rule, subject, at, event_id) DO NOTHING", rows)
}

func placeOfEvent(id int64) []byte { return engine.Place("events.detail", fmt.Sprint(id)) }

func placeOfMatch(rule, subject string, id int64) []byte {
	return engine.Place("event_matches.place", rule, subject, fmt.Sprint(id))
}

// EventCursor returns how far a reader has come; the zero value if it has not begun.
func (s Store) EventCursor(ctx context.Context, name string) (EventCursor, error) {
	var newest, polled, reread int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT newest_at, polled_at, reread_at FROM event_cursors WHERE name = $1",
		[]any{name}, &newest, &polled, &reread)
	if err != nil {
		return EventCursor{}, fmt.Errorf("read the cursor of %s: %w", name, err)
	}
	return EventCursor{Newest: engine.Instant(newest), PolledAt: engine.Instant(polled), RereadAt: engine.Instant(reread)}, nil
}

// PutEventCursor moves a reader on. It never moves back: of two readings that overlap, the one that came further counts.
func (s Store) PutEventCursor(ctx context.Context, name string, c EventCursor) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `
INSERT INTO event_cursors (name, newest_at, polled_at, reread_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET
	newest_at = CASE WHEN excluded.newest_at > event_cursors.newest_at THEN excluded.newest_at ELSE event_cursors.newest_at END,
	polled_at = CASE WHEN excluded.polled_at > event_cursors.polled_at THEN excluded.polled_at ELSE event_cursors.polled_at END,
	reread_at = CASE WHEN excluded.reread_at > event_cursors.reread_at THEN excluded.reread_at ELSE event_cursors.reread_at END`,
			name, engine.Micros(c.Newest), engine.Micros(c.PolledAt), engine.Micros(c.RereadAt))
		return err
	})
	if err != nil {
		return fmt.Errorf("move the cursor of %s: %w", name, err)
	}
	return nil
}

// Touched is a subject of a rule with events that have not been evaluated.
type Touched struct {
	Rule, Subject string
	// From is the time of the earliest of them.
	From time.Time
}

// TouchedSubjects returns up to limit subjects with events that have not been evaluated.
func (s Store) TouchedSubjects(ctx context.Context, limit int) ([]Touched, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT rule, subject, MIN(at) FROM event_matches WHERE fresh = 1
		GROUP BY rule, subject ORDER BY rule, subject LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read touched subjects: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []Touched
	for rows.Next() {
		var t Touched
		var from int64
		if err := rows.Scan(&t.Rule, &t.Subject, &from); err != nil {
			return nil, fmt.Errorf("read touched subjects: %w", err)
		}
		t.From = engine.Instant(from)
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read touched subjects: %w", err)
	}
	return out, nil
}

// hits returns what a rule counts for a subject from a time on, in the order in which it happened.
func (s Store) hits(ctx context.Context, q engine.Querier, rule, subject string, from time.Time) ([]Hit, error) {
	rows, err := q.QueryContext(ctx, `SELECT event_id, at, place FROM event_matches WHERE rule = $1 AND subject = $2
		AND at >= $3 ORDER BY at, event_id`, rule, subject, engine.Micros(from))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []Hit
	for rows.Next() {
		var h Hit
		var at int64
		var stored []byte
		if err := rows.Scan(&h.Event, &at, &stored); err != nil {
			return nil, err
		}
		h.At = engine.Instant(at)
		if h.Place, err = s.db.Open(placeOfMatch(rule, subject, h.Event), stored); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// CaseEvents returns the latest events of a case, oldest first: at most limit of them.
func (s Store) CaseEvents(ctx context.Context, c Case, limit int) ([]StoredEvent, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT e.event_id, e.type_id, e.at, e.detail FROM event_matches m
		JOIN events e ON e.event_id = m.event_id WHERE m.rule = $1 AND m.subject = $2 AND m.at >= $3 AND m.at <= $4
		ORDER BY m.at DESC, m.event_id DESC LIMIT $5`, c.Rule, c.Subject, engine.Micros(c.FirstAt), engine.Micros(c.LastAt), limit)
	if err != nil {
		return nil, fmt.Errorf("read the events of case %s: %w", c.DedupKey, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []StoredEvent
	for rows.Next() {
		var e StoredEvent
		var at int64
		var stored []byte
		if err := rows.Scan(&e.ID, &e.Type, &at, &stored); err != nil {
			return nil, fmt.Errorf("read the events of case %s: %w", c.DedupKey, err)
		}
		e.At = engine.Instant(at)
		if e.Detail, err = s.db.Open(placeOfEvent(e.ID), stored); err != nil {
			return nil, fmt.Errorf("read the events of case %s: %w", c.DedupKey, err)
		}
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the events of case %s: %w", c.DedupKey, err)
	}
	slices.Reverse(out)
	return out, nil
}

// PruneEvents deletes events that happened before a time, and what rules found in them. What lies inside a case that
// reaches beyond it stays, so that the case keeps its beginning. It returns how many events went. What was read because somebody asked
// goes after a day.
func (s Store) PruneEvents(ctx context.Context, before time.Time) (int64, error) {
	const outside = `NOT EXISTS (SELECT 1 FROM cases c WHERE c.rule = event_matches.rule AND c.subject = event_matches.subject
		AND c.first_at <= event_matches.at AND c.last_at >= $1)`
	var n int64
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM event_matches WHERE at < $1 AND fresh = 0 AND "+outside, engine.Micros(before)); err != nil {
			return err
		}
		var err error
		n, err = engine.Affected(ctx, q, `DELETE FROM events WHERE at < $1 AND NOT EXISTS (
			SELECT 1 FROM event_matches m WHERE m.at = events.at AND m.event_id = events.event_id)`, engine.Micros(before))
		if err != nil {
			return err
		}
		return pruneReadings(ctx, q, s.db.Now())
	})
	if err != nil {
		return 0, fmt.Errorf("prune events: %w", err)
	}
	return n, nil
}
