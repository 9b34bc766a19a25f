package people

import (
	"context"
	"time"

	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
)

// noteLeaver remembers when a last day was first seen, because a departure entered on the day itself or later is immediate, and when it is
// due. One that was to come later and is due all at once is seen for the first time.
func noteLeaver(link *persons.Link, due time.Time, leaving bool, now time.Time, seen *outcome.Notes) {
	was, sooner := *link, link.LeaverDue.After(now) && !due.IsZero() && !due.After(now)
	switch {
	case !leaving:
		link.LeaverFirstSeen, link.LeaverDue = time.Time{}, time.Time{}
	case link.LeaverFirstSeen.IsZero() || sooner:
		link.LeaverFirstSeen, link.LeaverDue = now, due
	default:
		link.LeaverDue = due
	}
	first := link.LeaverFirstSeen
	if first.Equal(was.LeaverFirstSeen) && link.LeaverDue.Equal(was.LeaverDue) {
		return
	}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		if !leaving {
			return l.People().ClearLeaver(ctx, was.Source, was.EmployeeID)
		}
		return l.People().NoteLeaver(ctx, was.Source, was.EmployeeID, first, due)
	})
}

// noteOut remembers since when somebody is out, until a record says that they work here, or their first day has come: records change and
// go, and a first day that comes near may move away again.
func noteOut(row persons.Person, person identity.Person, seen *outcome.Notes) {
	var since time.Time
	switch {
	case person.Standing == identity.StandingUnknown, person.Standing == identity.StandingRescinded:
		return
	case !person.Belongs():
		since = person.LeaveAt
	case person.Standing == identity.StandingUpcoming && person.DayOf(person.AsOf) < person.Record.HireDate:
		return
	}
	if row.OutSince.Equal(since.Truncate(time.Microsecond)) {
		return
	}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.People().NoteOut(ctx, row.Key, since) })
}
