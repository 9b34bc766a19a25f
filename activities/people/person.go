package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/because"
	"gatehouse/activities/catalog"
	"gatehouse/activities/outcome"
	"gatehouse/activities/reading"
	"gatehouse/activities/roll"
	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// Person looks at people. Its fields are set once by the wiring and shared by all runs.
type Person struct {
	Ledger   *ledger.Ledger
	OneLogin *onelogin.Client
	Catalog  *catalog.Catalog
	Sources  map[string]hr.Source
	// CredentialOwners are the accounts that must not be deleted, and whose departure is somebody's business first.
	CredentialOwners CredentialOwners
	Launch           api.Launcher
	// Paging says that somebody can be woken.
	Paging bool
	// Policy returns the policy in force; it may be another one at the next call.
	Policy func() *policy.Policy
	Clock  func() time.Time
	// Roll finds accounts among all; without one, every search reads them anew.
	Roll *roll.Roll
	// Records reads HR records.
	Records *reading.Reader
	// Systems plans what has to be done beside OneLogin; nil where that is nothing.
	Systems Systems

	// dry looks without writing anything down.
	dry bool
}

// keeper writes down what assessments come to.
func (p *Person) keeper() outcome.Keeper { return outcome.Keeper{Ledger: p.Ledger, Launch: p.Launch} }

// Assess reads what the ledger, HR and OneLogin say about a person now and plans what follows. It may be repeated at
// will: all it writes are facts about what it saw.
func (p *Person) Assess(ctx context.Context, in api.AssessInput) (api.Assessment, error) {
	a, err := p.assess(ctx, in)
	if err != nil && p.mustBeOutNow(ctx, in.Key) {
		return a, step.Urgent(err)
	}
	return a, err
}

// Departure says by when a person has to be out, from the ledger alone: it is asked while HR or OneLogin does not answer.
func (p *Person) Departure(ctx context.Context, in api.DepartureInput) (api.Departure, error) {
	return p.keeper().Departure(ctx, p.Policy(), in.Key, p.Clock())
}

// mustBeOutNow reports that the ledger knows of a departure or an order whose time has come.
func (p *Person) mustBeOutNow(ctx context.Context, key string) bool {
	d, err := p.keeper().Departure(ctx, p.Policy(), key, p.Clock())
	return err == nil && !d.OverdueAt.IsZero() && !d.OverdueAt.Add(-p.Policy().Leaver().ContainWithin).After(p.Clock())
}

func (p *Person) assess(ctx context.Context, in api.AssessInput) (api.Assessment, error) {
	pol := p.Policy()
	dossier, forward, err := p.dossier(ctx, in.Key)
	if err != nil || forward != "" {
		return api.Assessment{Key: in.Key, ForwardTo: forward}, err
	}
	var seen outcome.Notes
	a, err := p.assessUnderOrders(ctx, pol, dossier, &seen)
	if err != nil {
		if p.dry {
			return a, err
		}
		return a, errors.Join(err, p.keeper().NoteUnassessed(ctx, dossier, seen, p.Clock()))
	}
	if a.ForwardTo != "" {
		return a, nil
	}
	if err := p.holdDeleting(ctx, pol, &a, dossier.Orders); err != nil {
		return a, err
	}
	if p.dry {
		return a, p.planSystems(ctx, pol, &a, dossier.Orders)
	}
	if a.Settled, err = p.settled(ctx, a, in.Open); err != nil {
		return a, err
	}
	others, err := p.keeper().WriteDown(ctx, pol, &a, dossier.Orders, seen)
	if others {
		p.holdOthers(pol, &a)
	}
	if err != nil {
		return a, err
	}
	return a, p.planSystems(ctx, pol, &a, dossier.Orders)
}

