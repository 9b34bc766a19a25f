package policy

import (
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// calendarDay is a day without a zone, kept as midnight UTC so that days compare as times.
type calendarDay time.Time

func parseDay(d identity.Date) (calendarDay, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return calendarDay{}, fmt.Errorf("read a date as year-month-day: %w", err)
	}
	return calendarDay(t), nil
}

// farFuture is how far ahead a date is no date: systems that must have an end write one that nobody will see.
const farFuture = 50

// dayIn reads a date that may be missing.
func dayIn(d identity.Date) (day calendarDay, there bool, err error) {
	if d == "" {
		return calendarDay{}, false, nil
	}
	day, err = parseDay(d)
	return day, err == nil, err
}

// endOf returns the end that a record states: the last day of work, or the formal end in its place. A date in the far
// future is not a valid end.
func endOf(r identity.Record, now time.Time) (end calendarDay, there bool, err error) {
	never := calendarDay(now.AddDate(farFuture, 0, 0))
	for _, d := range []identity.Date{r.LastDay, r.TerminationDate} {
		if end, there, err = dayIn(d); err != nil {
			return calendarDay{}, false, err
		}
		if there && end.before(never) {
			return end, true, nil
		}
	}
	return calendarDay{}, false, nil
}

// dayOf returns the day that a moment falls on in a zone.
func dayOf(t time.Time, zone *time.Location) calendarDay {
	y, m, d := t.In(zone).Date()
	return calendarDay(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

func (d calendarDay) before(other calendarDay) bool { return time.Time(d).Before(time.Time(other)) }

func (d calendarDay) plus(days int) calendarDay { return calendarDay(time.Time(d).AddDate(0, 0, days)) }

// at returns the instant, in UTC, of a time of day in a zone. A time that a change to summer time skips moves behind
// the change; of a time that a change back repeats it is the first.
func (d calendarDay) at(c yamlfile.Clock, zone *time.Location) time.Time {
	y, m, dd := time.Time(d).Date()
	t := time.Date(y, m, dd, c.Hour, c.Minute, 0, 0, zone)
	if start, _ := t.ZoneBounds(); !start.IsZero() {
		// time.Date may return either reading of a repeated time.
		_, before := start.Add(-time.Second).Zone()
		_, after := t.Zone()
		if first := t.Add(time.Duration(after-before) * time.Second); first.Before(start) && first.Hour() == c.Hour && first.Minute() == c.Minute {
			t = first
		}
	}
	return t.UTC()
}

// leaveAt returns the moment from which sign-in must not work any more:
//
//   - for an end that was carried out, the moment it was, whatever day the record has moved it to since;
//   - for a last day that was first seen on or after that day, the moment it was seen: there was no warning;
//   - for an involuntary end, now, unless the planned moment is past already;
//   - else disable_at on the last day, in the person's zone.
//
// All but the last are never later than now. A moment that has passed stays the same in every later assessment, so
// that the time to containment can be measured from it.
func (p *Policy) leaveAt(e identity.Engagement, last calendarDay, zone *time.Location, now time.Time) time.Time {
	seen, planned := seenAt(e.LeaverFirstSeen, now), last.at(p.disableAt, zone)
	switch {
	case !dayOf(seen, zone).before(last):
		return carriedOut(e, seen, now)
	case e.Involuntary && now.Before(planned):
		return carriedOut(e, now, now)
	}
	return carriedOut(e, planned, now)
}

// carriedOut is when an end was carried out, and at if it was not or is ahead again.
func carriedOut(e identity.Engagement, at, now time.Time) time.Time {
	if !e.Departed || e.LeaverDue.IsZero() || e.LeaverDue.After(now) || at.After(now) {
		return at
	}
	return e.LeaverDue
}

// sooner takes an end that was to come later by the last look, and whose moment has passed by what the record says now, for one that is
// seen for the first time.
func (p *Policy) sooner(e identity.Engagement, zone *time.Location, now time.Time) identity.Engagement {
	last, ends, err := endOf(e.Record, now)
	passed := ends && !last.at(p.disableAt, zone).After(now) || !ends && e.Status == identity.StatusTerminated
	if err == nil && passed && e.LeaverDue.After(now) {
		e.LeaverFirstSeen = now
	}
	return e
}

// earliestAfter returns the first of the instants that is later than now, or zero.
func earliestAfter(now time.Time, instants ...time.Time) time.Time {
	var first time.Time
	for _, t := range instants {
		if t.After(now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
