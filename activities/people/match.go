package people

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// Matched is what came of looking for the same human elsewhere.
type Matched struct {
	// nobody is the key of somebody who never was, and whose record had these traces for a while.
	nobody  string
	forward string
	notices []identity.Notice
	// alone is what the record is recognised by if nobody else's shares an address with it, asked whether it was asked about.
	alone *persons.Digests
	asked bool
}

// match looks for people whose record may be this same human: a contractor who was hired, somebody who came back, a
// person in two HR systems. A shared name together with a private address that nobody else has proves it, unless something
// about the two records says otherwise. What else is shared is a question for a person; a shared name alone is nothing,
// because names are shared all the time. Under an order HR was not read, so there is nothing to compare. It is asked of
// everybody once, at the first look; a question that nobody has answered is asked at each look until somebody does, or
// until the records say otherwise.
func (p *Person) match(ctx context.Context, d *ledger.Dossier, engagements []identity.Engagement, person identity.Person, ordered bool, seen *outcome.Notes) (Matched, error) {
	asked, err := p.asked(ctx, d.Person, person, ordered)
	if err != nil {
		return Matched{}, err
	}
	at := slices.IndexFunc(engagements, func(e identity.Engagement) bool { return e.Found })
	switch {
	case ordered, d.Person.Episode > 0 && !asked, len(engagements) == 0:
		owner, err := p.ownerOfAccount(ctx, d)
		return Matched{forward: owner}, err
	case at < 0:
		return Matched{}, nil
	}
	rec := engagements[at].Record
	digests := p.Digests(rec)
	link := slices.IndexFunc(d.Links, func(l persons.Link) bool { return l.Source == rec.Source && l.EmployeeID == rec.EmployeeID })
	if link >= 0 && d.Person.Episode == 0 && d.Links[link].Digests != digests && !p.dry {
		// Before the candidates are read, so that of two records that come at once one sees the other.
		if err := p.Ledger.People().SetDigests(ctx, rec.Source, rec.EmployeeID, digests); err != nil {
			return Matched{}, err
		}
	}
	c, shared, err := p.suspect(ctx, digests, d.Person.Key)
	if err != nil {
		return Matched{}, err
	}
	if c == nil {
		return Matched{alone: &digests, asked: asked}, nil
	}
	why, err := p.differs(ctx, engagements, c, shared)
	if err != nil {
		if person.Standing == identity.StandingLeft {
			// Nobody's departure waits for a comparison.
			return Matched{}, nil
		}
		return Matched{}, err
	}
	if why != "" && link >= 0 {
		if nobody, err := p.wasNobody(ctx, d.Links[link], c); err != nil || nobody {
			return Matched{alone: &digests, asked: asked, nobody: c.Key}, err
		}
	}
	switch {
	case why != "":
		p.ask(person, asked, c.Key, seen)
		return Matched{notices: []identity.Notice{PossibleDuplicate(p.Policy(), c.Key, why)}}, nil
	case p.dry:
		return Matched{forward: c.Key}, nil
	}
	if asked {
		// The rest of the look, which would write this down, is the other person's.
		if err := p.Ledger.Roster().SettleFinding(ctx, sourceOf(d.Person.Key, identity.Person{}), roster.FindingDuplicate, d.Person.Key); err != nil {
			return Matched{}, err
		}
	}
	return Matched{forward: c.Key}, p.Ledger.People().Join(ctx, rec.Source, rec.EmployeeID, c.Key, "gatehouse: same name and private address")
}

// asked reports that it was asked whether somebody who works here has another person's record, and that nobody has answered.
func (p *Person) asked(ctx context.Context, row persons.Person, person identity.Person, ordered bool) (bool, error) {
	if ordered || row.Episode == 0 || !person.Belongs() {
		return false, nil
	}
	return p.Ledger.Roster().HasFinding(ctx, sourceOf(row.Key, identity.Person{}), roster.FindingDuplicate, row.Key)
}

// ask keeps in mind that a question is open, with whom it is about: when they leave it may answer itself. Of somebody who has
// left there is none: nothing waits for the answer.
func (p *Person) ask(person identity.Person, asked bool, about string, seen *outcome.Notes) {
	if asked || !person.Belongs() {
		return
	}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return l.Roster().AddFindings(ctx, roster.Finding{
			Source: sourceOf(person.Key, identity.Person{}), Kind: roster.FindingDuplicate, Subject: person.Key, Why: words.Sure("asked", view{}),
		}, roster.Finding{
			Source: sourceOf(about, identity.Person{}), Kind: roster.FindingAskedAbout, Subject: about, Why: person.Key,
		})
	})
}