// assessDossier reads HR, unless it is bare, and OneLogin, and plans. A contain order makes every look bare: HR is not asked.
// Long because the order in which things are read is what it is about.
func (p *Person) assessDossier(ctx context.Context, pol *policy.Policy, dossier ledger.Dossier, bare bool, seen *outcome.Notes) (api.Assessment, error) {
	now, key := p.Clock(), dossier.Person.Key
	order := ContainOrder(dossier.Orders, now)
	bare = bare || order != nil
	engagements, err := p.engagements(ctx, &dossier, bare, now, seen)
	if err != nil {
		return api.Assessment{}, err
	}
	person := pol.Person(key, engagements, now)
	if goesOn, err := p.goesOn(ctx, dossier, engagements, person, bare); err != nil || goesOn != nil {
		if err != nil {
			return api.Assessment{}, err
		}
		return p.assessDossier(ctx, pol, *goesOn, bare, seen)
	}
	seen.Learn(dossier.Person, person)
	var match Matched
	if record := p.reused(dossier, engagements, person); record != "" && !bare {
		match.notices = []identity.Notice{p.askReused(record)}
	} else if match, err = p.match(ctx, &dossier, engagements, person, bare, seen); err != nil {
		return api.Assessment{}, err
	}
	if match.forward != "" {
		return api.Assessment{Key: key, ForwardTo: match.forward}, nil
	}
	account, notices, err := p.account(ctx, pol, &dossier, person, engagements, bare, seen)
	if err != nil {
		return api.Assessment{}, err
	}
	unlinked, err := p.matchLost(ctx, match, person, account, seen)
	if err != nil {
		return api.Assessment{}, err
	}
	notices = append(append(notices, unlinked...), broughtBack(person, account, engagements)...)
	if account != nil && person.Standing.Employed() && !bare {
		if person.ManagerAccount, err = p.managerAccount(ctx, person.Record); err != nil {
			return api.Assessment{}, err
		}
	}
	standing, err := p.keeper().StandingAccess(ctx, &dossier, sourceOf(key, person), &person, account, bare)
	if err != nil {
		return api.Assessment{}, err
	}
	dossier.Person = episode(dossier.Person, person, order, seen)
	noteOut(dossier.Person, person, seen)
	if person.Systems, err = p.systemsOf(ctx, pol, dossier.Person, person, account); err != nil {
		return api.Assessment{}, err
	}
	if standing != nil {
		if err := p.followsAddress(ctx, pol, &person, account, seen); err != nil {
			return api.Assessment{}, err
		}
	}
	taken, err := p.withdrawn(ctx, pol, dossier.Person, person, engagements, account, bare, seen)
	if err != nil {
		return api.Assessment{}, err
	}
	person.Withdrawn = taken != nil
	notices = append(notices, broughtBackByHR(person, account)...)
	a := api.Assessment{
		Key: key, Episode: dossier.Person.Episode, Person: person, Account: account, Order: order, Beside: true, Attended: true, Two: pol.Two(),
		Source: sourceOf(key, person), VerifyAfter: pol.Leaver().VerifyAfter, KeepRoles: pol.KeptByLeavers(dossier.Orders, now),
		FallbackOwner: pol.Leaver().FallbackOwner, Pages: p.Paging && (order != nil || pol.Modes().Offboarding != policy.ModeObserve),
		Plan: pol.Keeping().Plan(person, account, slices.Concat(dossier.Orders, dossier.Ended)),
	}
	for i, local := range a.Plan.Desired.Profile.Usernames {
		a.Plan.Desired.Profile.Usernames[i] = local + "@" + pol.Domain()
	}
	if slices.ContainsFunc(a.Plan.Steps, func(s identity.Step) bool { return a.Plan.Verdict == identity.VerdictLeave && !s.Until.IsZero() }) {
		a.StripAfter = pol.Leaver().StripAfter
	}
	a.Suspend = InForce(switchedOn(dossier.Orders, a.Plan), identity.OrderSuspend, now)
	a.Preserve = InForce(dossier.Orders, identity.OrderHold, now) != nil
	if bare && urgent(a.Plan.Verdict) {
		// HR was not asked, so what policy has to say about the record is beside the point.
		a.Person.Notices, a.Plan.Notices = nil, nil
	}
	var found *accounts
	if endsAccess(person) || order != nil || policy.Recordless(person) {
		if found, err = p.reachAll(ctx, pol, &dossier, engagements, &a, seen); err != nil {
			return api.Assessment{}, err
		}
		if err := p.noteAgents(ctx, pol, &a); err != nil {
			return api.Assessment{}, err
		}
		if order != nil && a.Account == nil && len(a.Doubts)+len(notices) == 0 {
			notices = append(notices, nothingToContain(pol))
		}
	}
	if err := p.onceNumbered(ctx, dossier, &a, len(notices)+len(match.notices), seen); err != nil {
		return api.Assessment{}, err
	}
	p.noteOwned(&dossier, &a)
	// Whether two records are one human may be open: who cannot sign in has left all the same.
	out := outcome.NothingLeft(WithNotices(a.Plan, notices).Verdict)
	if notices = append(match.notices, notices...); len(notices) > 0 {
		a.Plan = WithNotices(a.Plan, notices)
	}
	if err := p.planDeletion(ctx, pol, &dossier, found, &a, seen); err != nil {
		return api.Assessment{}, err
	}
	if a.Undo, err = p.toUndo(ctx, pol, &a, taken); err != nil {
		return api.Assessment{}, err
	}
	if a.Want, err = want(a); err != nil {
		return api.Assessment{}, err
	}
	a.PlanHash = outcome.PlanHash(a)
	noteReturned(dossier, &a, seen)
	p.noteOrders(dossier, &a, seen)
	because.Explain(pol, dossier, &a, standing)
	outcome.NoteAccess(pol, &a, standing, seen)
	outcome.NoteDepartures(dossier, &a, out, seen)
	return a, p.complete(ctx, dossier, &a, pol)
}

