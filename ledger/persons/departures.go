package persons

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Departure says that a person must be out from a moment on. Whoever learns of it first writes it down, so that the
// clock starts at the fact and not when a run gets to it. HR's word and each order have a row of their own.
type Departure struct {
	Key string
	// Episode is the one that the departure opens or belongs to. In [Store.NoteDepartures] 0 stands for the person's
	// next departure.
	Episode int
	// Order is the contain or suspend order that says so; empty if HR does.
	Order string
	// Source is the HR source; empty for an order.
	Source string
	// KnownAt is when the departure was first seen; zero means now.
	KnownAt time.Time
	// DueAt is the moment from which sign-in must not work.
	DueAt time.Time
	// ReopenedAt is when access was last found after the departure had been closed, zero if it never was. Only a dossier has it.
	ReopenedAt time.Time
	// AnnouncedAt is when it was last announced as overdue, zero if never.
	AnnouncedAt time.Time
}

// Departing is the episode of the person's departure: the one they are in if they have left, else the next.
func (p Person) Departing() int {
	if p.Employed || p.Episode == 0 {
		return p.Episode + 1
	}
	return p.Episode
}

// departing is Person.Departing for the person with the key $1.
const departing = `COALESCE((SELECT CASE WHEN employed = 1 OR episode = 0 THEN episode + 1 ELSE episode END
	FROM people WHERE person_key = $1), 1)`

// noteDeparture keeps a moment that has passed: a departure that is due at once is due from when it was first seen. A
// moment that moves ahead again has yet to be announced. A row that is closed stays so.
const noteDeparture = `
INSERT INTO departures (person_key, episode, order_id, source, known_at, due_at)
SELECT CAST($1 AS TEXT), CASE WHEN CAST($2 AS BIGINT) > 0 THEN CAST($2 AS BIGINT) ELSE ` + departing + ` END,
	CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS BIGINT) WHERE 1 = 1
ON CONFLICT (person_key, episode, order_id) DO UPDATE SET source = excluded.source,
	due_at = CASE WHEN departures.due_at < excluded.due_at AND excluded.due_at <= $7 THEN departures.due_at
		ELSE excluded.due_at END,
	announced_at = CASE WHEN excluded.due_at > $7 THEN 0 ELSE departures.announced_at END
WHERE departures.contained_at = 0`

// NoteDeparture writes down that a person must be out from a moment on. Repeating it moves the moment if HR has moved
// it, except that one that has passed is not put off by another that has passed as well. KnownAt stays what it was. A
// departure whose containment was confirmed in the same episode stays closed.
func (s Store) NoteDeparture(ctx context.Context, d Departure) error {
	return s.NoteDepartures(ctx, []Departure{d})
}

