package policy

import (
	"slices"
	"time"

	"gatehouse/identity"
)

// movedAhead marks whom a record has coming who works here by what it said before: the first day has moved into the future, and
// no end is known of the employment in between. Somebody asks HR. Whoever left and comes back has an end: that of the record, of
// another profile under the id, or one that was carried out. Tomorrow is no move: zones and working hours are a day apart.
func (p *Policy) movedAhead(all []assessment, now time.Time) {
	said := map[string]bool{}
	for i := range all {
		a := &all[i]
		e := a.engagement
		if !e.Begun || e.Departed || a.standing != identity.StandingUpcoming || !dayOf(now, a.zone).plus(1).before(a.hire) {
			continue
		}
		if slices.ContainsFunc(all, func(b assessment) bool {
			return b.engagement.Source == e.Source && b.engagement.EmployeeID == e.EmployeeID && (b.atWork() || b.standing == identity.StandingLeft)
		}) {
			continue
		}
		*a = a.unknown(p.note(NoticeFirstDayMoved, "this person works here, and the source has moved their first day into the future without an end of the employment before it: "+
			"correct the day in the source, or enter that end; if they have left, order a containment"))
		if said[e.Source+e.EmployeeID] {
			a.doubt = nil // It is one record, in several rows.
		}
		said[e.Source+e.EmployeeID] = true
	}
}

// AtWork reports whether a record says that its person works here now.
func (p *Policy) AtWork(e identity.Engagement, now time.Time) bool {
	return slices.ContainsFunc(p.spells([]identity.Engagement{e}, now), assessment.atWork)
}

func (a assessment) atWork() bool {
	return a.standing == identity.StandingActive || a.standing == identity.StandingOnLeave || a.standing == identity.StandingLeaving
}