// want digests what the account should be. Candidates for a username say nothing about that once there is an account.
func want(a api.Assessment) (string, error) {
	desired, due := a.Plan.Desired, a.Plan.Due
	desired.Profile.Usernames = nil
	if a.Plan.Has(identity.StepKeepRoles) {
		// How long old access stays is counted from each look anew until it is settled.
		due = time.Time{}
	}
	return hr.DigestOf(struct {
		Desired  identity.Desired
		Standing identity.Standing
		Due      time.Time
		Order    *identity.Order
	}{desired, a.Person.Standing, due, a.Order})
}

// complete adds what the verdict needs: the mode of its template, a leaver's deadline, a joiner's manager.
func (p *Person) complete(ctx context.Context, d ledger.Dossier, a *api.Assessment, pol *policy.Policy) error {
	a.Mode = p.mode(pol, a)
	outcome.SetDeadline(pol, d, a)
	switch a.Plan.Verdict {
	case identity.VerdictJoin, identity.VerdictChange:
		return p.nameManager(ctx, a)
	case identity.VerdictWait:
		if _, warned := a.Plan.Notice(policy.NoticeContractEnds); warned {
			return p.nameManager(ctx, a)
		}
	case identity.VerdictNone, identity.VerdictLeave, identity.VerdictSuspend, identity.VerdictUndo, identity.VerdictDelete, identity.VerdictAttention,
		identity.VerdictLift, identity.VerdictRespond:
	}
	return nil
}

// nameManager adds the manager's key, if HR names one.
func (p *Person) nameManager(ctx context.Context, a *api.Assessment) (err error) {
	a.ManagerKey, err = p.managerKey(ctx, a.Person.Record)
	return err
}

// managerKey is the key of the manager whom a record names, empty if it names none.
func (p *Person) managerKey(ctx context.Context, record identity.Record) (string, error) {
	source, id := record.Manager()
	if id == "" {
		return "", nil
	}
	key, found, err := p.Ledger.People().Resolve(ctx, source, id)
	if err != nil || found {
		return key, err
	}
	return source + "-" + id, nil
}

// mode is how far the template of the verdict may go. Orders that end sign-in, and their end, responses, and what two
// people have lifted the protection for are carried out in every mode: modes restrain what Gatehouse concludes by itself,
// and here somebody has decided.
func (p *Person) mode(pol *policy.Policy, a *api.Assessment) api.Mode {
	var m policy.Mode
	switch a.Plan.Verdict {
	case identity.VerdictDelete:
		m = pol.Modes().Offboarding
	case identity.VerdictLeave:
		m = pol.Modes().Offboarding
		if a.Order != nil || outcome.Lifted(a) {
			m = policy.ModeEnforce
		}
	case identity.VerdictChange:
		m = pol.Modes().RoleChange
	case identity.VerdictSuspend, identity.VerdictLift, identity.VerdictRespond:
		m = policy.ModeEnforce
	case identity.VerdictJoin, identity.VerdictUndo, identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention:
		m = pol.Modes().Onboarding
	}
	return api.Mode(m)
}

