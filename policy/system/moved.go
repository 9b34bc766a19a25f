package system

import (
	"slices"

	"gatehouse/identity"
)

// Decision is what is decided about what an account holds, whether it can be carried out now or not.
type Decision struct {
	System, Account string
	// Taken is what a change of position takes or a new employment does not keep, by kind and name, and Kept what was to be taken and is not.
	Taken, Kept map[identity.SystemObjectKind][]string
	// MovedWith is what has to be remembered of what the account holds at a change of position, by kind and name, and Changed says that
	// something else is.
	MovedWith map[identity.SystemObjectKind][]string
	Changed   bool
}

// Ref names the account.
func (d Decision) Ref() identity.Ref { return identity.Ref{System: d.System, ID: d.Account} }

// Decide says what is decided about the accounts of somebody who stays: what HR's change of position takes, or what a departure had yet to
// take of somebody who was hired anew, is taken in the end, however old the inventory is, whatever a system's mode and whoever holds it
// meanwhile. Only a rule that gives it again keeps it, and that somebody else has taken it. What cannot be decided because of a name or of
// whose the account is, is remembered until it can.
func (s *Set) Decide(c Case) (out []Decision) {
	c.set = s
	if c.Leaving || !c.Person.Standing.Employed() || c.withheld() {
		return nil
	}
	for _, sys := range s.systems {
		if !sys.Ours() {
			continue
		}
		view := ViewIn(c.Views, sys.Name)
		e := employee{Case: &c, sys: sys, view: view, gift: giftIn(sys.Name, c.Rules)}
		if at := view.Primary(); at != nil {
			out = append(out, e.decideAbout(*at, at.Disputed)...)
		}
		for _, at := range view.Candidates {
			out = append(out, e.decideAbout(at, true)...)
		}
	}
	return out
}

// decideAbout is what is decided about one account, nothing if that is no change. Of one of which it is doubtful whose it is, only what has to
// be remembered is.
func (e *employee) decideAbout(at identity.SystemAccount, doubtful bool) []Decision {
	if !personal(at) {
		return nil
	}
	e.account = at
	d := Decision{System: e.sys.Name, Account: at.ID}
	if !doubtful {
		d = e.decide()
	}
	e.remember(&d, doubtful)
	if len(d.Taken)+len(d.Kept) == 0 && !d.Changed {
		return nil
	}
	return []Decision{d}
}

func (e *employee) decide() Decision {
	d := Decision{
		System: e.sys.Name, Account: e.account.ID,
		Taken: map[identity.SystemObjectKind][]string{}, Kept: map[identity.SystemObjectKind][]string{},
	}
	for _, kind := range []identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole} {
		has, gifts, taking := held(e.account, kind), e.gift.names[kind], e.account.Taking[kind]
		goes := func(name string) bool {
			return e.moved(kind, name) && !slices.Contains(taking, name)
		}
		for _, name := range without(has, gifts) {
			if goes(name) {
				d.Taken[kind] = append(d.Taken[kind], name)
			}
		}
		gone := func(name string) bool {
			return has != nil && !slices.Contains(has, name) && e.sys.Fresh(e.view, e.Person.AsOf)
		}
		for _, name := range taking {
			if gone(name) || !e.Blocked && slices.Contains(gifts, name) || e.Person.Withdrawn && !e.managed(kind, name) {
				d.Kept[kind] = append(d.Kept[kind], name)
			}
		}
		for _, name := range e.untaken(kind) {
			switch {
			case e.Blocked, slices.Contains(taking, name): // What a change of position takes goes whatever the departure has decided.
			case gone(name), slices.Contains(gifts, name), !e.anew():
				d.Kept[kind] = append(d.Kept[kind], name)
			default:
				d.Taken[kind] = append(d.Taken[kind], name)
			}
		}
	}
	return d
}

// moved reports that a change of position takes something, if no rule gives it. What is remembered of one goes once the name by which rules
// managed it is clear, whatever has that name now.
func (e *employee) moved(kind identity.SystemObjectKind, name string) bool {
	remembered := slices.Contains(e.account.MovedWith[kind], name)
	if e.managed(kind, name) {
		return e.Person.Moved || remembered
	}
	was := e.managedAs(kind, name)
	return remembered && len(was) > 0 && !e.anyUnclear(kind, was) && !e.givenBy(kind, was)
}

// remember says what of what an account holds is taken once it can be decided about: what rules manage while it is doubtful whose the account
// is, and what they managed by a name that means nothing now, or several things.
func (e *employee) remember(d *Decision, doubtful bool) {
	d.MovedWith = map[identity.SystemObjectKind][]string{}
	for _, kind := range []identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole} {
		if held(e.account, kind) == nil {
			d.MovedWith[kind] = e.account.MovedWith[kind]
			continue
		}
		over := d.Taken[kind]
		if !e.Blocked {
			over = slices.Concat(over, e.gift.names[kind])
		}
		var open []string
		for _, name := range without(held(e.account, kind), over) {
			before, was := slices.Contains(e.account.MovedWith[kind], name), e.managedAs(kind, name)
			undecided := doubtful && e.managed(kind, name) || e.anyUnclear(kind, was)
			if undecided && (before || e.Person.Moved) || before && len(was) > 0 && (e.Blocked || !e.givenBy(kind, was)) {
				open = append(open, name)
			}
		}
		if len(open) > 0 {
			d.MovedWith[kind] = open
		}
		d.Changed = d.Changed || !slices.Equal(open, sorted(e.account.MovedWith[kind]))
	}
}

// managedAs are the names that something had before and by which rules manage something.
func (e *employee) managedAs(kind identity.SystemObjectKind, name string) []string {
	return slices.DeleteFunc(slices.Clone(e.account.Formerly[kind][name]), func(was string) bool { return !e.managed(kind, was) })
}

// anyUnclear reports that one of some names is nothing's, or that of several things.
func (e *employee) anyUnclear(kind identity.SystemObjectKind, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains(e.view.Unclear, identity.SystemObject{System: e.sys.Name, Kind: kind, Name: name})
	})
}

// givenBy reports that a rule gives something by one of some names, or may.
func (e *employee) givenBy(kind identity.SystemObjectKind, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains(e.gift.names[kind], name) || slices.Contains(e.gift.open[kind], name)
	})
}

// untaken is what the departure before had decided to take of a kind and has not taken.
func (e *employee) untaken(kind identity.SystemObjectKind) []string {
	if e.account.Departure == nil {
		return nil
	}
	return e.account.Departure.Untaken[kind]
}

// anew reports that somebody is here by a new employment, or again later than a departure may have been a mistake: they start from the
// rules.
func (e *employee) anew() bool {
	decided := e.account.Departure.Decided
	hired := e.Person.Record.HireDate >= e.Person.DayOf(decided)
	return !e.Person.Withdrawn && (hired || e.Person.AsOf.Sub(decided) >= e.UndoWithin)
}