// answered forgets a question that nothing is left of.
func (p *Person) answered(key string, asked bool, seen *outcome.Notes) {
	if !asked {
		return
	}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return l.Roster().SettleFinding(ctx, sourceOf(key, identity.Person{}), roster.FindingDuplicate, key)
	})
}

// suspect is the one whose record most likely is this same human, nil if there is none. Shared says that others have the
// private address as well. An address that several have is no trace of anybody under another name.
func (p *Person) suspect(ctx context.Context, digests persons.Digests, key string) (suspect *persons.Candidate, shared bool, err error) {
	candidates, err := p.Ledger.People().Candidates(ctx, digests, key)
	if err != nil {
		return nil, false, err
	}
	likely := func(c persons.Candidate) int {
		return slices.Index([]bool{
			c.SameName && c.SamePersonalEmail, c.SameName, c.SamePersonalEmail, c.SameWorkEmail,
		}, true)
	}
	slices.SortStableFunc(candidates, func(a, b persons.Candidate) int { return cmp.Compare(likely(a), likely(b)) })
	for i := range candidates {
		c := &candidates[i]
		address := digests.PersonalEmail
		if !c.SamePersonalEmail {
			address = digests.WorkEmail
		}
		people, err := p.Ledger.People().PeopleWithAddress(ctx, address)
		if err != nil {
			return nil, false, err
		}
		others := slices.ContainsFunc(people, func(k string) bool { return k != key && k != c.Key })
		if c.SameName || !others {
			return c, others, nil
		}
	}
	return nil, false, nil
}

// differs says why a record cannot be taken for one of the suspect's without asking, "" if it can.
func (p *Person) differs(ctx context.Context, mine []identity.Engagement, c *persons.Candidate, shared bool) (string, error) {
	switch {
	case !c.SameName:
		return "under another name", nil
	case !c.SamePersonalEmail:
		return "and the name, and no private address confirms it", nil
	case shared:
		return "and the name, and a third person has that address too", nil
	}
	d, _, err := p.Ledger.Dossier(ctx, c.Key)
	if err != nil {
		return "", err
	}
	now := p.Clock()
	var theirs []identity.Engagement
	for _, link := range d.Links {
		src, ok := p.Sources[link.Source]
		if !ok {
			return "and the name, and that person's record is in a source that is not configured", nil
		}
		rec, found, err := src.Read(ctx, link.EmployeeID)
		if err != nil {
			return "", err
		}
		// One that is gone there may be here under another id.
		if found {
			theirs = append(theirs, identity.Engagement{Record: rec, Found: true})
		}
	}
	for _, m := range mine {
		for _, other := range theirs {
			if why := identity.NotOneHuman(m.Record, other.Record, now); m.Found && why != "" {
				return "and the name, but " + why, p.lookAtLeaver(ctx, d.Person, theirs)
			}
		}
	}
	return "", nil
}

// lookAtLeaver hints somebody who has left, who may be the human at hand, and whom nobody has looked at yet: an account of
// theirs that was forgotten may be this human's.
func (p *Person) lookAtLeaver(ctx context.Context, row persons.Person, records []identity.Engagement) error {
	if p.dry || row.Episode > 0 || p.Policy().Person(row.Key, records, p.Clock()).Standing != identity.StandingLeft {
		return nil
	}
	_, err := p.Launch.Send(ctx, row.Key, api.Hint{Source: records[0].Source, Cause: "poll"})
	return err
}

// PossibleDuplicate asks whether a record is another person's, and says what is known about that.
func PossibleDuplicate(pol *policy.Policy, key, why string) identity.Notice {
	return identity.Notice{
		Code: api.NoticePossibleDuplicate, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("possible_duplicate", view{Other: key, Why: why}),
	}
}

// Digests are the traces by which two records of one human are recognised.
func (p *Person) Digests(rec identity.Record) persons.Digests {
	d := persons.Digests{
		WorkEmail:     p.Ledger.Digest(rec.WorkEmail),
		PersonalEmail: p.Ledger.Digest(rec.PersonalEmail),
		Name:          p.Ledger.Digest(rec.FirstName + " " + rec.LastName),
	}
	if identity.PlaceholderAddress(rec.PersonalEmail) {
		d.PersonalEmail = ""
	}
	return d
}

