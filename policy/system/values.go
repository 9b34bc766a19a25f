package system

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
)

// value is what an attribute should be. Unknown ones are left alone.
type value struct {
	text  string
	known bool
}

// desired works out what an attribute should be for somebody whose account has a value, or none.
func (c *Case) desired(a attribute, has string) value {
	if a.name == managerOf {
		return value{}
	}
	switch {
	case a.owner == ownerOneLogin && c.OneLogin == nil:
		return value{}
	case a.owner == ownerHR && slices.Contains([]string{firstName, lastName, displayName, email}, a.name) && c.Person.Record.NameDoubted:
		return value{}
	case a.owner != ownerHR && a.owner != ownerOneLogin && (!c.owns(a.owner) || Unclear(c.Views, a.compares)):
		return value{}
	}
	text, known, err := a.from.Of(c.variables(), c.unread()...)
	if err != nil {
		c.undecided = append(c.undecided, a.name)
	}
	switch {
	case err != nil || !known:
		return value{}
	case text != "":
		return value{text, !c.doubts(a, text, has)}
	case a.owner == ownerHR && c.withheld():
		return value{} // A record of which a part did not come empties nothing.
	}
	switch a.onEmpty {
	case emptyKeep:
		return value{}
	case emptyClear:
		return value{"", true}
	}
	return value{a.fallback, true}
}

// doubts reports that an address of HR's is not written into an account, and notes that.
func (c *Case) doubts(a attribute, text, has string) bool {
	if a.owner != ownerHR || a.name != email || a.normal(text) == a.normal(has) {
		return false
	}
	n, doubtful := c.Doubtful(text, has)
	if doubtful {
		c.doubt = &n
	}
	return doubtful
}

// owns reports that a system has an account of theirs that says what its attributes are.
func (c *Case) owns(system string) bool {
	view := ViewIn(c.Views, system)
	a := view.Primary()
	sys, ok := c.set.Named(system)
	return ok && sys.Fresh(view, c.Person.AsOf) && a != nil && !a.Disputed
}

func (c *Case) variables() Variables {
	return Variables{Person: c.Values, Account: c.account(), Views: c.Views}
}

func (c *Case) account() *identity.Account {
	if c.OneLogin == nil {
		return &identity.Account{}
	}
	return c.OneLogin
}

// unread are the fields of the person that the source dropped, or sent so that they cannot be read: what is made of one is not known.
func (c *Case) unread() (paths [][]string) {
	for _, field := range slices.Concat(c.Person.Record.Missing, c.Person.Record.Garbled) {
		paths = append(paths, []string{"person", field})
		if made, other := map[string]string{"work_phone": "phone", "location": "zone"}[field]; other {
			paths = append(paths, []string{"person", made})
		}
	}
	return paths
}

// withheld reports that the source dropped a field, or sent one that cannot be read.
func (c *Case) withheld() bool {
	return len(c.Person.Record.Missing)+len(c.Person.Record.Garbled) > 0
}

// changes are the attributes of an account that are to be written, and those that have come to agree. What somebody should look at becomes
// a notice.
func (c *Case) changes(sys System, view identity.SystemView, a identity.SystemAccount) (
	out []identity.SystemChange, agreed map[string]identity.SystemValue, notices []identity.Notice,
) {
	read := seenAt(view, a)
	for _, own := range c.set.attributes {
		of, written := own.in(sys)
		if !written || of.when == whenCreateOnly {
			continue
		}
		want := c.desired(of, valueOf(a, of.name))
		if of.name == managerOf {
			want = value{view.Manager, view.Manager != "" && view.Manager != a.ID}
		}
		if !want.known {
			continue
		}
		change, code := of.compare(want.text, a, read, view.Same)
		if change != nil {
			out = append(out, *change)
		}
		if code != "" {
			notices = append(notices, c.Note(code, fmt.Sprintf(valueTexts[code], sys.Name, of.name)))
		}
		if v, is := of.agreed(want.text, a, read, view.Digest); is {
			if agreed == nil {
				agreed = map[string]identity.SystemValue{}
			}
			agreed[of.name] = v
		}
	}
	return out, agreed, notices
}

// valueTexts say what became of an attribute of a system.
var valueTexts = map[string]string{
	NoticeDrift: "%s: somebody has changed %[2]s there since it was as its owner has it, and it stays: change it with its owner, or write when: always",
	NoticeValueNotKept: "%s has been told another %[2]s and keeps what it has: it is not written again before either of them changes; " +
		"correct it with its owner, or see what the system does to it",
	NoticeConflict: "%s: %[2]s was changed there and by its owner: the owner's value is written; make such changes with the owner",
}

// seenAt is when an account was last read. A reading of the whole system that finds it as it was leaves its own time as it is.
func seenAt(view identity.SystemView, a identity.SystemAccount) time.Time {
	if view.ReadAt.After(a.ObservedAt) {
		return view.ReadAt
	}
	return a.ObservedAt
}

