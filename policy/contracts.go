package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// contractWords are what employment types of people with a contract hold, where the policy does not say which they are.
func contractWords() []string {
	return []string{"contract", "contingent", "temporary", "temp worker", "fixed term", "fixed-term", "freelance"}
}

// contract reports whether somebody works under a contract that is extended rather than ended.
func (p *Policy) contract(person *identity.Person) bool {
	if person.Record.Source == identity.SourceSponsored {
		return true
	}
	if p.contracts != nil {
		yes, err := p.contracts.Holds(viewOf(person))
		// Nobody is hurt by a warning that was not needed.
		return yes || err != nil
	}
	kind := strings.ToLower(person.Record.EmploymentType)
	return slices.ContainsFunc(contractWords(), func(word string) bool { return strings.Contains(kind, word) })
}

// warn says that a contract ends soon, because an extension that HR enters after the end comes too late, and when to say
// so next. The end of anybody else is nobody's business before it comes, and where offboarding observes, nothing ends.
func (p *Policy) warn(person *identity.Person) {
	left := person.LeaveAt.Sub(person.AsOf)
	if person.LeaveAt.IsZero() || left <= 0 || !person.Standing.Employed() || person.Record.Involuntary ||
		p.modes.Offboarding == ModeObserve || !p.contract(person) {
		return
	}
	var stage time.Duration
	stages, sponsored := p.leaver.WarnBefore, person.Record.Source == identity.SourceSponsored
	if sponsored {
		stages = warnSponsored()
	}
	for _, before := range stages {
		if left <= before && (stage == 0 || before < stage) {
			stage = before
		}
		person.WarnAt = earliestAfter(person.AsOf, person.WarnAt, person.LeaveAt.Add(-before))
	}
	switch {
	case sponsored && (stage > 0 || person.Record.Unconfirmed):
		person.Notices = append(person.Notices, p.noteSponsored(person.Record, stage))
	case stage > 0:
		person.Notices = append(person.Notices, p.note(NoticeContractEnds, fmt.Sprintf("the contract ends within %s, and the source has no "+
			"extension: enter it there before the last day, or access ends then", spanOf(stage))))
	}
}

// spanOf writes a duration as people do.
func spanOf(d time.Duration) string {
	switch {
	case d == yamlfile.Day:
		return "a day"
	case d%yamlfile.Day == 0:
		return fmt.Sprintf("%d days", d/yamlfile.Day)
	}
	return d.String()
}
