package soak

import (
	"fmt"
	"slices"
	"strings"
	"time"

	// The company's places have their zones on every machine.
	_ "time/tzdata"
)

// record is an employment as HR has it, and what the generator knows beyond it.
type record struct {
	Source       string `json:"source"`
	EmployeeID   string `json:"employee_id"`
	Human        string `json:"human"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	WorkEmail    string `json:"work_email"`
	PersonalMail string `json:"personal_email"`
	Department   string `json:"department"`
	Title        string `json:"title"`
	Location     string `json:"location"`
	ManagerID    string `json:"manager_id"`
	HireDate     string `json:"hire_date"`
	LastDay      string `json:"last_day"`
	Termination  string `json:"termination_date"`
	Rescinded    bool   `json:"rescinded"`

	// leave is the moment from which the employment gives no access; zero if it has no end. known is when Gatehouse could
	// first know of the latest word about it, zero while the word is on its way; entered is when that was written down.
	leave, known, entered time.Time
	// unheard says that no webhook about the latest word came through, lost on its way or sent while nobody listened.
	unheard bool
}

func (r *record) key() string { return r.Source + "-" + r.EmployeeID }

// out reports whether the employment gives no access at a moment.
func (r *record) out(at time.Time) bool {
	return r.Rescinded || !r.leave.IsZero() && !r.leave.After(at)
}

// seenLate reports whether the word of their end can have been seen for the first time on their last day, which ends access at
// once: no webhook about it came through, and the day has begun where they work.
func (r *record) seenLate(at time.Time) bool {
	return r.unheard && r.LastDay != "" && at.In(r.zone()).Format(time.DateOnly) >= r.LastDay
}

// human is one person: the truth about them, and how they came to where they are.
type human struct {
	id      string
	records []*record
	// dirt is what their accounts were before Gatehouse first looked, empty for what it would have made itself.
	dirt string
	// moved says that their roles may have changed for a reason, fresh that Gatehouse has made their account.
	moved, fresh bool
	// returns counts how often they have come back: each brings an invitation.
	returns int
	course  []string
	// former are the keys of records that were renumbered since.
	former []string
	// spans are the times for which HR had them out and has taken it back.
	spans []span
	// released is when somebody last let go of them who were held by a budget.
	released time.Time
	// answered is when somebody last answered a question about them.
	answered time.Time
}

type span struct{ from, to time.Time }

// keys are those of all records, and those that they had before.
func (p *human) keys() []string {
	all := slices.Clone(p.former)
	for _, r := range p.records {
		all = append(all, r.key())
	}
	return all
}

// out reports whether they must be out at a moment, and since when they must and Gatehouse could know it. Unknown, since is
// zero.
func (p *human) out(at time.Time) (since time.Time, out bool) {
	for _, r := range p.records {
		if !r.out(at) {
			return time.Time{}, false
		}
	}
	for _, r := range p.records {
		moment := r.leave
		switch {
		case r.entered.IsZero():
		case r.known.IsZero():
			return time.Time{}, true
		case r.known.After(moment):
			moment = r.known
		}
		if moment.After(since) {
			since = moment
		}
	}
	if p.released.After(since) {
		since = p.released
	}
	return since, true
}

// works reports that they are here and stay: no end is known.
func (p *human) works(at time.Time) bool {
	return slices.ContainsFunc(p.records, func(r *record) bool {
		return !r.Rescinded && r.leave.IsZero() && r.HireDate <= at.Format(time.DateOnly)
	})
}

// note writes down what has become of them, for whoever plays it again.
func (p *human) note(at time.Time, format string, args ...any) {
	p.course = append(p.course, at.Format("2006-01-02 15:04 ")+fmt.Sprintf(format, args...))
}

// zones are those of the policy; every other place has the company's.
var zones = map[string]string{"Berlin": "Europe/Berlin", "London": "Europe/London", "Auckland": "Pacific/Auckland", "Honolulu": "Pacific/Honolulu"}

// zone is where an employment's days begin and end.
func (r *record) zone() *time.Location {
	name := zones[r.Location]
	if name == "" {
		name = "Europe/Berlin"
	}
	at, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // The zones come with this program.
	}
	return at
}

// leaveMoment is when access ends if HR writes a last day down now: at six in the evening where they work, or at once where
// the day has come already or they are not to know before.
func (r *record) leaveMoment(lastDay string, involuntary bool, now time.Time) time.Time {
	if involuntary || now.In(r.zone()).Format(time.DateOnly) >= lastDay {
		return now
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", lastDay+" 18:00", r.zone())
	if err != nil {
		panic(err) // The generator wrote the day.
	}
	return at.UTC()
}

// same compares names and addresses as people do.
func same(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

// wasOut reports whether they had to be out at a moment, by all that HR ever said of it: what was said and later taken back
// was right to act upon until then.
func (p *human) wasOut(at time.Time) bool {
	for _, s := range p.spans {
		if !s.from.After(at) && (s.to.IsZero() || !s.to.Before(at)) {
			return true
		}
	}
	return !slices.ContainsFunc(p.records, func(r *record) bool { return !r.out(at) && !r.seenLate(at) })
}
