package bamboohr

import (
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// WithStatusRows returns the record with what the employment status table adds to the current fields, today being now's
// day in now's own zone. Nothing is sent.
//
//   - The first Terminated row dated today or later is the planned end. A last day that the record has already is kept.
//   - A Terminated row in force is an end, although the fields that say so cannot be seen.
//   - The kind of employment that "Terminated" has taken the place of is that of the row before: on a last day, the rules
//     for a contractor are still those. Without such a row it is missing.
//   - An end that is older than the row in force, which does not say terminated, belongs to an employment before.
//   - An employment that begins behind the end is another one under the same id.
//   - The first other row to come is a change of position.
//   - A Terminated row whose date cannot be read may be any day: the last day is missing then.
func (c *Client) WithStatusRows(rec identity.Record, rows []StatusRow, now time.Time) identity.Record {
	today := identity.Date(now.Format(time.DateOnly))
	own, unreadable := ownRows(rec.EmployeeID, rows)
	terminatedNow := rec.Status == identity.StatusTerminated
	rec.Tied = rec.Tied || slices.ContainsFunc(own, func(r StatusRow) bool { return r.Tied })
	if unreadable && !terminatedNow && !slices.Contains(rec.Missing, fieldLastDay) {
		rec.Missing = append(slices.Clone(rec.Missing), fieldLastDay)
		slices.Sort(rec.Missing)
	}
	behind := slices.IndexFunc(own, func(r StatusRow) bool { return r.Date > today })
	if behind < 0 {
		behind = len(own)
	}
	if rec.EmploymentType == "" && (terminatedNow || behind > 0 && own[behind-1].Terminated()) {
		rec = withTypeBefore(rec, own[:behind])
	}
	switch {
	case terminatedNow || behind == 0:
	case !own[behind-1].Terminated():
		rec = withoutEndBefore(rec, own[behind-1].Date)
	case rec.TerminationDate == "":
		rec = withEnd(rec, own[behind-1])
	}
	if !terminatedNow {
		if i := slices.IndexFunc(own, func(r StatusRow) bool { return r.Date >= today && r.Terminated() }); i >= 0 {
			rec = withEnd(rec, own[i])
		}
	}
	return withNext(rec, own[behind:], terminatedNow)
}

// Terminated reports that the row ends an employment.
func (r StatusRow) Terminated() bool { return strings.EqualFold(r.Status, terminated) }

// ownRows are the rows of one employee, one for each day: of two, the one entered later replaces the one before.
func ownRows(id string, rows []StatusRow) (own []StatusRow, unreadable bool) {
	for _, r := range rows {
		switch {
		case r.EmployeeID != id:
		case r.Unreadable:
			unreadable = unreadable || r.Terminated()
		case len(own) > 0 && own[len(own)-1].Date == r.Date:
			own[len(own)-1] = r
		default:
			own = append(own, r)
		}
	}
	return own, unreadable
}

// withTypeBefore gives a record the kind of employment that rows tell of last. Where none does it is not known.
func withTypeBefore(rec identity.Record, rows []StatusRow) identity.Record {
	for _, row := range slices.Backward(rows) {
		if !row.Terminated() {
			rec.EmploymentType = row.Status
			return rec
		}
	}
	if !slices.Contains(rec.Missing, fieldEmployment) {
		rec.Missing = append(slices.Clone(rec.Missing), fieldEmployment)
		slices.Sort(rec.Missing)
	}
	return rec
}

func withoutEndBefore(rec identity.Record, day identity.Date) identity.Record {
	if rec.TerminationDate != "" && rec.TerminationDate <= day {
		rec.TerminationDate = ""
	}
	if rec.LastDay != "" && rec.LastDay <= day {
		rec.LastDay = ""
	}
	return rec
}

func withEnd(rec identity.Record, row StatusRow) identity.Record {
	if rec.LastDay == "" {
		rec.LastDay = row.Date
	}
	rec.TerminationDate = row.Date
	rec.Involuntary = rec.Involuntary || row.Involuntary
	return rec
}

// withNext adds what the rows to come say beyond the end: another employment behind it, or a change of position before.
func withNext(rec identity.Record, ahead []StatusRow, ended bool) identity.Record {
	for i, row := range ahead {
		switch {
		case row.Terminated():
			ended = true
		case !ended:
			if rec.NextChange == "" || row.Date < rec.NextChange {
				rec.NextChange = row.Date
			}
		default:
			next := rec
			next.Status, next.HireDate, next.EmploymentType = identity.StatusInactive, row.Date, row.Status
			next.LastDay, next.TerminationDate, next.Involuntary, next.NextChange, next.Others = "", "", false, "", nil
			if later := slices.IndexFunc(ahead[i:], StatusRow.Terminated); later >= 0 {
				next = withEnd(next, ahead[i+later])
			}
			rec.Others = append(slices.Clone(rec.Others), next)
			return rec
		}
	}
	return rec
}
