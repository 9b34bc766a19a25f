package policy

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
)

// assessment is one engagement at one moment.
type assessment struct {
	engagement identity.Engagement
	standing   identity.Standing
	zone       *time.Location
	guessed    bool

	// hire and last are the first and the last day, where hired and ends say that they are known.
	hire, last  calendarDay
	hired, ends bool

	createAt, activateAt, leaveAt time.Time
	// goesOnAt is when the next engagement begins that follows this one without a gap.
	goesOnAt time.Time
	late     bool
	// doubt is why the standing is unknown.
	doubt *identity.Notice
	// remarks are what is odd about the record and decides nothing.
	remarks []identity.Notice
}

// assess looks at one engagement. Dates decide before the status does: a status never overrides a last day that is
// past, except that a rescinded hire never was one, and that "active" long after the end is a contradiction to ask
// about. "Terminated" needs no date.
func (p *Policy) assess(s spell, now time.Time) assessment {
	zone, guessed := p.zoneOf(s.Location)
	e := p.sooner(s.Engagement, zone, now)
	a := assessment{engagement: e, zone: zone, guessed: guessed, remarks: s.remarks}
	switch {
	case !e.Found:
		return a.unknown(p.note(NoticeRecordMissing, "the source no longer has this person's record, which is not a termination: "+
			"check the source, then terminate there, or order a containment"))
	case e.Status == identity.StatusRescinded:
		a.standing = identity.StandingRescinded
		return a
	}
	terminated := e.Status == identity.StatusTerminated
	if field := missingForStanding(e.Record, s.earlier); slices.Contains(e.Hidden, field) && !terminated {
		return a.unknown(p.note(NoticeColumnHidden, fmt.Sprintf("%s no longer shows %s for anybody, so that whoever has left looks like everybody else: "+
			"give the source's credential the right to see it again; if the person has left, order a containment", e.Source, field)))
	} else if field != "" && !terminated {
		if field == "hire_date" && p.foreseen(&a, now) && !a.leaveAt.After(now) {
			return p.stand(a, now)
		}
		return a.unknown(p.note(NoticeFieldMissing, fmt.Sprintf("the source did not send %s, without which nothing can be decided: "+
			"check the field and the permissions of the source's credential; if the person has left, order a containment", field)))
	}
	var badHire, badEnd error
	a.hire, a.hired, badHire = dayIn(e.HireDate)
	a.last, a.ends, badEnd = endOf(e.Record, now)
	if !terminated && (badHire != nil || badEnd != nil) {
		return a.unknown(p.note(NoticeBadDate, "a date of the record cannot be read: correct it in the source"))
	}
	if a.hired {
		a.activateAt = a.hire.at(p.activateAt, a.zone)
		a.createAt = a.activateAt.Add(-p.joiner.CreateBefore)
		a.late = a.hire.before(dayOf(seenAt(e.FirstSeen, now), a.zone))
	}
	switch {
	case a.ends:
		a.leaveAt = p.leaveAt(e, a.last, a.zone, now)
	case terminated:
		a.leaveAt = carriedOut(e, seenAt(e.LeaverFirstSeen, now), now)
	}
	if a.contradicts(s, now) {
		return a.unknown(p.note(NoticeStatusContradictsEnd, "the source says that this person works here, but also that they left days ago: "+
			"remove the old end from the record, or terminate the person there; if they have left, order a containment"))
	}
	return p.stand(a, now)
}

// stand gives an assessment its standing once all instants are known.
func (p *Policy) stand(a assessment, now time.Time) assessment {
	status := a.engagement.Status
	switch {
	case !a.leaveAt.IsZero() && !a.leaveAt.After(now):
		a.standing = identity.StandingLeft
	case now.Before(a.activateAt) && slices.Contains([]identity.Status{
		identity.StatusActive, identity.StatusInactive, identity.StatusOnLeave, identity.StatusTerminated,
	}, status):
		a.standing = identity.StandingUpcoming
	case status == identity.StatusOnLeave:
		a.standing = identity.StandingOnLeave
	case status == identity.StatusTerminated, status == identity.StatusActive && !a.leaveAt.IsZero():
		a.standing = identity.StandingLeaving
	case status == identity.StatusActive:
		a.standing = identity.StandingActive
	case p.begins(&a, now):
		a.standing = identity.StandingUpcoming
	default:
		return a.unknown(p.note(NoticeStatusUnclear, "the source says neither active nor terminated: set the status or the last day in the source"))
	}
	return a
}

// foreseen reports that an end was seen before its day came, of somebody who has not left before, and notes it with its moment.
// Such an end needs no first day: when its moment comes, a column that went blank in between holds up nobody's departure.
func (p *Policy) foreseen(a *assessment, now time.Time) bool {
	last, ends, err := endOf(a.engagement.Record, now)
	if err != nil || !ends || a.engagement.Departed || a.engagement.LeaverFirstSeen.IsZero() || !dayOf(seenAt(a.engagement.LeaverFirstSeen, now), a.zone).before(last) {
		return false
	}
	a.last, a.ends, a.leaveAt = last, true, p.leaveAt(a.engagement, last, a.zone, now)
	return true
}

// contradicts reports that a record says both that the person works here and that they have left, and that neither is
// to be believed alone. Sources take up to a day to change a status at the end of an employment, so yesterday's end is
// none, and neither is one that was seen coming and has not been carried out yet.
func (a assessment) contradicts(s spell, now time.Time) bool {
	works := a.engagement.Status == identity.StatusActive || a.engagement.Status == identity.StatusOnLeave
	if !works || !a.ends || s.earlier || a.leaveAt.After(now) {
		return false
	}
	formal := a.last
	if end, ends, err := dayIn(a.engagement.TerminationDate); err == nil && ends && formal.before(end) {
		formal = end
	}
	if !formal.before(dayOf(now, a.zone).plus(-1)) {
		return false
	}
	seen := seenAt(a.engagement.LeaverFirstSeen, now)
	foreseen := dayOf(seen, a.zone).before(a.last)
	return a.engagement.Departed || !foreseen
}

// unknown keeps the leave moment: when it comes, the dates decide after all.
func (a assessment) unknown(why identity.Notice) assessment {
	a.standing, a.doubt = identity.StandingUnknown, &why
	return a
}

// seenAt is when something was first seen: now, if it is seen for the first time.
func seenAt(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at.UTC()
}

// missingForStanding returns the first field without which a standing cannot be told. An earlier employment under the
// same record has no first day.
func missingForStanding(r identity.Record, earlier bool) string {
	if r.HireDate == "" && !earlier {
		return "hire_date"
	}
	for _, field := range []string{"hire_date", "status", "last_day", "termination_date"} {
		if field == "hire_date" && earlier {
			continue
		}
		// Of two ends one is enough.
		ends := field == "last_day" && r.TerminationDate != "" || field == "termination_date" && r.LastDay != ""
		if slices.Contains(r.Missing, field) && !ends {
			return field
		}
	}
	return ""
}

func (p *Policy) zoneOf(location string) (zone *time.Location, guessed bool) {
	if zone, ok := p.locations[foldLocation(location)]; ok {
		return zone, false
	}
	return p.zone, true
}
