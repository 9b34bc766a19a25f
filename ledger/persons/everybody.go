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
	all := Everybody{People: map[string]Person{}, Links: map[string][]Link{}}
	err := s.readBulk(ctx, &all, "")
	if err != nil {
		return Everybody{}, fmt.Errorf("read everybody: %w", err)
	}
	all.Orders, all.Ended, err = s.OrdersToCarryOut(ctx, all.StandsFor)
	return all, err
}

// Some reads the people of some keys and their links, without orders.
func (s Store) Some(ctx context.Context, keys []string) (Everybody, error) {
	some := Everybody{People: make(map[string]Person, len(keys)), Links: make(map[string][]Link, len(keys))}
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		return s.readBulk(ctx, &some, " WHERE person_key IN "+engine.List(1, len(part)), engine.Anys(part)...)
	})
	if err != nil {
		return Everybody{}, fmt.Errorf("read %d people: %w", len(keys), err)
	}
	return some, nil
}

func (s Store) readBulk(ctx context.Context, into *Everybody, where string, args ...any) error {
	q := s.db.Reader()
	err := engine.Each(ctx, q, "SELECT "+personColumns+" FROM (SELECT * FROM people"+where+") p"+PrimaryOf, args, func(scan func(...any) error) error {
		var r personRow
		err := scan(r.dest()...)
		into.People[r.p.Key] = r.person()
		return err
	})
	if err != nil {
		return err
	}
	return engine.Each(ctx, q, `SELECT source, employee_id, person_key, first_seen, leaver_first_seen, leaver_due, begun_episode, work_digest, personal_digest, name_digest
		FROM links`+where+" ORDER BY first_seen, source, employee_id", args, func(scan func(...any) error) error {
		var link Link
		var first, leaver, due int64
		err := scan(&link.Source, &link.EmployeeID, &link.Key, &first, &leaver, &due, &link.BegunEpisode,
			&link.Digests.WorkEmail, &link.Digests.PersonalEmail, &link.Digests.Name)
		link.FirstSeen, link.LeaverFirstSeen, link.LeaverDue = engine.Instant(first), engine.Instant(leaver), engine.Instant(due)
		into.Links[link.Key] = append(into.Links[link.Key], link)
		return err
	})
}

// OrdersToCarryOut returns everybody's open orders, and those whose end has yet to be carried out, oldest first, by the key that
// stands for who they are about.
func (s Store) OrdersToCarryOut(ctx context.Context, standsFor func(key string) string) (orders, over map[string][]identity.Order, err error) {
	open, err := Orders(s).Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	ended, err := Orders(s).orders(ctx, "kind IN ('grant', 'hold', 'set') AND settled_at = 0 AND (released_at <> 0 OR (expires_at <> 0 AND expires_at <= $1))",
		engine.Micros(s.db.Now()))
	if err != nil {
		return nil, nil, err
	}
	orders, over = map[string][]identity.Order{}, map[string][]identity.Order{}
	for _, o := range open {
		o.Key = standsFor(o.Key)
		orders[o.Key] = append(orders[o.Key], o.Order)
	}
	for _, o := range ended {
		if !o.Released.IsZero() && (o.Until.IsZero() || o.Released.Before(o.Until)) {
			o.Until = o.Released
		}
		o.Key = standsFor(o.Key)
		over[o.Key] = append(over[o.Key], o.Order)
	}
	return orders, over, nil
}

// StandsFor is the key that stands for a person by now.
func (e Everybody) StandsFor(key string) string {
	if forward := e.People[key].Forward; forward != "" {
		return forward
	}
	return key
}