// noteTraces keeps what a record is recognised by in step with it. What HR has taken off the record stays known: that is
// how somebody is recognised who comes back.
func (p *Person) noteTraces(link *persons.Link, rec identity.Record, seen *outcome.Notes) {
	now := p.Digests(rec)
	if otherHuman(link.Digests, now) {
		return // Somebody says first whether it is still them.
	}
	kept := persons.Digests{
		WorkEmail:     cmp.Or(now.WorkEmail, link.Digests.WorkEmail),
		PersonalEmail: cmp.Or(now.PersonalEmail, link.Digests.PersonalEmail),
		Name:          cmp.Or(now.Name, link.Digests.Name),
	}
	if kept == link.Digests {
		return
	}
	if was := link.Digests.WorkEmail; was != "" && was != kept.WorkEmail {
		seen.AddressWas(link.Source, link.EmployeeID, was)
	}
	link.Digests = kept
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return l.People().SetDigests(ctx, link.Source, link.EmployeeID, kept)
	})
}

// ownerOfAccount finds the person behind an account that an operator named by its id, where it is certainly theirs and
// their only one. The ledger then forwards the account's own key, orders included. An external id alone puts no account in
// the place of one on record.
func (p *Person) ownerOfAccount(ctx context.Context, d *ledger.Dossier) (string, error) {
	source, _, err := identity.SplitKey(d.Person.Key)
	if err != nil || source != identity.SourceAccount {
		return "", nil
	}
	owner, err := p.KeyOfAccount(ctx, accountID(d))
	switch {
	case err != nil || owner == d.Person.Key:
		return "", err
	case p.dry:
		return owner, nil
	}
	return owner, p.Ledger.Inventory().SetAccount(ctx, owner, accountID(d), false)
}

// Decide carries out a decision that changes the ledger.
func (p *Person) Decide(ctx context.Context, in api.DecideInput) error {
	if in.Code == api.NoticeReusedID {
		return p.takeOver(ctx, in)
	}
	switch in.Decision.Verb {
	case "allow":
		if in.Code == api.NoticeProvisioningDeletes {
			return p.allowDeleting(ctx, in)
		}
		return p.overrideBudget(ctx, in)
	case "link", "separate":
		return p.settleDuplicate(ctx, in)
	case api.VerbRetry:
		return p.takeAgain(ctx, in)
	}
	return nil
}

// overrideBudget reserves beyond the budget, on somebody's word.
func (p *Person) overrideBudget(ctx context.Context, in api.DecideInput) error {
	budget, ok := strings.CutPrefix(in.Code, budgeting.Prefix)
	if !ok {
		return nil
	}
	_, err := p.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
		Budget: budgeting.OfSource(budget, in.Source), Keys: []string{budgeting.Key(budget, in.Key, in.Episode, in.Want)}, Window: p.Policy().Safety().Window,
		Override: true, By: in.Decision.By,
	})
	return err
}

// settleDuplicate records whether two records are one human: this one and the one that the question was about.
func (p *Person) settleDuplicate(ctx context.Context, in api.DecideInput) error {
	source, id, err := identity.SplitKey(in.Key)
	if err != nil {
		return step.NonRetryable(api.ErrInvalid, err.Error())
	}
	src, ok := p.Sources[source]
	if !ok {
		return step.NonRetryable(api.ErrInvalid, "no HR source "+source+" is configured")
	}
	rec, found, err := src.Read(ctx, id)
	if err != nil || !found {
		return err
	}
	other, err := p.askedAbout(ctx, p.Digests(rec), in.Key)
	if err != nil || other == "" {
		return err
	}
	if in.Decision.Verb == "link" {
		if err := p.Ledger.People().Join(ctx, source, id, other, in.Decision.By); err != nil {
			return err
		}
		return p.Ledger.Roster().SettleFinding(ctx, source, roster.FindingDuplicate, in.Key)
	}
	// The next look forgets the question, or asks about somebody else who is alike.
	return p.Ledger.People().Separate(ctx, source, id, other, in.Decision.By)
}

// askedAbout is the person whom the question about a record was about, "" if there is none any more.
func (p *Person) askedAbout(ctx context.Context, digests persons.Digests, key string) (string, error) {
	c, _, err := p.suspect(ctx, digests, key)
	if err != nil {
		return "", err
	}
	if c != nil {
		return c.Key, nil
	}
	lost, err := p.lost(ctx, digests, key)
	if err != nil || len(lost) == 0 {
		return "", err
	}
	return lost[0], nil
}
