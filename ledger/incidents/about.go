package incidents

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gatehouse/ledger/engine"
)

// Watch is the name of the cursor of the reading whose events the rules judge.
const Watch = "event-watch"

// About says whose events are meant: those of some OneLogin users, or of an app.
type About struct {
	Users []int64
	App   int64
}

// Between is a time, its beginning included and its end not.
type Between struct{ Since, Until time.Time }

// EventPlace is where a list goes on: behind this event, from the latest to the earliest. The zero value is its beginning.
type EventPlace struct {
	At time.Time
	ID int64
}

// EventsReading is a reading of all events about one user or app, which somebody asked for.
type EventsReading struct {
	// User or App is whose they are.
	User, App int64
	Between
	ReadAt time.Time
	// Complete says that all events of the span were read.
	Complete bool
}

func (r EventsReading) subject() string {
	if r.App != 0 {
		return "app/" + strconv.FormatInt(r.App, 10)
	}
	return "user/" + strconv.FormatInt(r.User, 10)
}

// keptReading is how long events stay that were read because somebody asked.
const keptReading = 24 * time.Hour

// PutReading stores what a reading has found. It is kept for a day, apart from the events that rules judge: those must not be known
// before they are judged.
func (s Store) PutReading(ctx context.Context, r EventsReading, events []StoredEvent) error {
	rows := map[string][]any{}
	for _, e := range events {
		id := strconv.FormatInt(e.ID, 10)
		rows[id] = []any{e.ID, e.Type, e.UserID, e.AppID, engine.Micros(e.At), engine.Micros(r.ReadAt), s.db.Seal(placeOfRead(e.ID), e.Detail)}
	}
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := pruneReadings(ctx, q, s.db.Now()); err != nil {
			return err
		}
		if err := engine.InsertRows(ctx, q, "INSERT INTO events_read (event_id, type_id, user_id, app_id, at, read_at, detail)",
			"ON CONFLICT (event_id) DO UPDATE SET read_at = excluded.read_at", engine.Sorted(rows)); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO event_reads (subject, since, until, read_at, complete) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (subject) DO UPDATE SET since = excluded.since, until = excluded.until, read_at = excluded.read_at, complete = excluded.complete
			WHERE event_reads.read_at <= excluded.read_at`,
			r.subject(), engine.Micros(r.Since), engine.Micros(r.Until), engine.Micros(r.ReadAt), engine.Flag(r.Complete))
		return err
	})
	return engine.Wrapf(err, "put %d events that were read anew", len(events))
}

func placeOfRead(id int64) []byte { return engine.Place("events_read.detail", fmt.Sprint(id)) }

func pruneReadings(ctx context.Context, q engine.Querier, now time.Time) error {
	for _, table := range []string{"events_read", "event_reads"} {
		if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE read_at < $1", engine.Micros(now.Add(-keptReading))); err != nil {
			return err
		}
	}
	return nil
}

// ReadingOf returns the latest reading about a user or an app that is kept.
func (s Store) ReadingOf(ctx context.Context, r EventsReading) (EventsReading, bool, error) {
	var since, until, at, complete int64
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT since, until, read_at, complete FROM event_reads WHERE subject = $1",
		[]any{r.subject()}, &since, &until, &at, &complete)
	r.Since, r.Until, r.ReadAt, r.Complete = engine.Instant(since), engine.Instant(until), engine.Instant(at), complete == 1
	return r, found, engine.Wrapf(err, "read when events were read anew")
}

// about is the condition on a table of events, with its arguments from $1 on.
func (a About) about(span Between) (where string, args []any) {
	args = []any{engine.Micros(span.Since), engine.Micros(span.Until)}
	where = "at >= $1 AND at < $2 AND app_id > 0 AND app_id = $3"
	if a.App != 0 {
		return where, append(args, a.App)
	}
	for _, id := range a.Users {
		args = append(args, id)
	}
	return "at >= $1 AND at < $2 AND user_id > 0 AND user_id IN " + engine.List(3, len(a.Users)), args
}

// both selects from the events that rules mention and from those that were read anew, each event once.
func both(columns, where string) string {
	return "SELECT " + columns + ", 0 AS anew FROM events WHERE " + where + " UNION ALL SELECT " + columns + ", 1 AS anew FROM events_read WHERE " + where +
		" AND NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = events_read.event_id)"
}

func countAbout(where string) string {
	return "SELECT user_id, COUNT(*) FROM (" + both("event_id, user_id", where) + ") f GROUP BY user_id"
}

// CountAbout counts the events about some users or an app, by user; those that name no user are under 0.
func (s Store) CountAbout(ctx context.Context, a About, span Between) (map[int64]int, error) {
	where, args := a.about(span)
	counts := map[int64]int{}
	err := engine.Each(ctx, s.db.Reader(), countAbout(where), args, func(scan func(...any) error) error {
		var id int64
		var n int
		err := scan(&id, &n)
		counts[max(0, id)] += n
		return err
	})
	return counts, engine.Wrapf(err, "count events")
}

// EventsAbout returns events about some users or an app, the latest first: at most limit of them behind a place.
func (s Store) EventsAbout(ctx context.Context, a About, span Between, after EventPlace, limit int) ([]StoredEvent, error) {
	where, args := a.about(span)
	behind, n := "", len(args)
	if !after.At.IsZero() {
		behind = fmt.Sprintf(" WHERE at < $%d OR (at = $%d AND event_id < $%d)", n+1, n+1, n+2)
		args = append(args, engine.Micros(after.At), after.ID)
	}
	args = append(args, limit)
	var found []StoredEvent
	err := engine.Each(ctx, s.db.Reader(), "SELECT event_id, type_id, user_id, app_id, at, detail, anew FROM ("+
		both("event_id, type_id, user_id, app_id, at, detail", where)+") f"+behind+fmt.Sprintf(" ORDER BY at DESC, event_id DESC LIMIT $%d", len(args)), args,
		func(scan func(...any) error) error {
			var e StoredEvent
			var at, anew int64
			var sealed []byte
			if err := scan(&e.ID, &e.Type, &e.UserID, &e.AppID, &at, &sealed, &anew); err != nil {
				return err
			}
			place := placeOfEvent(e.ID)
			if anew == 1 {
				place = placeOfRead(e.ID)
			}
			var err error
			e.At, e.UserID, e.AppID = engine.Instant(at), max(0, e.UserID), max(0, e.AppID)
			e.Detail, err = s.db.Open(place, sealed)
			found = append(found, e)
			return err
		})
	return found, engine.Wrapf(err, "read events")
}

const keptWithoutUser = "SELECT COALESCE(MAX(at), 0) FROM events WHERE user_id = -1"

// KeptWithoutUser tells until when events are kept that do not say whose they are, because they were stored before that was written
// down; zero if there are none.
func (s Store) KeptWithoutUser(ctx context.Context) (time.Time, error) {
	var at int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), keptWithoutUser, nil, &at)
	return engine.Instant(at), engine.Wrapf(err, "read since when events say whose they are")
}
