package system

import (
	"slices"

	"gatehouse/identity"
)

// Decision is what is decided about what an account holds, whether it can be carried out now or not.
type Decision struct {
	System, Account string
	// Taken is what a change of position takes, by kind and name, and Kept what was to be taken and is not.
	Taken, Kept map[identity.SystemObjectKind][]string
}

// Ref names the account.
func (d Decision) Ref() identity.Ref { return identity.Ref{System: d.System, ID: d.Account} }

// Decide says what is decided about the accounts of somebody who stays: what HR's change of position takes is taken in the end, however
// old the inventory is, whatever a system's mode and whoever holds it meanwhile. Only a rule that gives it again keeps it, and that
// somebody else has taken it.
func (s *Set) Decide(c Case) (out []Decision) {
	c.set = s
	if c.Leaving || !c.Person.Standing.Employed() || c.withheld() {
		return nil
	}
	for _, sys := range s.systems {
		view := viewIn(c.Views, sys.Name)
		at := view.Primary()
		if !sys.Ours() || at == nil || !personal(*at) || at.Disputed {
			continue
		}
		e := employee{Case: &c, sys: sys, view: view, gift: giftIn(sys.Name, c.Rules), account: *at}
		if d := e.decide(); len(d.Taken)+len(d.Kept) > 0 {
			out = append(out, d)
		}
	}
	return out
}

func (e *employee) decide() Decision {
	d := Decision{
		System: e.sys.Name, Account: e.account.ID,
		Taken: map[identity.SystemObjectKind][]string{}, Kept: map[identity.SystemObjectKind][]string{},
	}
	for _, kind := range []identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole} {
		has, gifts, taking := held(e.account, kind), e.gift.names[kind], e.account.Taking[kind]
		goes := func(name string) bool {
			return e.Person.Moved && e.set.managed[object{e.sys.Name, kind, name}] && !slices.Contains(taking, name)
		}
		for _, name := range without(has, gifts) {
			if goes(name) {
				d.Taken[kind] = append(d.Taken[kind], name)
			}
		}
		for _, name := range taking {
			gone := has != nil && !slices.Contains(has, name) && e.sys.Fresh(e.view, e.Person.AsOf)
			if gone || !e.Blocked && slices.Contains(gifts, name) {
				d.Kept[kind] = append(d.Kept[kind], name)
			}
		}
	}
	return d
}
