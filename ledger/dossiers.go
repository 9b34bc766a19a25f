package ledger

import (
	"context"
	"fmt"
)

// Dossiers returns what the ledger knows of all people, by the key that stands for each of them now: with their links and
// orders. It is the bulk form of Dossier, without departures and accounts, for what looks at all people at once and waits for
// nobody.
func (l *Ledger) Dossiers(ctx context.Context) (map[string]*Dossier, error) {
	e, err := l.Everybody(ctx)
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
		if d := all[e.standsFor(key)]; p.Forward != "" && d != nil {
			d.Forwarded = append(d.Forwarded, key)
		}
	}
	for key, links := range e.Links {
		if d := all[e.standsFor(key)]; d != nil {
			d.Links = append(d.Links, links...)
		}
	}
	for _, d := range all {
		d.sort()
	}
	return all, nil
}

// Inventory returns all accounts of a system with their documents, and the last complete sweep of them.
func (l *Ledger) Inventory(ctx context.Context, system string) (all []Account, last AccountSweep, complete bool, err error) {
	if last, complete, err = l.LastSweep(ctx, system, SweepFull, true); err != nil {
		return nil, last, false, err
	}
	all, err = l.readAccounts(ctx, l.db.Reader(), true, " WHERE a.system = $1", system)
	if err != nil {
		return nil, last, false, fmt.Errorf("read the inventory of %s: %w", system, err)
	}
	return all, last, complete, nil
}

// EachStated hands over every account of a system without its document, a page at a time.
func (l *Ledger) EachStated(ctx context.Context, system string, do func(Account) error) error {
	after := ""
	for {
		rows, err := l.readAccounts(ctx, l.db.Reader(), false, " WHERE a.system = $1 AND a.account_id > $2 ORDER BY a.account_id LIMIT $3",
			system, after, maxAccountPage)
		if err != nil {
			return fmt.Errorf("read the accounts of %s: %w", system, err)
		}
		for _, a := range rows {
			if err := do(a); err != nil {
				return err
			}
		}
		if len(rows) < maxAccountPage {
			return nil
		}
		after = rows[len(rows)-1].Ref.ID
	}
}
