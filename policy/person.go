package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// Person works out where a person stands at a moment from everything HR knows about them. A person is a leaver only
// if no engagement says otherwise; an engagement that cannot be read makes an otherwise unemployed person unknown,
// never a leaver. An engagement that is followed by another one without a gap does not end; one whose successor begins
// later does: the person is out from LeaveAt until ActivateAt.
func (p *Policy) Person(key string, engagements []identity.Engagement, now time.Time) identity.Person {
	now = now.UTC()
	person := identity.Person{
		Key: key, AsOf: now, Standing: identity.StandingUnknown, Sources: len(engagements), Zone: p.zone.String(),
	}
	if len(engagements) == 0 {
		person.Notices = []identity.Notice{p.block(NoticeNoRecord, "no HR source has a record of this person: link one, or separate the account")}
		return person
	}
	all := p.spells(engagements, now)
	deciding := all[0]

	person.Standing = deciding.standing
	person.Record = deciding.engagement.Record
	if person.Standing.Employed() {
		person.Record = person.Record.WithoutGarbled()
	}
	person.Zone, person.ZoneGuessed = deciding.zone.String(), deciding.guessed
	person.LeaveAt = deciding.leaveAt
	if person.Standing == identity.StandingLeft {
		person.LeaveAt = outSince(all, now)
	}
	changes := []time.Time{deciding.goesOnAt}
	if day, err := parseDay(person.Record.NextChange); err == nil {
		changes = append(changes, day.at(yamlfile.Clock{}, deciding.zone))
	}
	// A day that is over, or whose change the source does not show yet, is left to the next poll.
	person.ChangeAt = earliestAfter(now, changes...)
	if person.Standing.Employed() {
		person.CreateAt, person.ActivateAt, person.Late = deciding.createAt, deciding.activateAt, deciding.late
	}
	if person.Standing == identity.StandingUpcoming {
		person.LeaveAt = between(deciding, all, now)
	}
	if person.Standing == identity.StandingUnknown {
		for _, e := range engagements {
			person.LeftAt = e.LeftAt // It is the person's, whatever record it is asked of.
		}
	}
	p.warn(&person)
	for _, a := range all {
		if a.doubt != nil {
			doubt := *a.doubt
			doubt.Blocking = person.Standing == identity.StandingUnknown
			person.Notices = append(person.Notices, doubt)
		}
		person.Notices = append(person.Notices, a.remarks...)
	}
	person.Notices = append(person.Notices, p.gaps(person)...)
	return person
}

// byWeight orders assessments so that the deciding one comes first, whatever order they came in. Of what has ended that is what ended last.
func byWeight(a, b assessment) int {
	ended := 0
	if a.standing == identity.StandingLeft {
		ended = b.leaveAt.Compare(a.leaveAt)
	}
	return cmp.Or(
		cmp.Compare(weight(a.standing), weight(b.standing)), ended,
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
	if r.Tied {
		out = append(out, p.note(NoticeRowsTied, "the source has rows of equal rank that say different things about this person, and what they say "+
			"decided which of them counts: end or delete the one that is wrong in the source"))
	}
	if r.ManagerID == "" {
		out = append(out, p.note(NoticeNoManager, "no manager is known: set one in the source, or whoever owns this is told instead"))
	}
	if r.Department == "" {
		out = append(out, p.note(NoticeNoDepartment, "no department is known, so that only rules for everyone apply: set one in the source"))
	}
	return out
}
