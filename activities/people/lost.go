package people

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/policy/match"
)

// mostLost is how many employed people of one name are read in HR to see whether their record is still there.
const mostLost = 10

// lost are people with the name of a record who count as employed and whose own records are gone from HR: the record at hand
// may be theirs under another number. Whom somebody has kept apart is none, and neither is one about whom HR does not answer.
func (p *Person) lost(ctx context.Context, digests persons.Digests, key string) ([]string, error) {
	if digests.Name == "" {
		return nil, nil
	}
	namesakes, err := p.Ledger.People().Namesakes(ctx, digests, key)
	if err != nil {
		return nil, err
	}
	var found []string
	asked := map[string]bool{}
	for _, c := range namesakes {
		if asked[c.Key] || len(asked) == mostLost {
			continue
		}
		d, _, err := p.Ledger.Dossier(ctx, c.Key)
		if err != nil {
			return nil, err
		}
		_, employed, err := p.standing(ctx, d)
		if err != nil {
			return nil, err
		}
		if !employed {
			continue
		}
		asked[c.Key] = true
		if p.recordsGone(ctx, d) {
			found = append(found, c.Key)
		}
	}
	return found, nil
}

// recordsGone reports that HR has none of the records of a person any more.
func (p *Person) recordsGone(ctx context.Context, d ledger.Dossier) bool {
	for _, link := range d.Links {
		src, ok := p.Sources[link.Source]
		if !ok {
			return false
		}
		if _, found, err := src.Read(ctx, link.EmployeeID); err != nil || found {
			// Where HR does not answer nothing is known to be gone.
			return false
		}
	}
	return len(d.Links) > 0
}

// matchLost asks about somebody who has no account, whose address nobody has, and who may be a person on record whose HR
// record is gone. Nobody gets a second account before that is answered.
func (p *Person) matchLost(ctx context.Context, m Matched, person identity.Person, account *identity.Account, seen *outcome.Notes) ([]identity.Notice, error) {
	if m.alone == nil {
		return nil, nil
	}
	var lost []string
	if account == nil {
		var err error
		if lost, err = p.lost(ctx, *m.alone, person.Key); err != nil {
			return nil, err
		}
	}
	lost = slices.DeleteFunc(lost, func(key string) bool { return key == m.nobody })
	if len(lost) == 0 {
		p.answered(person.Key, m.asked, seen)
		return nil, nil
	}
	p.ask(person, m.asked, lost[0], seen)
	return []identity.Notice{{
		Code: api.NoticePossibleDuplicate, Blocking: true, Owner: p.Policy().Leaver().FallbackOwner,
		Text: words.Sure("possible_renumbered", view{Other: lost[0]}),
	}}, nil
}

// stillThere are the rivals without those whose records are gone: what a record explained that HR does not have any more, it
// explains no longer.
func (h Human) stillThere(rivals []match.Rival) []match.Rival {
	for i := range rivals {
		if slices.Contains(h.lost, rivals[i].Key) {
			rivals[i].Employed = false
		}
	}
	return rivals
}

// lostTo are the people whom the human may be under another number.
func (p *Person) lostTo(ctx context.Context, h Human) ([]string, error) {
	var keys []string
	for _, r := range h.Records {
		if r.FirstName == "" || r.LastName == "" {
			continue
		}
		lost, err := p.lost(ctx, p.Digests(r), h.Key)
		if err != nil {
			return nil, err
		}
		for _, key := range lost {
			if !slices.Contains(h.Keys, key) && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}