// NoteDepartures is NoteDeparture for several, in one transaction.
func (s Store) NoteDepartures(ctx context.Context, all []Departure) error {
	if len(all) == 0 {
		return nil
	}
	for _, d := range all {
		if d.Key == "" || d.DueAt.IsZero() {
			return errors.New("note a departure: it needs a person's key and the moment from which they must be out")
		}
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		now := s.db.Now()
		for _, d := range all {
			known := d.KnownAt
			if known.IsZero() {
				known = now
			}
			if _, err := q.ExecContext(ctx, noteDeparture, d.Key, d.Episode, d.Order, d.Source, engine.Micros(known),
				engine.Micros(d.DueAt), engine.Micros(now)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note %d departures: %w", len(all), err)
	}
	return nil
}

// noteOrdered writes down the departure that a contain or suspend order asks for, once per order.
const noteOrdered = `
INSERT INTO departures (person_key, episode, order_id, known_at, due_at)
SELECT o.person_key,
	CASE WHEN o.kind = 'contain' AND (p.employed = 1 OR p.episode = 0) THEN p.episode + 1 ELSE p.episode END,
	o.order_id, CAST($2 AS BIGINT), o.created_at
FROM orders o JOIN people p ON p.person_key = o.person_key
WHERE o.order_id = $1 AND o.kind IN ('contain', 'suspend') AND o.released_at = 0 AND NOT EXISTS (SELECT 1 FROM departures d WHERE d.order_id = $1)
ON CONFLICT (person_key, episode, order_id) DO NOTHING`

// ofOrder is noteOrdered for an order that ends sign-in, and nothing for any other.
func (s Store) ofOrder(ctx context.Context, q engine.Querier, o identity.Order) error {
	if o.Kind != identity.OrderContain && o.Kind != identity.OrderSuspend {
		return nil
	}
	_, err := q.ExecContext(ctx, noteOrdered, o.ID, engine.Micros(s.db.Now()))
	return err
}

// NoteOrdered writes down the departure that a contain or suspend order asks for, unless that was done when it was given.
func (s Store) NoteOrdered(ctx context.Context, orderID string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, noteOrdered, orderID, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("note the departure of order %s: %w", orderID, err)
	}
	return nil
}

// MarkDepartureContained closes what said that a person must be out, up to an episode, because the end of their sign-in
// was confirmed for every account. Rows of keys that are forwarded to the person are closed with them.
func (s Store) MarkDepartureContained(ctx context.Context, key string, episode int, at time.Time) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `UPDATE departures SET contained_at = $3 WHERE contained_at = 0
			AND (person_key = $1 AND episode <= $2
				OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)
				OR order_id <> '' AND order_id IN (SELECT order_id FROM orders WHERE person_key = $1))`, key, episode, engine.Micros(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("close the departure of %s: %w", key, err)
	}
	return nil
}

// MarkOrderContained closes the row of one order, because what it asks for was confirmed. HR's word and other orders
// about the same person stay open.
func (s Store) MarkOrderContained(ctx context.Context, orderID string, at time.Time) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE departures SET contained_at = $2 WHERE order_id = $1 AND contained_at = 0",
			orderID, engine.Micros(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("close the departure of order %s: %w", orderID, err)
	}
	return nil
}

// ForgetDeparture takes back that HR wants a person out, because HR says that they stay: open rows up to an episode go.
// What orders say is not HR's to take back.
func (s Store) ForgetDeparture(ctx context.Context, key string, episode int) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `DELETE FROM departures WHERE contained_at = 0 AND order_id = ''
			AND (person_key = $1 AND episode <= $2
				OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1))`, key, episode)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the departure of %s: %w", key, err)
	}
	return nil
}

// openDepartures are the rows that are not closed, under the key that stands for their person now. An order counts while
// it is in force.
const openDepartures = `
SELECT COALESCE(NULLIF(p.forward, ''), o.person_key, d.person_key), d.episode, d.order_id, d.source, d.known_at, d.due_at,
	d.announced_at
FROM departures d LEFT JOIN orders o ON d.order_id <> '' AND o.order_id = d.order_id
LEFT JOIN people p ON p.person_key = COALESCE(o.person_key, d.person_key)
WHERE d.contained_at = 0 AND d.due_at <= $2
	AND (d.order_id = '' OR o.order_id IS NOT NULL AND o.kind IN ('contain', 'suspend') AND o.released_at = 0
		AND (o.expires_at = 0 OR o.expires_at > $1) AND NOT ` + isOff + `)
ORDER BY d.due_at, d.person_key, d.episode, d.order_id`

// OpenDepartures returns everybody who must be out at a moment and is not known to be, longest overdue first.
func (s Store) OpenDepartures(ctx context.Context, now time.Time) ([]Departure, error) {
	return s.OverdueDepartures(ctx, now, 0)
}

