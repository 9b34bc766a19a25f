package people

import (
	"context"
	"fmt"

	"gatehouse/activities/outcome"
	"gatehouse/identity"
)

// Standing is where somebody stands by HR and the orders about them, and who is above them.
type Standing struct {
	// Key is the one that the key asked for stands for.
	Key    string
	Person identity.Person
	// Contained says that an order ends all their access.
	Contained bool
	// Manager is the key of their manager, "" if HR names none.
	Manager string
}

// Here reports that somebody works here by a record of HR, so that they can answer for others.
func (s Standing) Here() bool {
	return s.Person.Belongs() && s.Person.Standing != identity.StandingUpcoming && s.Person.Record.Source != identity.SourceSponsored && !s.Contained
}

// Gone reports that somebody is known not to be here. Of whom nothing can be told is not gone.
func (s Standing) Gone() bool {
	return s.Contained || s.Person.Record.Source == identity.SourceSponsored || s.Person.Standing == identity.StandingRescinded ||
		s.Person.Standing == identity.StandingLeft || s.Person.Standing.Employed() && !s.Person.Belongs()
}

// forwards bounds how many keys stand for one another.
const forwards = 8

// Stands reads where somebody stands. It asks no vendor but HR, and writes nothing.
func (p *Person) Stands(ctx context.Context, key string) (Standing, error) {
	for range forwards {
		next, err := OwnerOf(ctx, p.Ledger, key)
		if err != nil {
			return Standing{}, err
		}
		if next == key {
			return p.stands(ctx, key)
		}
		key = next
	}
	return Standing{}, fmt.Errorf("%s stands for more than %d other keys one after the other", key, forwards)
}

func (p *Person) stands(ctx context.Context, key string) (Standing, error) {
	look := *p
	look.dry = true
	d, _, err := look.dossier(ctx, key)
	if err != nil {
		return Standing{}, err
	}
	now := p.Clock()
	var unwritten outcome.Notes
	engagements, err := look.engagements(ctx, &d, false, now, &unwritten)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Key: key, Person: p.Policy().Person(key, engagements, now), Contained: ContainOrder(d.Orders, now) != nil}
	source, id := s.Person.Record.Manager()
	if id == "" {
		return s, nil
	}
	manager, found, err := p.Ledger.People().Resolve(ctx, source, id)
	if s.Manager = manager; !found {
		s.Manager = source + "-" + id
	}
	return s, err
}
