package watchdog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gatehouse/ledger"
)

// Temporal looks whether Temporal answers.
func Temporal(do func(context.Context) error) Check {
	return Check{Name: "temporal", Do: do}.worded("temporal", "")
}

// Worker looks whether anybody takes up work.
func Worker(do func(context.Context) error) Check {
	return Check{Name: "worker", Do: do}.worded("worker", "")
}

// behindAfter is how many periods a source may go without a reading that ended well.
const behindAfter = 2

// Source looks after the polls of an HR source, whatever it is that keeps one from ending: a source that refuses a record, a
// schedule that is paused, a worker without the sweep queue. One that was never read is awaited for as long from now.
func Source(l *ledger.Ledger, source string, every, jitter time.Duration, clock func() time.Time) Check {
	began := clock()
	return Check{
		Name: "hr_" + source,
		Do: func(ctx context.Context) error {
			s, err := l.Roster().Source(ctx, source)
			if err != nil {
				return err
			}
			since, last := s.SyncedAt, "the last reading that ended well was"
			if since.IsZero() {
				since, last = began, "it was never read since this program began"
			}
			if late := clock().Sub(since); late > behindAfter*every+jitter {
				return fmt.Errorf("%s %s ago, and a reading is due every %s", last, late.Round(time.Second), every)
			}
			return nil
		},
	}.worded("source", source)
}

// lateSince is why something does not work that has not for longer than it was looked at: since its last success.
type lateSince struct {
	at   time.Time
	text string
}

func (l lateSince) Error() string { return l.text }

// lateEvents is the least by which security events are late.
const lateEvents = 2 * time.Minute

// Events looks after the reading of OneLogin's events by the cursor of this name. Before the first reading nothing is awaited.
func Events(l *ledger.Ledger, cursor string, every time.Duration, clock func() time.Time) Check {
	return Check{
		Name: "events", Quiet: true,
		Do: func(ctx context.Context) error {
			c, err := l.Incidents().EventCursor(ctx, cursor)
			if err != nil || c.PolledAt.IsZero() {
				return err
			}
			if late := clock().Sub(c.PolledAt); late > max(lateEvents, 2*every) {
				return lateSince{at: c.PolledAt, text: fmt.Sprintf("the last complete reading was %s ago, and one is due every %s", late.Round(time.Second), every)}
			}
			return nil
		},
	}.worded("events", "")
}

// Schedules looks whether a schedule is paused or missing.
type Schedules struct {
	// IDs are the schedules that should be there.
	IDs []string
	// Applied lists those that are there, with the note of the pause of one that is paused. One request answers for all of them.
	Applied func(context.Context) (map[string]string, error)
	// Answers is false while it cannot be asked.
	Answers func() bool
	// Every is for how long an answer counts.
	Every time.Duration
	Clock func() time.Time
	Log   *slog.Logger

	asked  time.Time
	found  map[string]string
	failed error
}

// Checks are one for what is missing, and one for each schedule.
func (s *Schedules) Checks() []Check {
	all := []Check{Check{
		Name: "schedules", Quiet: true,
		Do: func(ctx context.Context) error {
			applied, known := s.ask(ctx)
			var missing []string
			for _, id := range s.IDs {
				if _, is := applied[id]; known && !is {
					missing = append(missing, id)
				}
			}
			if len(missing) > 0 {
				return errors.New(strings.Join(missing, ", "))
			}
			return nil
		},
	}.worded("schedules", "")}
	for _, id := range s.IDs {
		all = append(all, Check{
			Name: "schedule_" + id, Quiet: true,
			Do: func(ctx context.Context) error {
				applied, _ := s.ask(ctx)
				if note := applied[id]; note != "" {
					return errors.New(note)
				}
				return nil
			},
		}.worded("schedule", id))
	}
	return all
}

func (s *Schedules) ask(ctx context.Context) (all map[string]string, known bool) {
	if !s.Answers() {
		return nil, false // That cannot be known, and is not what is wrong.
	}
	if now := s.Clock(); now.Sub(s.asked) >= s.Every || now.Before(s.asked) {
		s.asked = now
		s.found, s.failed = s.Applied(ctx)
	}
	if s.failed != nil {
		s.Log.Warn("watchdog: it is not known which schedules are there or paused", "error", s.failed)
	}
	return s.found, s.failed == nil
}
