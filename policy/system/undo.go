package system

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// lasting says in words what a departure does that nobody can undo from here, by the step that does it. They are short, because messages
// cut what is long.
var lasting = []struct {
	step  identity.SystemStepKind
	words string
}{
	{identity.SystemTransfer, "files and calendars handed over or under way"},
	{identity.SystemResetPassword, "the password"},
	{identity.SystemRevokeGrants, "app access and passwords, backup codes, recovery addresses, automatic forwarding of mail"},
	{identity.SystemDemote, "administrator roles, if any"},
}

// mailboxBack takes the mailbox of somebody who is here again back from whom a departure gave it to. It comes before what else they get:
// nobody else is to read their mail meanwhile. Before the first day of a new employment it answers, and is read, as the departure has left it.
func (e *employee) mailboxBack() {
	d := e.account.Departure
	if d == nil {
		return
	}
	if !e.begun() {
		due(&e.plan, e.Person.AsOf, e.Person.ActivateAt)
		return
	}
	if !d.Done[identity.SystemAutoReply].IsZero() {
		e.add(identity.SystemStep{Kind: identity.SystemEndReply})
	}
	for _, to := range d.Delegates {
		e.add(identity.SystemStep{Kind: identity.SystemUndelegate, To: to})
	}
}

// undo takes back what else a departure has set in the account of somebody who is here again, and says what stays as it is.
func (e *employee) undo() {
	e.amongLeavers()
	d := e.account.Departure
	if d == nil || !e.begun() {
		return
	}
	if e.placeBack() {
		e.add(identity.SystemStep{Kind: identity.SystemMove, To: d.Place})
	}
	e.notUndone(d)
	e.licencesGone()
}

// released are the licences that the departure released, whether or not it is withdrawn: Gatehouse gives none back by itself.
func released(d *identity.SystemDeparture) []string {
	return sorted(slices.Concat(d.Took[identity.ObjectLicence], d.Back[identity.ObjectLicence]))
}

// licencesGone says for as long as it is so that somebody has fewer licences than the departure released, those that rules give included.
// Of what rules manage and do not give, nothing is missing.
func (e *employee) licencesGone() {
	const kind = identity.ObjectLicence
	all, has := released(e.account.Departure), sorted(slices.Concat(e.account.Licences, e.gift.names[kind]))
	gone := slices.DeleteFunc(without(all, has), func(name string) bool { return e.managed(kind, name) })
	if len(gone) == 0 || len(has) >= len(all) || e.Person.Standing == identity.StandingOnLeave {
		return
	}
	e.note(NoticeLicencesGone, fmt.Sprintf("access is back without licences that the departure released, and no rule gives them: %s. Assign them by hand, or give them "+
		"by a rule: without a licence there may be no mailbox", strings.Join(gone, ", ")))
}

// amongLeavers says that an account is used again where leavers' are.
func (e *employee) amongLeavers() {
	d := e.account.Departure
	opened := e.plan.Has(identity.SystemResume) || d != nil && !d.Done[identity.SystemMove].IsZero()
	if opened && e.begun() && e.whereLeaversAre() && !e.placeBack() {
		e.note(NoticeStaysAside, "the account is opened again where leavers' are, and no rule says where it belongs: move it by hand, or give it a place by a rule")
	}
}

// placeBack reports that the account goes back to where it was, however long that takes: a departure that is withdrawn has moved it, and
// no rule says where it belongs.
func (e *employee) placeBack() bool {
	d := e.account.Departure
	return d != nil && (e.Person.Withdrawn || d.PlaceBack) && d.Place != "" && e.whereLeaversAre() && !e.gift.placeOpen && !e.forLeavers(d.Place)
}

// whereLeaversAre reports that the account is in the place of leavers, and that no rule gives it another.
func (e *employee) whereLeaversAre() bool {
	return e.gift.container == "" && e.forLeavers(e.account.Container)
}

// forLeavers reports that a place is that of leavers, or was when the account was moved there.
func (e *employee) forLeavers(place string) bool {
	to, d := e.sys.Leaver.MoveTo, e.account.Departure
	return to != "" && identity.SamePlace(place, to) || d != nil && d.MovedTo != "" && identity.SamePlace(place, d.MovedTo)
}

// giveBack gives back what a departure took that is withdrawn, if no rule manages it. Nothing that is privileged comes back by itself, and
// nothing at all while nobody can tell what is privileged.
func (e *employee) giveBack(step identity.SystemStepKind, kind identity.SystemObjectKind) {
	names := slices.DeleteFunc(e.lost(kind), func(name string) bool { return e.privileged(kind, name) })
	if len(names) > 0 && !e.sys.HidesPrivileged(e.view) && e.begun() && e.Person.Standing != identity.StandingOnLeave {
		e.add(identity.SystemStep{Kind: step, Names: names, Back: true})
	}
}

// privileged reports that something which a departure took is privileged by its name, or by one that it had before.
func (e *employee) privileged(kind identity.SystemObjectKind, name string) bool {
	called := append([]string{name, e.account.Departure.TookAs[kind][name]}, e.account.Formerly[kind][name]...)
	return slices.ContainsFunc(called, func(as string) bool { return as != "" && slices.Contains(e.sys.Privileged, as) })
}

// lost is what a withdrawn departure took of a kind and no rule manages, as far as the system still has it.
func (e *employee) lost(kind identity.SystemObjectKind) (names []string) {
	d := e.account.Departure
	if d == nil {
		return nil
	}
	all := d.Back[kind]
	if e.Person.Withdrawn {
		all = slices.Concat(all, d.Took[kind])
	}
	for _, name := range without(all, held(e.account, kind)) {
		if _, unnamed := identity.UnnamedID(name); !unnamed && !e.managed(kind, name) {
			names = append(names, name)
		}
	}
	return names
}

// notUndone says, for as long after the departure or the first day that followed it as a departure may have been a mistake, what of it
// stays as it is.
func (e *employee) notUndone(d *identity.SystemDeparture) {
	var kinds []string
	recent := func(at time.Time) bool {
		since := at
		if back := e.Person.ActivateAt; back.After(at) && !back.After(e.Person.AsOf) {
			since = back
		}
		return !at.IsZero() && e.Person.AsOf.Sub(since) < e.UndoWithin
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(d.Done)), recent) {
		return
	}
	for _, l := range lasting {
		if recent(d.Done[l.step]) {
			kinds = append(kinds, l.words)
		}
	}
	if len(released(d)) > 0 {
		kinds = append(kinds, "what was deleted with released licences")
	}
	for _, kind := range []identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole} {
		lost := e.lost(kind)
		if slices.ContainsFunc(lost, func(name string) bool { return e.privileged(kind, name) }) {
			kinds = append(kinds, "membership in a privileged "+string(kind))
		} else if len(lost) > 0 && e.sys.HidesPrivileged(e.view) {
			kinds = append(kinds, "membership in each "+string(kind)+", for as long as a name in privileged is not there")
		}
	}
	if len(kinds) == 0 {
		return
	}
	e.note(NoticeNotUndone, fmt.Sprintf("access is back; of the departure this stays as it is: %s. Do by hand what is needed", strings.Join(kinds, "; ")))
}
