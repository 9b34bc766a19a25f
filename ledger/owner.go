package ledger

import (
	"context"
	"fmt"
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
	if d.Person.Episode > 0 {
		return d.Person.Employed, true, nil
	}
	for _, link := range d.Links {
		row, _, err := l.Roster().Row(ctx, link.Source, link.EmployeeID)
		if err != nil {
			return false, false, err
		}
		employed = employed || row.Active
	}
	return employed, len(d.Links) > 0, nil
}
