package persons

import (
	"context"
	"fmt"

	"gatehouse/ledger/engine"
)

// Index is who is who among everybody, in brief: it is small enough to be held while people are gone through in pages.
type Index struct {
	// People are by key.
	People map[string]Brief
	// owners are keys by source and employee id.
	owners map[[2]string]string
}

// Brief is what of a person somebody else's plan needs: their OneLogin user, 0 if none is known, and who stands for them.
type Brief struct {
	AccountID int64
	Forward   string
	key       string
}

// Index reads who is who in two statements.
func (s Store) Index(ctx context.Context) (Index, error) {
	all := Index{People: map[string]Brief{}, owners: map[[2]string]string{}}
	q := s.db.Reader()
	err := engine.Each(ctx, q, "SELECT person_key, account_id, forward FROM people", nil, func(scan func(...any) error) error {
		var b Brief
		err := scan(&b.key, &b.AccountID, &b.Forward)
		all.People[b.key] = b
		return err
	})
	if err == nil {
		sources := map[string]string{}
		err = engine.Each(ctx, q, "SELECT source, employee_id, person_key FROM links", nil, func(scan func(...any) error) error {
			var source, id, key string
			if err := scan(&source, &id, &key); err != nil {
				return err
			}
			// Most keys are made of their only record: one text serves for both.
			if p, there := all.People[key]; there {
				key = p.key
			}
			if at := len(source) + 1; len(key) == at+len(id) && key[at:] == id {
				id = key[at:]
			}
			if _, there := sources[source]; !there {
				sources[source] = source
			}
			all.owners[[2]string{sources[source], id}] = key
			return nil
		})
	}
	if err != nil {
		return Index{}, fmt.Errorf("read who is who: %w", err)
	}
	return all, nil
}

// Owner returns the key of the person whom a record is linked to.
func (i Index) Owner(source, employeeID string) (key string, linked bool) {
	key, linked = i.owners[[2]string{source, employeeID}]
	return key, linked
}

// StandsFor is the key that stands for a person by now.
func (i Index) StandsFor(key string) string {
	if forward := i.People[key].Forward; forward != "" {
		return forward
	}
	return key
}
