package ledger

import (
	"context"
	"fmt"

	"gatehouse/identity"
)

// Dossiers returns what the ledger knows of all people, by the key that stands for each of them now: with their links and
// orders. It is the bulk form of Dossier, without departures and accounts, for what looks at all people at once and waits for
// nobody.
func (l *Ledger) Dossiers(ctx context.Context) (map[string]*Dossier, error) {
	e, err := l.People().Everybody(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*Dossier, len(e.People))
	for key, p := range e.People {
		if p.Forward == "" {
			all[key] = &Dossier{Person: p, Orders: e.Orders[key], Ended: e.Ended[key]}
		}
	}
	for key, p := range e.People {
		// What is linked to nobody who exists is nobody's.
		if d := all[e.StandsFor(key)]; p.Forward != "" && d != nil {
			d.Forwarded = append(d.Forwarded, key)
		}
	}
	for key, links := range e.Links {
		if d := all[e.StandsFor(key)]; d != nil {
			d.Links = append(d.Links, links...)
		}
	}
	for _, d := range all {
		d.sort()
	}
	return all, nil
}

// OrdersInForce returns the open orders about a person, oldest first: neither released nor expired.
func (l *Ledger) OrdersInForce(ctx context.Context, key string) ([]identity.Order, error) {
	d, _, err := l.Dossier(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return d.Orders, nil
}
