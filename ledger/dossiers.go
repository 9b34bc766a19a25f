package ledger

import (
	"context"
	"fmt"

	"gatehouse/identity"
)

// Dossiers returns what the ledger knows of all people, by the key that stands for each of them now: with their links,
// orders, and accounts without documents and roles. It is the bulk form of Dossier, without departures, for what looks at
// all people at once and waits for nobody.
func (l *Ledger) Dossiers(ctx context.Context) (map[string]Dossier, error) {
	e, err := l.Everybody(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Dossier, len(e.People))
	for key, p := range e.People {
		if p.Forward == "" {
			all[key] = Dossier{Person: p, Orders: e.Orders[key], Ended: e.Ended[key]}
		}
	}
	edit := func(key string, change func(d *Dossier)) {
		key = e.standsFor(key)
		d, found := all[key]
		if !found {
			return // What is linked to nobody who exists is nobody's.
		}
		change(&d)
		all[key] = d
	}
	for key, p := range e.People {
		if p.Forward != "" {
			edit(key, func(d *Dossier) { d.Forwarded = append(d.Forwarded, key) })
		}
	}
	for key, links := range e.Links {
		edit(key, func(d *Dossier) { d.Links = append(d.Links, links...) })
	}
	accounts, err := l.readAccounts(ctx, l.engine.reader(), false, " WHERE a.state IN ('linked', 'disputed') AND a.person_key <> ''")
	if err != nil {
		return nil, fmt.Errorf("read the accounts of all people: %w", err)
	}
	for _, a := range accounts {
		edit(a.Person, func(d *Dossier) { d.Accounts = append(d.Accounts, a) })
	}
	for key, d := range all {
		d.sort()
		all[key] = d
	}
	return all, nil
}

// Inventory returns all accounts of a system with their documents, and the last complete sweep of them.
func (l *Ledger) Inventory(ctx context.Context, system string) (all []Account, last AccountSweep, complete bool, err error) {
	if last, complete, err = l.LastSweep(ctx, system, SweepFull, true); err != nil {
		return nil, last, false, err
	}
	all, err = l.readAccounts(ctx, l.engine.reader(), true, " WHERE a.system = $1", system)
	if err != nil {
		return nil, last, false, fmt.Errorf("read the inventory of %s: %w", system, err)
	}
	return all, last, complete, nil
}

// StatedAccounts returns all accounts of a system without their documents, by reference.
func (l *Ledger) StatedAccounts(ctx context.Context, system string) (map[identity.Ref]Account, error) {
	rows, err := l.readAccounts(ctx, l.engine.reader(), false, " WHERE a.system = $1", system)
	if err != nil {
		return nil, fmt.Errorf("read the accounts of %s: %w", system, err)
	}
	all := make(map[identity.Ref]Account, len(rows))
	for _, a := range rows {
		all[a.Ref] = a
	}
	return all, nil
}
