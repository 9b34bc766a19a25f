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
	all, forward, err := l.everyPerson(ctx)
	if err != nil {
		return nil, fmt.Errorf("read all people: %w", err)
	}
	// of is whom a key stands for now.
	of := func(key string) string {
		if to := forward[key]; to != "" {
			return to
		}
		return key
	}
	edit := func(key string, change func(d *Dossier)) {
		d, found := all[of(key)]
		if !found {
			return // What is linked to nobody who exists is nobody's.
		}
		change(&d)
		all[of(key)] = d
	}
	if err := l.everyLink(ctx, edit); err != nil {
		return nil, fmt.Errorf("read all links: %w", err)
	}
	if err := l.everyOrder(ctx, of, edit); err != nil {
		return nil, fmt.Errorf("read all orders: %w", err)
	}
	accounts, err := l.readAccounts(ctx, l.engine.reader(), false, " WHERE a.state IN ('linked', 'disputed') AND a.person_key <> ''")
	if err != nil {
		return nil, fmt.Errorf("read the accounts of all people: %w", err)
	}
	for _, a := range accounts {
		edit(a.Person, func(d *Dossier) { d.Accounts = append(d.Accounts, a) })
	}
	for from, to := range forward {
		edit(to, func(d *Dossier) { d.Forwarded = append(d.Forwarded, from) })
	}
	for key, d := range all {
		d.sort()
		all[key] = d
	}
	return all, nil
}

// everyPerson returns everybody who stands for themselves, and whom the others are forwarded to.
func (l *Ledger) everyPerson(ctx context.Context) (all map[string]Dossier, forward map[string]string, err error) {
	all, forward = map[string]Dossier{}, map[string]string{}
	err = each(ctx, l.engine.reader(), "SELECT "+personColumns+" FROM people p"+primaryOf, nil, func(scan func(...any) error) error {
		var r personRow
		err := scan(r.dest()...)
		if p := r.person(); p.Forward != "" {
			forward[p.Key] = p.Forward
		} else {
			all[p.Key] = Dossier{Person: p}
		}
		return err
	})
	return all, forward, err
}

func (l *Ledger) everyLink(ctx context.Context, edit func(key string, change func(d *Dossier))) error {
	return each(ctx, l.engine.reader(), `SELECT source, employee_id, person_key, first_seen, leaver_first_seen, work_digest,
		personal_digest, name_digest FROM links`, nil, func(scan func(...any) error) error {
		var link Link
		var seen, leaver int64
		err := scan(&link.Source, &link.EmployeeID, &link.Key, &seen, &leaver, &link.Digests.WorkEmail, &link.Digests.PersonalEmail, &link.Digests.Name)
		link.FirstSeen, link.LeaverFirstSeen = instant(seen), instant(leaver)
		edit(link.Key, func(d *Dossier) { d.Links = append(d.Links, link) })
		return err
	})
}

// everyOrder adds the orders that Dossier would: open ones, and those that are over while their end is not carried out.
func (l *Ledger) everyOrder(ctx context.Context, of func(key string) string, edit func(key string, change func(d *Dossier))) error {
	now := micros(l.now())
	return each(ctx, l.engine.reader(), `SELECT order_id, kind, group_name, roles, given_roles, expires_at, released_at, created_at, detail,
		person_key FROM orders WHERE (released_at = 0 AND (expires_at = 0 OR expires_at > $1)) OR (kind IN ('grant', 'hold') AND settled_at = 0)`,
		[]any{now}, func(scan func(...any) error) error {
			var r orderRow
			if err := scan(&r.id, &r.kind, &r.group, &r.roles, &r.given, &r.expires, &r.released, &r.created, &r.detail, &r.key); err != nil {
				return err
			}
			o, err := l.order(of(r.key), r)
			if err != nil {
				return err
			}
			open := r.released == 0 && (r.expires == 0 || r.expires > now)
			edit(r.key, func(d *Dossier) {
				if open {
					d.Orders = append(d.Orders, o)
				} else {
					d.Ended = append(d.Ended, o)
				}
			})
			return nil
		})
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
