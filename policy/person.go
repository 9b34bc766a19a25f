package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// assessment is one engagement at one moment.
type assessment struct {
	engagement identity.Engagement
	standing   identity.Standing
	zone       *time.Location
	guessed    bool

	createAt, activateAt, leaveAt time.Time
	late                          bool
	// doubt is why the standing is unknown.
	doubt *identity.Notice
}

// Person works out where a person stands at a moment from everything HR knows about them. A person is a leaver only
// if no engagement says otherwise; an engagement that cannot be read makes an otherwise unemployed person unknown,
// never a leaver.
func (p *Policy) Person(key string, engagements []identity.Engagement, now time.Time) identity.Person {
	now = now.UTC()
	person := identity.Person{
		Key: key, AsOf: now, Standing: identity.StandingUnknown, Sources: len(engagements), Zone: p.zone.String(),
	}
	if len(engagements) == 0 {
		person.Notices = []identity.Notice{p.block(NoticeNoRecord, "no HR source has a record of this person: link one, or separate the account")}
		return person
	}
	all := make([]assessment, len(engagements))
	for i, e := range engagements {
		all[i] = p.assess(e, now)
	}
	slices.SortStableFunc(all, byWeight)
	deciding := all[0]

	person.Standing = deciding.standing
	person.Record = deciding.engagement.Record
	person.Zone, person.ZoneGuessed = deciding.zone.String(), deciding.guessed
	person.LeaveAt = deciding.leaveAt
	if day, err := parseDay(person.Record.NextChange); err == nil {
		// A day that is over, or whose change the source does not show yet, is left to the next poll.
		person.ChangeAt = earliestAfter(now, day.at(clock{}, deciding.zone))
	}
	if person.Standing.Employed() {
		person.CreateAt, person.ActivateAt, person.Late = deciding.createAt, deciding.activateAt, deciding.late
	}
	for _, a := range all {
		if a.doubt != nil {
			doubt := *a.doubt
			doubt.Blocking = person.Standing == identity.StandingUnknown
			person.Notices = append(person.Notices, doubt)
		}
	}
	person.Notices = append(person.Notices, p.gaps(person)...)
	return person
}

// byWeight orders assessments so that the deciding one comes first, whatever order they came in.
func byWeight(a, b assessment) int {
	return cmp.Or(
		cmp.Compare(weight(a.standing), weight(b.standing)),
		cmp.Compare(sourceWeight(a.engagement.Source), sourceWeight(b.engagement.Source)),
		cmp.Compare(b.engagement.HireDate, a.engagement.HireDate),
		cmp.Compare(a.engagement.Source, b.engagement.Source),
		cmp.Compare(a.engagement.EmployeeID, b.engagement.EmployeeID),
	)
}

func weight(s identity.Standing) int {
	order := [...]identity.Standing{
		identity.StandingActive, identity.StandingLeaving, identity.StandingOnLeave, identity.StandingUpcoming,
		identity.StandingUnknown, identity.StandingLeft, identity.StandingRescinded,
	}
	return slices.Index(order[:], s)
}

func sourceWeight(source string) int {
	switch source {
	case identity.SourceWorkday:
		return 0
	case identity.SourceBambooHR:
		return 1
	}
	return 2
}

// assess looks at one engagement. Dates decide before the status does: a status never overrides a last day that is
// past, except that a rescinded hire never was one.
func (p *Policy) assess(e identity.Engagement, now time.Time) assessment {
	a := assessment{engagement: e}
	a.zone, a.guessed = p.zoneOf(e.Location)
	switch {
	case !e.Found:
		return a.unknown(p.note(NoticeRecordMissing, "the source no longer has this person's record, which is not a termination: "+
			"check the source, then terminate there, or order a containment"))
	case e.Status == identity.StatusRescinded:
		a.standing = identity.StandingRescinded
		return a
	}
	if field := missingForStanding(e.Record); field != "" {
		return a.unknown(p.note(NoticeFieldMissing, fmt.Sprintf("the source did not send %s, without which nothing can be decided: "+
			"check the field and the permissions of the source's credential; if the person has left, order a containment", field)))
	}
	hire, last, leaves, err := dates(e.Record)
	if err != nil {
		return a.unknown(p.note(NoticeBadDate, "a date of the record cannot be read: correct it in the source"))
	}
	if leaves && last.before(hire) && e.Status != identity.StatusTerminated {
		return a.unknown(p.note(NoticeDatesDisagree, "the last day is before the first one, but the source does not say terminated: correct it in the source"))
	}
	a.activateAt = hire.at(p.activateAt, a.zone)
	a.createAt = a.activateAt.Add(-p.joiner.CreateBefore)
	seen := e.FirstSeen
	if seen.IsZero() {
		seen = now
	}
	a.late = hire.before(dayOf(seen, a.zone))
	switch {
	case leaves:
		a.leaveAt = p.leaveAt(e, last, a.zone, now)
	case e.Status == identity.StatusTerminated:
		a.leaveAt = now
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
	default:
		return a.unknown(p.note(NoticeStatusUnclear, "the source says neither active nor terminated: set the status or the last day in the source"))
	}
	return a
}

// unknown keeps the leave moment: when it comes, the dates decide after all.
func (a assessment) unknown(why identity.Notice) assessment {
	a.standing, a.doubt = identity.StandingUnknown, &why
	return a
}

// dates reads the dates of a record whose hire date is known to be there.
func dates(r identity.Record) (hire, last calendarDay, leaves bool, err error) {
	if hire, err = parseDay(r.HireDate); err != nil {
		return hire, last, false, err
	}
	end := cmp.Or(r.LastDay, r.TerminationDate)
	if end == "" {
		return hire, last, false, nil
	}
	last, err = parseDay(end)
	return hire, last, true, err
}

// missingForStanding returns the first field without which a standing cannot be told.
func missingForStanding(r identity.Record) string {
	if r.HireDate == "" {
		return "hire_date"
	}
	for _, field := range []string{"hire_date", "status", "last_day"} {
		if slices.Contains(r.Missing, field) && (field != "last_day" || r.TerminationDate == "") {
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

// gaps are the notices about what is not known of a person, beyond what makes the standing unknown.
func (p *Policy) gaps(person identity.Person) []identity.Notice {
	var out []identity.Notice
	r := person.Record
	if person.ZoneGuessed && (person.Standing.Employed() || person.Standing == identity.StandingLeft) {
		out = append(out, p.note(NoticeUnknownZone, fmt.Sprintf("location %q has no time zone in the policy, so that %s stands in: add it to locations",
			r.Location, person.Zone)))
	}
	if !person.Standing.Employed() {
		return out
	}
	if len(r.Missing) > 0 {
		out = append(out, p.note(NoticeFieldMissing, fmt.Sprintf("the source did not send %s: until it does, no role is taken and no group changed",
			strings.Join(r.Missing, ", "))))
	}
	if r.ManagerID == "" {
		out = append(out, p.note(NoticeNoManager, "no manager is known: set one in the source, or whoever owns this is told instead"))
	}
	if r.Department == "" {
		out = append(out, p.note(NoticeNoDepartment, "no department is known, so that only rules for everyone apply: set one in the source"))
	}
	return out
}
