package people

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
)

// otherHuman reports that a record has another name and other addresses than the ones by which it is known: HR may have
// given its id to somebody else. Where either is not known, nothing is said.
func otherHuman(before, now persons.Digests) bool {
	addressed := func(d persons.Digests) bool { return d.WorkEmail+d.PersonalEmail != "" }
	same := before.WorkEmail != "" && before.WorkEmail == now.WorkEmail || before.PersonalEmail != "" && before.PersonalEmail == now.PersonalEmail
	return before.Name != "" && now.Name != "" && before.Name != now.Name && addressed(before) && addressed(now) && !same
}

// reused names the record that may be about another human by now, "" if there is none. Whoever leaves is not asked about:
// what they had is ended either way.
func (p *Person) reused(d ledger.Dossier, engagements []identity.Engagement, person identity.Person) string {
	if !person.Belongs() {
		return ""
	}
	for _, e := range engagements {
		if !e.Found {
			continue
		}
		for _, link := range d.Links {
			if link.Source == e.Source && link.EmployeeID == e.EmployeeID && otherHuman(link.Digests, p.Digests(e.Record)) {
				return e.Source + "-" + e.EmployeeID
			}
		}
	}
	return ""
}

// askReused asks whether a record is still about the human it was about. Nothing of theirs is opened or changed meanwhile.
func (p *Person) askReused(record string) identity.Notice {
	return identity.Notice{
		Code: api.NoticeReusedID, Blocking: true, Owner: p.Policy().Leaver().FallbackOwner,
		Text: words.Sure("reused_id", view{Record: record}),
	}
}

// takeOver makes what a person's records say now what they are known by, because somebody has said that it is still them.
func (p *Person) takeOver(ctx context.Context, in api.DecideInput) error {
	if in.Decision.Verb != api.VerbLink {
		return nil
	}
	d, _, err := p.Ledger.Dossier(ctx, in.Key)
	if err != nil {
		return err
	}
	for _, link := range d.Links {
		src, ok := p.Sources[link.Source]
		if !ok {
			continue
		}
		rec, found, err := src.Read(ctx, link.EmployeeID)
		if err != nil {
			return err
		}
		if now := p.Digests(rec); found && otherHuman(link.Digests, now) {
			if err := p.Ledger.People().SetDigests(ctx, link.Source, link.EmployeeID, now); err != nil {
				return err
			}
		}
	}
	return nil
}
