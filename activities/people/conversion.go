package people

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// goesOn looks, of somebody who has just left, at the record of which it was asked whether it is theirs as well: while both
// employments ran that could not be told, and now one has ended. If nothing speaks against one human any more, the record is
// theirs, and they have not left. It returns what the ledger knows of them then, nil if they have left. Only whom that was
// asked about pays for it, and where HR does not answer nobody waits.
func (p *Person) goesOn(ctx context.Context, d ledger.Dossier, mine []identity.Engagement, person identity.Person, bare bool) (*ledger.Dossier, error) {
	if d.AskedAbout == "" || bare || p.dry || person.Standing != identity.StandingLeft {
		return nil, nil
	}
	theirs, err := p.sameHuman(ctx, d, mine, d.AskedAbout)
	if err != nil || theirs == nil {
		return nil, err
	}
	if err := p.joinAsked(ctx, d, theirs.Links); err != nil {
		return nil, err
	}
	// Their own run has a question open that is answered by now.
	if _, err := p.Launch.Send(ctx, theirs.Person.Key, api.Hint{Source: sourceOf(d.Person.Key, identity.Person{}), Cause: "joined"}); err != nil {
		return nil, err
	}
	now, _, err := p.Ledger.Dossier(ctx, d.Person.Key)
	return &now, err
}

// sameHuman is what the ledger knows of the human with another record, if that is certainly this one and works here: the same
// name and a private address that nobody else has, employments one after the other, and nobody's word against it.
func (p *Person) sameHuman(ctx context.Context, d ledger.Dossier, mine []identity.Engagement, key string) (*ledger.Dossier, error) {
	candidate, err := p.candidate(ctx, d, key)
	if err != nil || candidate == nil {
		return nil, err
	}
	theirs, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil || theirs.Person.Forward != "" || len(theirs.Links) == 0 {
		return nil, err
	}
	now := p.Clock()
	var records []identity.Engagement
	for _, link := range theirs.Links {
		src, ok := p.Sources[link.Source]
		if !ok {
			return nil, nil
		}
		rec, found, err := src.Read(ctx, link.EmployeeID)
		if err != nil {
			// Nobody's departure waits for a comparison.
			step.Log(ctx).Warn("whether somebody goes on under another record is not known", "source", link.Source, "error", err)
			return nil, ctx.Err()
		}
		rec.Source, rec.EmployeeID = link.Source, link.EmployeeID
		records = append(records, identity.Engagement{Record: rec, FirstSeen: link.FirstSeen, Found: found})
	}
	if !p.Policy().Person(key, records, now).Belongs() {
		return nil, nil
	}
	for _, m := range mine {
		for _, other := range records {
			if m.Found && other.Found && identity.NotOneHuman(m.Record, other.Record, now) != "" {
				return nil, nil
			}
		}
	}
	return &theirs, nil
}

// candidate is another person as the ledger compares their record with somebody's, nil unless the name agrees and a private
// address does that nobody else has.
func (p *Person) candidate(ctx context.Context, d ledger.Dossier, key string) (*persons.Candidate, error) {
	for _, link := range d.Links {
		all, err := p.Ledger.People().Candidates(ctx, link.Digests, d.Person.Key)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(c persons.Candidate) bool { return c.Key == key && c.SameName && c.SamePersonalEmail })
		if i < 0 {
			continue
		}
		people, err := p.Ledger.People().PeopleWithAddress(ctx, link.Digests.PersonalEmail)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(people, func(k string) bool { return k != key && k != d.Person.Key }) {
			return &all[i], nil
		}
	}
	return nil, nil
}

// joinAsked makes the records of which it was asked somebody's, and forgets the question that has answered itself.
func (p *Person) joinAsked(ctx context.Context, d ledger.Dossier, links []persons.Link) error {
	about, record := d.Person.Key, d.AskedAbout
	return p.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		for _, link := range links {
			if err := l.People().Join(ctx, link.Source, link.EmployeeID, about, "gatehouse: same name and private address"); err != nil {
				return err
			}
		}
		if err := l.Roster().SettleFinding(ctx, sourceOf(record, identity.Person{}), roster.FindingDuplicate, record); err != nil {
			return err
		}
		return l.Roster().SettleFinding(ctx, sourceOf(about, identity.Person{}), roster.FindingAskedAbout, about)
	})
}

// broughtBack says why an account is opened again that was closed when a record of the same human ended.
func broughtBack(person identity.Person, account *identity.Account, engagements []identity.Engagement) []identity.Notice {
	if account == nil || !account.SuspendedByUs || !person.Standing.Employed() || len(engagements) < 2 {
		return nil
	}
	var others []string
	for _, e := range engagements {
		if e.Source != person.Record.Source || e.EmployeeID != person.Record.EmployeeID {
			others = append(others, e.Source+"-"+e.EmployeeID)
		}
	}
	return []identity.Notice{{
		Code: policy.NoticeBroughtBack,
		Text: words.Sure("brought_back", view{Other: others[0], Record: person.Record.Source + "-" + person.Record.EmployeeID}),
	}}
}
