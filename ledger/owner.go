package ledger

import (
	"context"
	"fmt"

	"gatehouse/ledger/engine"
	"gatehouse/ledger/persons"
)

// Owner is whom a work address leads to, of something that belongs to a person.
type Owner struct {
	// Keys are the people whom it leads to. None says that nobody is known by it.
	Keys []string
	// Employed says that one of them works here, Gone that all of them are known to have left.
	Employed, Gone bool
}

// Owner says whether somebody of a work address works here: by their last assessment, and where there was none yet, by the last reading
// of HR.
func (l *Ledger) Owner(ctx context.Context, address string) (Owner, error) {
	found, err := l.FindByAddress(ctx, address)
	if err != nil {
		return Owner{}, err
	}
	var o Owner
	for _, k := range found {
		employed, known, err := l.worksHere(ctx, k.Key)
		if err != nil {
			return Owner{}, fmt.Errorf("ask whether an owner works here: %w", err)
		}
		if known {
			o.Keys = append(o.Keys, k.Key)
			o.Employed = o.Employed || employed
		}
	}
	o.Gone = len(o.Keys) > 0 && !o.Employed
	return o, nil
}

// worksHere says whether a person works here. Known is false of an account that nobody in HR is behind.
func (l *Ledger) worksHere(ctx context.Context, key string) (employed, known bool, err error) {
	d, found, err := l.Dossier(ctx, key)
	if err != nil || !found {
		return false, false, err
	}
	here, err := l.WorkHere(ctx, d.Person)
	return here[key], d.Person.Episode > 0 || len(d.Links) > 0, err
}

// WorkHere says which people work here: by their last assessment, and those whom nobody has looked at yet by the last reading of HR.
// After a first reading that is most people.
func (l *Ledger) WorkHere(ctx context.Context, people ...persons.Person) (map[string]bool, error) {
	here := make(map[string]bool, len(people))
	var unseen []string
	for _, p := range people {
		if p.Episode > 0 {
			here[p.Key] = p.Employed
		} else {
			unseen = append(unseen, p.Key)
		}
	}
	err := engine.Chunks(unseen, func(part []string) error {
		part = engine.Padded(part)
		return engine.Each(ctx, l.db.Reader(), `SELECT DISTINCT l.person_key FROM links l
			JOIN roster r ON r.source = l.source AND r.employee_id = l.employee_id
			WHERE r.active = 1 AND l.person_key IN `+engine.List(1, len(part)), engine.Anys(part), func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			here[key] = true
			return err
		})
	})
	return here, engine.Wrapf(err, "read who of %d people works here", len(people))
}
