package system

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// employed plans for somebody who belongs to the company or is about to. A system that was not read within its age limit gives and takes
// nothing.
func (c *Case) employed(sys System, view identity.SystemView) []identity.SystemPlan {
	if plans := c.unfinished(sys, view); len(plans) > 0 {
		return plans
	}
	if c.idle() || !sys.Fresh(view, c.Person.AsOf) {
		return nil
	}
	e := employee{Case: c, sys: sys, view: view, gift: giftIn(sys.Name, c.Rules)}
	at := view.Primary()
	if at == nil {
		e.create()
		return []identity.SystemPlan{e.plan}
	}
	if !personal(*at) {
		return nil
	}
	e.account, e.plan.Account = *at, at.ID
	if !e.resting() {
		e.compare()
	}
	if plan := c.untouchable(sys, *at); plan != nil {
		if !at.Disputed && len(e.plan.Steps) == 0 {
			return nil // That nothing is done is no news where nothing is to be done.
		}
		return []identity.SystemPlan{*plan}
	}
	return []identity.SystemPlan{e.plan}
}

// employee plans for one account.
type employee struct {
	*Case
	sys     System
	view    identity.SystemView
	gift    gift
	account identity.SystemAccount
	plan    identity.SystemPlan
}

func (e *employee) add(s identity.SystemStep) { e.plan.Steps = append(e.plan.Steps, s) }

func (e *employee) note(code, text string) {
	e.plan.Notices = append(e.plan.Notices, e.Note(code, e.sys.Name+": "+text))
}

// begun reports that the first day has come.
func (c *Case) begun() bool {
	return c.Person.Standing != identity.StandingUpcoming || !c.Person.AsOf.Before(c.Person.ActivateAt)
}

// create makes an account where a rule gives one and it is certain that there is none.
func (e *employee) create() {
	linked := slices.IndexFunc(e.view.Accounts, func(a identity.SystemAccount) bool { return personal(a) && a.Use != identity.UseAdmin })
	switch {
	case !e.gift.account, len(e.view.Candidates) > 0, e.Person.Standing == identity.StandingOnLeave:
		return
	case linked >= 0:
		if plan := e.untouchable(e.sys, e.view.Accounts[linked]); plan != nil {
			e.plan = *plan
		}
		return
	case len(e.Person.Record.Garbled) > 0:
		return // The plan for OneLogin says so.
	}
	if when := e.createAt(); when.After(e.Person.AsOf) {
		due(&e.plan, e.Person.AsOf, when)
		return
	}
	if e.gift.profileOpen || e.gift.rivals || e.sys.traits.profile && e.gift.profile == "" {
		e.rivals()
		return
	}
	names, waits := e.usernames()
	if len(names) == 0 {
		if e.plan.Waits = waits; !waits {
			e.note(NoticeNoUsername, "an account is due, and neither the name nor the employee id gives a username: complete the record in the source")
		}
		return
	}
	doc := e.document(names[0])
	e.failures()
	e.plan.Before = e.sys.Joiner.BeforeInvitation
	if e.plan.Before {
		e.plan.Wait = e.sys.Joiner.Wait
	}
	e.add(identity.SystemStep{Kind: identity.SystemCreate, Account: &doc, Usernames: names, Profile: e.gift.profile})
	if e.gift.container != "" && !e.gift.placeOpen {
		e.add(identity.SystemStep{Kind: identity.SystemMove, To: e.gift.container})
	}
	if e.begun() {
		e.give(identity.SystemAddGroups, identity.ObjectGroup)
		e.give(identity.SystemAddRoles, identity.ObjectRole)
	} else {
		due(&e.plan, e.Person.AsOf, e.Person.ActivateAt)
	}
	e.give(identity.SystemAssignLicences, identity.ObjectLicence)
}

func (e *employee) createAt() time.Time {
	switch {
	case e.Person.Standing != identity.StandingUpcoming:
		return time.Time{}
	case e.sys.Joiner.Create == CreateFirstDay:
		return e.Person.ActivateAt
	}
	return e.Person.CreateAt
}

// usernames are what a new account may be called, best first. waits says that OneLogin's account has to be there first.
func (e *employee) usernames() (names []string, waits bool) {
	if e.sys.usernames != nil {
		return e.sys.usernames(e.Person.Record), false
	}
	if a := e.OneLogin; a != nil {
		name := a.Username
		if e.sys.traits.addresses && !strings.Contains(name, "@") {
			name = a.Email
		}
		if !e.sys.traits.addresses {
			name, _, _ = strings.Cut(name, "@")
		}
		if name == "" {
			return nil, false
		}
		return []string{name}, false
	}
	if !e.sys.Joiner.BeforeInvitation {
		return nil, true // What OneLogin's account will be called is certain once it is there.
	}
	for _, name := range e.Usernames {
		if e.sys.traits.addresses {
			name += "@" + e.Domain
		}
		names = append(names, name)
	}
	return names, false
}

