package system

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// Case is a person as the plan of the systems sees them.
type Case struct {
	Person identity.Person
	// OneLogin is their account there, nil for none, and Plan what is to be done about it.
	OneLogin *identity.Account
	Plan     identity.Plan
	Views    []identity.SystemView
	// Values is the person as attributes see them.
	Values any

	// Leaving says that all access ends, since Left.
	Leaving bool
	Left    time.Time
	// Doubted says that a record of a leaver's is there by now and does not say so.
	Doubted bool
	// Blocked says that a person has to decide first, Frozen that an order forbids changes, Paused that one suspends sign-in for a while,
	// and Held that one preserves what accounts hold.
	Blocked, Frozen, Paused, Held bool

	// Rules are those that match, and those that are undecided.
	Rules []Granted
	// Stays are the moments until which old access stays, by what rules give with the roles that do.
	Stays []Stay
	// ExternalID is our id for the person.
	ExternalID string
	// Username is what their OneLogin account is or will be called, best first, and Domain what follows an @.
	Usernames []string
	Domain    string
	// UndoWithin is for how long after it a departure may have been a mistake.
	UndoWithin time.Duration

	// Protected says why an account must not be changed, "" if it may be.
	Protected func(identity.Account) string
	Note      func(code, text string) identity.Notice
	// Doubtful is the notice that an account, which has an address or none, does not get one that HR has.
	Doubtful func(address, has string) (identity.Notice, bool)

	set       *Set
	undecided []string
	// doubt is such a notice that has yet to be said.
	doubt *identity.Notice
}

// Stay says that what a rule gives stays with somebody for a while.
type Stay struct {
	Grant Grant
	Until time.Time
}

// Plan returns what is to be done about somebody's accounts, in the order of the systems in the file.
func (s *Set) Plan(c Case) []identity.SystemPlan {
	c.set = s
	var out []identity.SystemPlan
	doubted := slices.ContainsFunc(c.Plan.Notices, aboutAddress)
	for _, sys := range s.systems {
		view := ViewIn(c.Views, sys.Name)
		var plans []identity.SystemPlan
		switch {
		case sys.ProvisionedBy == ByOneLogin:
			plans = c.oneLogins(sys, view)
		case c.Leaving:
			plans = c.leave(sys, view)
		default:
			plans = append(c.employed(sys, view), c.further(sys, view)...)
		}
		for _, p := range plans {
			if doubted {
				p.Notices = slices.DeleteFunc(p.Notices, aboutAddress)
			}
			doubted = doubted || slices.ContainsFunc(p.Notices, aboutAddress)
			p.System, p.Leaving, p.Observe = sys.Name, p.Leaving || c.Leaving, sys.Mode != ModeEnforce && sys.ProvisionedBy != ByOneLogin
			if len(p.Steps)+len(p.Notices)+len(p.Carried)+len(p.Agreed) > 0 || !p.Due.IsZero() || p.Waits {
				out = append(out, p)
			}
		}
	}
	return out
}

// aboutAddress reports that a notice says that HR's address is not written. It is said once of everybody.
func aboutAddress(n identity.Notice) bool {
	return n.Code == NoticeAddressDoubtful || n.Code == NoticeOtherDomain
}

// oneLogins says what somebody should look at in a system that OneLogin provisions. Nothing is done there.
func (c *Case) oneLogins(sys System, view identity.SystemView) []identity.SystemPlan {
	if !c.Leaving {
		return c.wouldDelete(sys, view)
	}
	var out []identity.SystemPlan
	for _, a := range view.Accounts {
		// What was seen before sign-in ended says nothing about what OneLogin did then.
		if !personal(a) || a.Disputed || a.Document.Status != identity.AccountActive || !seenAt(view, a).After(c.Left) {
			continue
		}
		out = append(out, identity.SystemPlan{Account: a.ID, Notices: []identity.Notice{c.Note(NoticeStillOpen, fmt.Sprintf(
			"%s: this person has left and can still sign in there, where OneLogin provisions: check the app's provisioning in OneLogin, and close the account by hand",
			sys.Name))}})
	}
	return out
}

// wouldDelete warns where a change of roles has OneLogin delete the account of somebody who stays.
func (c *Case) wouldDelete(sys System, view identity.SystemView) []identity.SystemPlan {
	step, taken := c.Plan.Step(identity.StepRemoveRoles)
	a := view.Primary()
	if !taken || a == nil || sys.OnRemove != FateDelete {
		return nil
	}
	var roles []string
	for _, role := range step.Names {
		if slices.Contains(sys.CarriedBy, role) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return nil
	}
	return []identity.SystemPlan{{Account: a.ID, Notices: []identity.Notice{c.Note(NoticeWouldDelete, fmt.Sprintf(
		"taking %s has OneLogin delete the account in %s with what it owns: hand that over first", strings.Join(roles, ", "), sys.Name))}}}
}

// personal reports that an account is, or may be, a person's own.
func personal(a identity.SystemAccount) bool {
	return a.Kind == identity.KindPerson || a.Kind == identity.KindUnknown || a.Kind == ""
}

// untouchable is the plan of an account about which nothing is done, nil if something may be.
func (c *Case) untouchable(sys System, a identity.SystemAccount) *identity.SystemPlan {
	if a.Disputed {
		return &identity.SystemPlan{Account: a.ID, Notices: []identity.Notice{c.Note(NoticeDisputed, sys.Name+
			": the account linked to this person carries another employed person's traces, and nothing is done about it: say whose it is with `starter account`")}}
	}
	if reason := c.Protected(a.Document); reason != "" {
		return &identity.SystemPlan{Account: a.ID, Notices: []identity.Notice{c.Note(NoticeProtected, sys.Name+
			": nothing is done about the account, which is "+reason+": change it by hand, or change safety.protected")}}
	}
	return nil
}

// Deletes are the systems of which one thing is so and in which somebody has an account.
func (s *Set) Deletes(views []identity.SystemView, so func(System) bool) []string {
	var out []string
	for _, sys := range s.systems {
		if so(sys) && slices.ContainsFunc(ViewIn(views, sys.Name).Accounts, personal) {
			out = append(out, sys.Name)
		}
	}
	return out
}

// due notes that a plan may change by itself at a moment.
func due(p *identity.SystemPlan, now, at time.Time) {
	if at.After(now) && (p.Due.IsZero() || at.Before(p.Due)) {
		p.Due = at
	}
}
