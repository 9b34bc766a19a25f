package policy

import (
	"slices"
	"time"

	"gatehouse/identity"
)

// spell is one stretch of employment that a record tells of. A record may tell of two: with a first day behind the end
// that is still on it, the end belongs to the employment before.
type spell struct {
	identity.Engagement
	// earlier says that another employment follows under the same record.
	earlier bool
	remarks []identity.Notice
}

// spells assesses every stretch of employment, the deciding one first. What is no longer in its source decides nothing
// about a human of whom another record is there.
func (p *Policy) spells(engagements []identity.Engagement, now time.Time) []assessment {
	var all []assessment
	for _, e := range engagements {
		for _, s := range p.expand(e, now) {
			all = append(all, p.assess(s, now))
		}
	}
	there := slices.ContainsFunc(all, func(a assessment) bool {
		return a.engagement.Found && a.standing != identity.StandingRescinded
	})
	p.disagree(all)
	p.movedAhead(all, now)
	bridge(all)
	slices.SortStableFunc(all, func(a, b assessment) int {
		if there && a.engagement.Found != b.engagement.Found {
			if a.engagement.Found {
				return -1
			}
			return 1
		}
		return byWeight(a, b)
	})
	return all
}

// expand takes an engagement apart into its stretches of employment: those that the source shows beside each other under
// one id, and an end that is older than the first day. What the ledger has of the end is about the last one.
func (p *Policy) expand(e identity.Engagement, now time.Time) []spell {
	records := append([]identity.Record{e.Record}, e.Others...)
	var latest calendarDay
	for _, rec := range records {
		if end, ends, err := endOf(rec, now); err == nil && ends && latest.before(end) {
			latest = end
		}
	}
	var out []spell
	for _, rec := range records {
		one := e
		one.Record, one.Others = rec, nil
		if end, ends, err := endOf(rec, now); err == nil && ends && end.before(latest) {
			one.LeaverDue = time.Time{}
		}
		out = append(out, p.divideByEnd(one, now)...)
	}
	return out
}

func (p *Policy) divideByEnd(e identity.Engagement, now time.Time) []spell {
	hire, hired, badHire := dayIn(e.HireDate)
	last, ends, badEnd := endOf(e.Record, now)
	if badHire != nil || badEnd != nil || !hired || !ends || !last.before(hire) || e.Status == identity.StatusTerminated ||
		e.Status == identity.StatusRescinded || !e.Found {
		return []spell{{Engagement: e}}
	}
	before, after := e, e
	before.HireDate = ""
	after.LastDay, after.TerminationDate, after.Involuntary = "", "", false
	return []spell{{Engagement: before, earlier: true}, {Engagement: after, remarks: []identity.Notice{p.note(NoticeDatesDisagree,
		"the record still carries an end before its first day, which does not count: remove it in the source")}}}
}

// disagree marks what goes on by one row of a source although another row says that the same employment ends: the same id,
// first day and type, so that neither is another profile of theirs. Which of the two is out of date nobody can tell.
func (p *Policy) disagree(all []assessment) {
	for i := range all {
		on := &all[i]
		if on.ends || !on.hired || on.standing != identity.StandingActive && on.standing != identity.StandingOnLeave {
			continue
		}
		if slices.ContainsFunc(all, func(over assessment) bool {
			return (over.standing == identity.StandingLeft || over.standing == identity.StandingLeaving) && over.engagement.HireDate == on.engagement.HireDate &&
				over.engagement.Source == on.engagement.Source && over.engagement.EmployeeID == on.engagement.EmployeeID &&
				over.engagement.EmploymentType == on.engagement.EmploymentType
		}) {
			*on = on.unknown(p.note(NoticeStatusContradictsEnd, "one row of the source says that this person works here, and another says that the same "+
				"employment ends: remove the row that is out of date; if they have left, order a containment"))
		}
	}
}