// document is what an account is made of: what attributes say, and HR for what has none. Nobody's account is without a name and an
// address, and what a system owns begins as HR has it.
func (e *employee) document(username string) identity.Account {
	r := e.Person.Record
	doc := identity.Account{
		Username: username, ExternalID: e.ExternalID, FirstName: displayed(r), LastName: r.LastName, Title: r.Title, Department: r.Department,
		Company: r.Company, Phone: r.WorkPhone, Email: r.WorkEmail,
	}
	if strings.Contains(username, "@") && e.sys.traits.lock {
		doc.Email = username // A mailbox is its own address.
	} else if e.OneLogin != nil && e.OneLogin.Email != "" {
		doc.Email = e.OneLogin.Email
	} else {
		if e.doubts(attribute{name: email, owner: ownerHR}, doc.Email, "") {
			doc.Email = ""
		}
		if doc.Email == "" && strings.Contains(username, "@") {
			doc.Email = username
		}
	}
	for _, own := range e.set.attributes {
		of, written := own.in(e.sys)
		if of.name == managerOf || of.name == email && e.sys.traits.lock || own.owner == e.sys.Name {
			continue
		}
		var want value
		if written {
			want = e.desired(of, "")
		}
		switch {
		case want.known && want.text != "":
			put(&doc, of.name, want.text)
		case !slices.Contains([]string{firstName, lastName, email}, of.name):
			put(&doc, of.name, "") // HR's own text is not what the policy says, and may be what it keeps back.
		}
	}
	return doc
}

// resting reports that nobody can use the account, and plans what is to be done about that.
func (e *employee) resting() bool {
	if e.account.Document.Status != identity.AccountSuspended {
		return false
	}
	if e.account.SuspendedByUs {
		return !e.resume()
	}
	if e.gift.account && e.begun() && e.Person.Standing != identity.StandingOnLeave {
		e.note(NoticeSuspendedElsewhere, "the account is suspended, and not by Gatehouse, which does not lift that by itself: lift it there, or take the account out of the rules")
	}
	return true
}

// resume opens an account that Gatehouse has closed, the reason being gone.
func (e *employee) resume() bool {
	a := e.account
	if a.Document.Status != identity.AccountSuspended || !a.SuspendedByUs || e.Person.Standing == identity.StandingOnLeave {
		return false
	}
	if !e.begun() {
		due(&e.plan, e.Person.AsOf, e.Person.ActivateAt)
		return false
	}
	e.add(identity.SystemStep{Kind: identity.SystemResume})
	return true
}

// compare plans the differences of an account that is in use.
func (e *employee) compare() {
	licensed := e.licensed(e.account)
	if licensed {
		e.mailboxBack()
	}
	changes, agreed, notices := e.changes(e.sys, e.view, e.account)
	e.plan.Agreed = agreed
	if len(changes) > 0 {
		e.add(identity.SystemStep{Kind: identity.SystemWriteProfile, Changes: changes})
	}
	e.plan.Notices = append(e.plan.Notices, notices...)
	e.failures()
	if e.gift.container != "" && !e.gift.placeOpen && !e.withheld() && !identity.SamePlace(e.gift.container, e.account.Container) {
		e.add(identity.SystemStep{Kind: identity.SystemMove, To: e.gift.container})
	}
	e.rivals()
	e.otherProfile()
	e.take(identity.SystemRemoveGroups, identity.ObjectGroup)
	e.give(identity.SystemAddGroups, identity.ObjectGroup)
	e.giveBack(identity.SystemAddGroups, identity.ObjectGroup)
	e.take(identity.SystemRemoveRoles, identity.ObjectRole)
	e.give(identity.SystemAddRoles, identity.ObjectRole)
	e.giveBack(identity.SystemAddRoles, identity.ObjectRole)
	e.take(identity.SystemReleaseLicences, identity.ObjectLicence)
	e.give(identity.SystemAssignLicences, identity.ObjectLicence)
	if !licensed {
		e.mailboxBack() // Without a licence there may be no mailbox.
	}
	e.undo()
}

// licensed reports that an account has the licences that rules give.
func (e *employee) licensed(a identity.SystemAccount) bool {
	return len(without(e.gift.names[identity.ObjectLicence], a.Licences)) == 0
}

// failures says which attributes could not be worked out, and that HR's address is doubtful.
func (e *employee) failures() {
	if len(e.undecided) > 0 {
		e.note(NoticeUndecided, fmt.Sprintf("what makes %s fails for this person, so that it is left alone: correct it in the policy", strings.Join(sorted(e.undecided), ", ")))
		e.undecided = nil
	}
	if e.doubt != nil {
		e.plan.Notices = append(e.plan.Notices, *e.doubt)
		e.doubt = nil
	}
}