// OverdueDepartures returns the departures that have been due for longer than grace and whose containment is not
// confirmed, longest first. Somebody whom HR and orders want out has one for each.
func (s Store) OverdueDepartures(ctx context.Context, now time.Time, grace time.Duration) ([]Departure, error) {
	rows, err := s.db.Reader().QueryContext(ctx, openDepartures, engine.Micros(now), engine.Micros(now.Add(-grace)))
	if err != nil {
		return nil, fmt.Errorf("read open departures: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Departure
	for rows.Next() {
		var d Departure
		var known, due, announced int64
		if err := rows.Scan(&d.Key, &d.Episode, &d.Order, &d.Source, &known, &due, &announced); err != nil {
			return nil, fmt.Errorf("read open departures: %w", err)
		}
		d.KnownAt, d.DueAt, d.AnnouncedAt = engine.Instant(known), engine.Instant(due), engine.Instant(announced)
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read open departures: %w", err)
	}
	return found, nil
}

// hrDepartures are HR's words about a source that are not carried out, past and to come.
const hrDepartures = `
SELECT COALESCE(NULLIF(p.forward, ''), d.person_key), d.episode, d.due_at, d.known_at
FROM departures d LEFT JOIN people p ON p.person_key = d.person_key
WHERE d.contained_at = 0 AND d.order_id = '' AND d.source = $1
ORDER BY d.due_at, d.person_key, d.episode`

// HRDepartures returns everybody of a source who must be out by HR's word, at some moment past or to come, and is not known to
// be; the earliest first.
func (s Store) HRDepartures(ctx context.Context, source string) ([]Departure, error) {
	var found []Departure
	err := engine.Each(ctx, s.db.Reader(), hrDepartures, []any{source}, func(scan func(...any) error) error {
		d := Departure{Source: source}
		var due, known int64
		err := scan(&d.Key, &d.Episode, &due, &known)
		d.DueAt, d.KnownAt = engine.Instant(due), engine.Instant(known)
		found = append(found, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the departures of %s: %w", source, err)
	}
	return found, nil
}

// MarkDeparturesAnnounced says that the departures were announced as overdue.
func (s Store) MarkDeparturesAnnounced(ctx context.Context, all []Departure, at time.Time) error {
	if len(all) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for _, d := range all {
			where, args := "order_id = $2", []any{engine.Micros(at), d.Order}
			if d.Order == "" {
				where = `order_id = $2 AND episode = $3 AND (person_key = $4
					OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $4))`
				args = append(args, d.Episode, d.Key)
			}
			if _, err := q.ExecContext(ctx, "UPDATE departures SET announced_at = $1 WHERE "+where, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark %d departures as announced: %w", len(all), err)
	}
	return nil
}

// DepartureRules is what the policy in force says about departures. Workers write it down, so that every program can
// watch deadlines, also one that has no policy.
type DepartureRules struct {
	// Observe says that HR's word is only observed: nobody is alarmed about it.
	Observe bool
	// ContainWithin is how long ending somebody's sign-in may take.
	ContainWithin time.Duration
}

// defaultWithin stands in until a worker has written down the policy's.
const defaultWithin = 15 * time.Minute

// DepartureRules returns what a worker has last written down, and a quarter of an hour without observing before that.
func (s Store) DepartureRules(ctx context.Context) (DepartureRules, error) {
	var observe, within int64
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT observe, contain_within FROM departure_rules WHERE id = 1", nil, &observe, &within)
	if err != nil {
		return DepartureRules{}, fmt.Errorf("read the rules of departures: %w", err)
	}
	if !found {
		return DepartureRules{ContainWithin: defaultWithin}, nil
	}
	return DepartureRules{Observe: observe == 1, ContainWithin: time.Duration(within) * time.Microsecond}, nil
}

// SetDepartureRules writes down what the policy in force says. It costs no write while that stays as it is.
func (s Store) SetDepartureRules(ctx context.Context, r DepartureRules) error {
	var observe, within int64
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT observe, contain_within FROM departure_rules WHERE id = 1", nil, &observe, &within)
	if err == nil && found && observe == engine.Flag(r.Observe) && within == r.ContainWithin.Microseconds() {
		return nil
	}
	if err == nil {
		err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
			_, err := q.ExecContext(ctx, `INSERT INTO departure_rules (id, observe, contain_within) VALUES (1, $1, $2)
				ON CONFLICT (id) DO UPDATE SET observe = excluded.observe, contain_within = excluded.contain_within`,
				engine.Flag(r.Observe), r.ContainWithin.Microseconds())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("write down the rules of departures: %w", err)
	}
	return nil
}