// engagements reads HR. A contain order needs no HR: the person is contained whatever it says, and whether or not it
// answers.
func (p *Person) engagements(ctx context.Context, d *ledger.Dossier, ordered bool, now time.Time, seen *outcome.Notes) ([]identity.Engagement, error) {
	var found []identity.Engagement
	for i := range d.Links {
		link := &d.Links[i]
		if ordered {
			bare := identity.Record{Source: link.Source, EmployeeID: link.EmployeeID, Status: identity.StatusUnknown}
			found = append(found, identity.Engagement{Record: bare, FirstSeen: link.FirstSeen})
			continue
		}
		src, ok := p.Sources[link.Source]
		if !ok {
			continue
		}
		rec, there, err := src.Read(ctx, link.EmployeeID)
		if err != nil {
			return nil, err
		}
		rec.Source, rec.EmployeeID = link.Source, link.EmployeeID
		if there {
			if rec, err = p.Records.Unseen(ctx, src, rec); err != nil {
				return nil, err
			}
			if rec, err = p.Records.WithoutLost(ctx, src, rec); err != nil {
				return nil, err
			}
		}
		e := link.Engagement(d.Person, rec, there)
		if there {
			if !reading.EndUnread(rec) {
				due, leaving := p.Policy().Ends(e, now)
				noteLeaver(link, due, leaving, now, seen)
			}
			p.noteBegun(d.Person, link, e, now, seen)
			if d.Person.Episode > 0 {
				p.noteTraces(link, rec, seen)
			}
		}
		e.LeaverFirstSeen, e.LeaverDue = link.LeaverFirstSeen, link.LeaverDue
		found = append(found, e)
	}
	return found, nil
}

// episode counts each change into employed or into left. An unknown standing changes nothing, unless an order contains the person or
// their departure goes on: then it needs an episode of its own for its effects.
func episode(row persons.Person, person identity.Person, order *identity.Order, seen *outcome.Notes) persons.Person {
	employed := person.Belongs()
	if order != nil {
		employed = false
	} else if person.Standing == identity.StandingUnknown && person.LeftAt.IsZero() {
		return row
	}
	if row.Episode > 0 && row.Employed == employed {
		return row
	}
	next := row
	next.Episode, next.Employed, next.EverEmployed = row.Episode+1, employed, row.EverEmployed || employed
	next.ContainedAt, next.LeftAt = time.Time{}, time.Time{}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		now, err := l.People().SetEmployed(ctx, row.Key, employed)
		if err == nil && now.Episode != next.Episode {
			err = fmt.Errorf("%s was looked at by two at once: the next attempt sees what the other one found", row.Key)
		}
		return err
	})
	return next
}

// sourceOf is the HR source that a person is counted in: the deciding record's, else the one the key was made from.
func sourceOf(key string, person identity.Person) string {
	if person.Record.Source != "" {
		return person.Record.Source
	}
	source, _, err := identity.SplitKey(key)
	if err != nil {
		return ""
	}
	return source
}

// WithNotices puts notices on a plan; a blocking one stops everything but a containment and what orders ask for.
func WithNotices(plan identity.Plan, notices []identity.Notice) identity.Plan {
	plan.Notices = append(plan.Notices, notices...)
	for _, n := range notices {
		if n.Blocking && !urgent(plan.Verdict) {
			plan.Verdict, plan.Steps, plan.Reason = identity.VerdictAttention, nil, "A person has to decide first"
		}
	}
	return plan
}

// Forward hints the person a record belongs to.
func (p *Person) Forward(ctx context.Context, in api.ForwardInput) error {
	in.Hint.Cause = "forwarded"
	_, err := p.Launch.Send(ctx, in.Key, in.Hint)
	return err
}