func (e *employee) rivals() {
	if e.gift.rivals {
		e.note(NoticeUndecided, "rules give this person different places or profiles at the same priority, and none is used: give one of the rules a higher priority")
	}
}

// otherProfile says that the account is another kind of user than a new one would be. That is not changed: a profile is all that somebody
// may do, and a rule that names it is about new accounts.
func (e *employee) otherProfile() {
	had, want := e.account.Profile, e.gift.profile
	_, unnamed := identity.UnnamedID(had)
	if had != "" && !unnamed && want != "" && !e.gift.profileOpen && !strings.EqualFold(had, want) {
		e.note(NoticeOtherProfile, "the user has another profile than rules give to new users, and it stays: change it there, or correct the rule")
	}
}

// give adds what rules give and the account lacks. Nobody gets anything while they are away or before their first day.
func (e *employee) give(step identity.SystemStepKind, kind identity.SystemObjectKind) {
	missing := without(e.gift.names[kind], held(e.account, kind))
	away := e.Person.Standing == identity.StandingOnLeave || !e.begun() && kind != identity.ObjectLicence
	if !e.begun() && len(missing) > 0 {
		due(&e.plan, e.Person.AsOf, e.Person.ActivateAt)
	}
	if len(missing) > 0 && !away {
		e.add(identity.SystemStep{Kind: step, Names: missing})
	}
}

// take removes what rules no longer give: of that what Gatehouse gave, or had decided to take, and where HR has changed the position what
// rules manage.
func (e *employee) take(step identity.SystemStepKind, kind identity.SystemObjectKind) {
	if e.withheld() || e.Held {
		return
	}
	var now []string
	for _, name := range without(held(e.account, kind), slices.Concat(e.gift.names[kind], e.gift.open[kind])) {
		until, stayed := e.stays(kind, name)
		if !e.goes(kind, name, stayed) || e.renamed(kind, name) {
			continue
		}
		if until.After(e.Person.AsOf) && !e.replaced(kind) {
			due(&e.plan, e.Person.AsOf, until)
			continue
		}
		now = append(now, name)
	}
	if len(now) > 0 {
		e.add(identity.SystemStep{Kind: step, Names: now})
	}
}

// goes reports that an account loses what no rule gives it. Data may go with a licence: one is released only if Gatehouse gave it. What a
// withdrawn departure has yet to take, and rules do not manage, was never to go; a new employment does not keep it. Of an account that is not
// the primary one, only what Gatehouse gave it goes.
func (e *employee) goes(kind identity.SystemObjectKind, name string, stayed bool) bool {
	given, managed := slices.Contains(e.account.Given[kind], name), e.managed(kind, name)
	if given || kind == identity.ObjectLicence || e.account.Use != identity.UsePrimary {
		return given
	}
	taking := slices.Contains(e.account.Taking[kind], name) && (managed || !e.Person.Withdrawn)
	untaken := slices.Contains(e.untaken(kind), name) && e.anew()
	return stayed || taking || untaken || e.moved(kind, name)
}

// managed reports that rules manage something: they give it to somebody.
func (e *employee) managed(kind identity.SystemObjectKind, name string) bool {
	return e.set.managed[identity.SystemObject{System: e.sys.Name, Kind: kind, Name: name}]
}

// renamed reports that something was given under another name by which a rule still gives it: what the rule means by that name is for a
// person to say. They have said so where that name is clear and rules have the one of now as well.
func (e *employee) renamed(kind identity.SystemObjectKind, name string) bool {
	was := e.account.GivenAs[kind][name]
	as := []string{was}
	return was != "" && e.givenBy(kind, as) && (e.anyUnclear(kind, as) || !e.managed(kind, name))
}

// replaced reports that licences of a kind change for others: of those that exclude each other the old one has to go first.
func (e *employee) replaced(kind identity.SystemObjectKind) bool {
	return kind == identity.ObjectLicence && len(without(e.gift.names[kind], held(e.account, kind))) > 0
}

// stays is until when old access stays, or has stayed, that a rule gave together with roles that do. What is called otherwise by now stays as
// long, and goes for another reason.
func (e *employee) stays(kind identity.SystemObjectKind, name string) (until time.Time, stayed bool) {
	called := append([]string{name, e.account.GivenAs[kind][name]}, e.account.Formerly[kind][name]...)
	for _, s := range e.Stays {
		gave := s.Grant[e.sys.Name].names()[kind]
		stayed = stayed || slices.Contains(gave, name)
		meant := slices.ContainsFunc(called, func(as string) bool { return slices.Contains(gave, as) })
		if meant && s.Until.After(until) {
			until = s.Until
		}
	}
	return until, stayed
}