// bridge marks the engagements that another one follows without a gap, which begins on the day after the last one at the
// latest. They do not end: until the next one begins they go on as they are. An involuntary end is one whatever follows.
func bridge(all []assessment) {
	for i := range all {
		a := &all[i]
		if !a.ends || a.engagement.Involuntary || !slices.Contains([]identity.Standing{
			identity.StandingLeft, identity.StandingLeaving, identity.StandingOnLeave,
		}, a.standing) {
			continue
		}
		for _, b := range all {
			if b.standing != identity.StandingUpcoming || !b.hired || a.last.plus(1).before(b.hire) ||
				!b.leaveAt.IsZero() && !b.leaveAt.After(a.leaveAt) {
				continue
			}
			a.goesOnAt, a.leaveAt = b.activateAt, time.Time{}
			if a.standing != identity.StandingOnLeave {
				a.standing = identity.StandingActive
			}
			break
		}
	}
}

// between returns since when somebody is out whose next engagement is still to begin. Once that is to be prepared they
// belong to the company again, unless their departure was not carried out until then; if they were here until then, with its
// first day. Zero, or the end of the next engagement, if they are not out. Of a departure of which no record tells any more,
// they are made ready on the first day itself.
func between(next assessment, all []assessment, now time.Time) time.Time {
	told := slices.ContainsFunc(all, func(a assessment) bool { return a.standing == identity.StandingLeft })
	doubtful := slices.ContainsFunc(all, func(a assessment) bool { return a.standing == identity.StandingUnknown && a.engagement.Found })
	since, open := outSince(all, now), all[0].engagement.OpenSince
	prepared := !now.Before(next.createAt) && endedAt(all, now).Before(next.createAt) && (open.IsZero() || open.After(now))
	if since.IsZero() || !told && (doubtful || !dayOf(now, next.zone).before(next.hire)) || prepared {
		return next.leaveAt
	}
	return since
}

// outSince returns since when somebody is out who has no engagement by now: by the departure that lasts, else by what ended last. What
// had ended at the last look, which had them here by another record all the same, ends now.
func outSince(all []assessment, now time.Time) time.Time {
	since, here := endedAt(all, now), all[0].engagement.HereAt
	if all[0].engagement.OutSince.IsZero() && !since.IsZero() && !here.IsZero() && !since.After(here) {
		return now
	}
	return since
}

// endedAt is when what ended last has ended, by the departure that lasts or by the records.
func endedAt(all []assessment, now time.Time) (since time.Time) {
	for _, a := range all {
		out := a.leaveAt
		switch {
		case !a.engagement.OutSince.IsZero():
			return seenAt(a.engagement.OutSince, now)
		case a.endErased(now):
			out = a.erasedAt(now)
		case a.standing != identity.StandingLeft:
			continue
		}
		if out.After(since) {
			since = out
		}
	}
	return since
}

// endErased reports that a record which tells of the next employment alone told of an end before, which was carried out. On the first day
// itself the person is made ready.
func (a assessment) endErased(now time.Time) bool {
	return a.standing == identity.StandingUpcoming && a.engagement.Departed && a.engagement.Begun && !a.engagement.LeaverFirstSeen.IsZero() &&
		dayOf(now, a.zone).before(a.hire)
}

// erasedAt is when that end was carried out. Of one that was carried out before this was written down it is when it was announced.
func (a assessment) erasedAt(now time.Time) time.Time {
	if a.engagement.LeaverDue.IsZero() {
		return seenAt(a.engagement.LeaverFirstSeen, now)
	}
	return seenAt(a.engagement.LeaverDue, now)
}

// Ends reports whether a record has an end that counts, of the employment that it tells of now, and when it is due. It is what the ledger
// remembers between looks. Nothing is due of an end that another engagement follows without a gap.
func (p *Policy) Ends(e identity.Engagement, now time.Time) (due time.Time, ends bool) {
	all := p.spells([]identity.Engagement{e}, now)
	for _, a := range all {
		if a.standing.Employed() && a.standing != identity.StandingUpcoming {
			return a.leaveAt, a.ends
		}
	}
	for _, a := range all {
		if a.endErased(now) {
			return a.engagement.LeaverDue, true
		}
		if a.leaveAt.After(due) {
			due = a.leaveAt
		}
	}
	return due, !due.IsZero()
}
