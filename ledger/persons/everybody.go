package persons

import (
	"context"
	"fmt"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Everybody is who the ledger knows, in bulk. Records that were linked to somebody else are under that person's key.
type Everybody struct {
	People map[string]Person
	Links  map[string][]Link
	// Orders are the open ones, and Ended those whose end has yet to be carried out, oldest first.
	Orders, Ended map[string][]identity.Order
}

// Everybody reads people, links and orders in a few statements.
func (s Store) Everybody(ctx context.Context) (Everybody, error) {
	all := Everybody{
		People: map[string]Person{}, Links: map[string][]Link{}, Orders: map[string][]identity.Order{}, Ended: map[string][]identity.Order{},
	}
	q := s.db.Reader()
	err := engine.Each(ctx, q, "SELECT "+personColumns+" FROM people p"+PrimaryOf, nil, func(scan func(...any) error) error {
		var r personRow
		err := scan(r.dest()...)
		all.People[r.p.Key] = r.person()
		return err
	})
	if err == nil {
		err = engine.Each(ctx, q, `SELECT source, employee_id, person_key, first_seen, leaver_first_seen, begun_episode, work_digest, personal_digest, name_digest
			FROM links ORDER BY first_seen, source, employee_id`,
			nil, func(scan func(...any) error) error {
				var link Link
				var first, leaver int64
				err := scan(&link.Source, &link.EmployeeID, &link.Key, &first, &leaver, &link.BegunEpisode,
					&link.Digests.WorkEmail, &link.Digests.PersonalEmail, &link.Digests.Name)
				link.FirstSeen, link.LeaverFirstSeen = engine.Instant(first), engine.Instant(leaver)
				all.Links[link.Key] = append(all.Links[link.Key], link)
				return err
			})
	}
	if err != nil {
		return Everybody{}, fmt.Errorf("read everybody: %w", err)
	}
	open, err := Orders(s).Open(ctx)
	if err != nil {
		return Everybody{}, err
	}
	ended, err := Orders(s).orders(ctx, "kind IN ('grant', 'hold') AND settled_at = 0 AND (released_at <> 0 OR (expires_at <> 0 AND expires_at <= $1))",
		engine.Micros(s.db.Now()))
	if err != nil {
		return Everybody{}, err
	}
	for _, o := range open {
		o.Key = all.StandsFor(o.Key)
		all.Orders[o.Key] = append(all.Orders[o.Key], o.Order)
	}
	for _, o := range ended {
		if !o.Released.IsZero() && (o.Until.IsZero() || o.Released.Before(o.Until)) {
			o.Until = o.Released
		}
		o.Key = all.StandsFor(o.Key)
		all.Ended[o.Key] = append(all.Ended[o.Key], o.Order)
	}
	return all, nil
}

// StandsFor is the key that stands for a person by now.
func (e Everybody) StandsFor(key string) string {
	if forward := e.People[key].Forward; forward != "" {
		return forward
	}
	return key
}