// compare says what to do about an account that was last read at an instant and should have a value: a change to make, or the code of a
// notice.
func (a attribute) compare(want string, account identity.SystemAccount, read time.Time, same func(digest, value string) bool) (change *identity.SystemChange, code string) {
	have := valueOf(account, a.name)
	normal, shown := a.normal(want), a.normal(have)
	if normal == shown {
		return nil, ""
	}
	write := &identity.SystemChange{Attribute: a.name, From: have, To: want, Normal: normal}
	was, wrote := account.Values[a.name]
	if !wrote || same == nil {
		return write, ""
	}
	// A value is also known by the form that the policy had for it when it was written, and one without a form as it was written.
	then := a.as(was.Form)
	decided := same(was.Written, normal) || same(was.Written, then.normal(want))
	seen := same(was.Seen, shown) || same(was.Seen, then.normal(have))
	if was.Form != "" && was.Written == was.Seen {
		seen = false // Nothing was refused or changed there: what differs did not count by the form of then.
	}
	switch {
	case read.Before(was.At) && !same(was.Written, shown):
		return nil, "" // What is shown is from before the value was written.
	case decided && seen:
		return nil, NoticeValueNotKept
	case decided && a.when == whenAlways:
		return write, ""
	case decided:
		return nil, NoticeDrift
	case was.Seen == "" || seen || same(was.Written, shown):
		return write, ""
	}
	return write, NoticeConflict
}

// agreed reports that an account is as it should be, although nothing is known of that: it was so when it was first seen, somebody has
// entered the same by hand, or the owner has gone back to what was there. Later changes are judged by what is to be known of it then.
func (a attribute) agreed(want string, account identity.SystemAccount, read time.Time, digest func(string) string) (identity.SystemValue, bool) {
	was := account.Values[a.name]
	normal := a.normal(want)
	if digest == nil || read.Before(was.At) || normal != a.normal(valueOf(account, a.name)) {
		return identity.SystemValue{}, false
	}
	now := digest(normal)
	is := identity.SystemValue{Written: now, Seen: now, At: was.At, Form: a.form()}
	return is, was != is && (now != "" || was.Written+was.Seen != "")
}

// OneLogin is what another system that owns an attribute has OneLogin's profile say. keep says that it is not known: OneLogin's
// value stays.
type OneLogin struct {
	Attribute, Value string
	Keep, Clear      bool
}

// ForOneLogin are the attributes of OneLogin's profile that other systems own. Of somebody who has no account yet, what is not known is
// left to HR.
func (s *Set) ForOneLogin(c Case) []OneLogin {
	c.set = s
	var out []OneLogin
	for _, a := range s.attributes {
		if !a.toOneLogin() || c.OneLogin != nil && a.when == whenCreateOnly {
			if a.toOneLogin() {
				out = append(out, OneLogin{Attribute: a.name, Keep: true})
			}
			continue
		}
		want := c.desired(a, "")
		switch {
		case want.known:
			out = append(out, OneLogin{Attribute: a.name, Value: want.text, Clear: want.text == ""})
		case c.OneLogin != nil:
			out = append(out, OneLogin{Attribute: a.name, Keep: true})
		}
	}
	return out
}

// Texts are the expressions that attributes are made by.
func (s *Set) Texts() []string {
	var out []string
	for _, a := range s.attributes {
		out = append(out, a.from.Text)
		for _, sys := range s.systems {
			if own, there := sys.overrides[a.name]; there {
				out = append(out, own.from.Text)
			}
		}
	}
	return out
}

// NewAddresses are the addresses of HR's that accounts of somebody's may get, and that neither OneLogin's account nor the one there has.
func (s *Set) NewAddresses(c Case) []string {
	c.set = s
	var out []string
	for _, sys := range s.systems {
		has, made := "", true
		if a := ViewIn(c.Views, sys.Name).Primary(); a != nil {
			has, made = a.Document.Email, false
		}
		var texts []string
		for _, own := range s.attributes {
			if of, written := own.in(sys); written && of.name == email && of.owner == ownerHR && (made || of.when != whenCreateOnly) {
				text, _, _ := of.from.Of(c.variables(), c.unread()...)
				texts = append(texts, text)
			}
		}
		if made && c.account().Email == "" {
			texts = append(texts, c.Person.Record.WorkEmail)
		}
		for _, text := range texts {
			known := identity.SameMailbox(text, has) || identity.SameMailbox(text, c.account().Email) || slices.Contains(out, text)
			if sys.Ours() && identity.PlainAddress(text) && !known {
				out = append(out, text)
			}
		}
	}
	return out
}

// Written are the attributes that a system's accounts get.
func (s *Set) Written(system string) (names []string) {
	sys, _ := s.Named(system)
	for _, a := range s.attributes {
		if _, written := a.in(sys); written {
			names = append(names, a.name)
		}
	}
	return names
}
