package workday

import (
	"cmp"
	"fmt"
	"slices"

	"gatehouse/identity"
)

// profiles collects what a report holds under each employee id. A contractor turned employee and a rehire leave one
// profile behind each. Source: Microsoft's Workday integration reference for Entra ID.
type profiles struct {
	order []string
	byID  map[string][]identity.Record
}

func (p *profiles) add(rec identity.Record) {
	if p.byID == nil {
		p.byID = map[string][]identity.Record{}
	}
	if _, known := p.byID[rec.EmployeeID]; !known {
		p.order = append(p.order, rec.EmployeeID)
	}
	if slices.ContainsFunc(p.byID[rec.EmployeeID], func(other identity.Record) bool { return content(other) == content(rec) }) {
		return // The same row once more: a page that was read twice.
	}
	p.byID[rec.EmployeeID] = append(p.byID[rec.EmployeeID], rec)
}

// merged is one record for an employee id: the profile to be preferred, with the others beside it in an order that does
// not depend on that of the rows.
func (p *profiles) merged(id string) identity.Record {
	all := slices.Clone(p.byID[id])
	slices.SortStableFunc(all, func(a, b identity.Record) int {
		return cmp.Or(byDates(a, b), cmp.Compare(a.EmploymentType, b.EmploymentType), cmp.Compare(a.Title, b.Title), cmp.Compare(content(a), content(b)))
	})
	rec := all[0]
	if len(all) > 1 {
		rec.Others = all[1:]
		rec.Tied = byDates(all[0], all[1]) == 0
	}
	return rec
}

// byDates orders profiles by what says which of them counts.
func byDates(a, b identity.Record) int {
	return cmp.Or(
		cmp.Compare(rank(b), rank(a)), cmp.Compare(b.HireDate, a.HireDate), cmp.Compare(b.LastDay, a.LastDay),
		cmp.Compare(b.TerminationDate, a.TerminationDate),
	)
}

// content is all that a profile says, to tell equals apart.
func content(rec identity.Record) string { return fmt.Sprintf("%+v", rec) }

// rank puts who works there before who has left, and who stays before who leaves.
func rank(rec identity.Record) int {
	leaving := rec.LastDay != "" || rec.TerminationDate != ""
	switch rec.Status {
	case identity.StatusActive, identity.StatusOnLeave:
		if leaving {
			return 4
		}
		return 5
	case identity.StatusInactive:
		if leaving {
			return 1
		}
		return 3
	case identity.StatusUnknown:
		return 2
	case identity.StatusTerminated:
		return 1
	case identity.StatusRescinded:
		return 0
	}
	return 2
}
