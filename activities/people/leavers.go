package people

import (
	"context"
	"time"

	"gatehouse/activities/outcome"
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
