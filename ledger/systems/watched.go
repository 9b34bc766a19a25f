package systems

import (
	"context"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Watched is where to go on asking a system what may have changed, "" if it was never asked.
func (s Store) Watched(ctx context.Context, system string) (cookie string, err error) {
	_, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT cookie FROM system_watches WHERE system = $1", []any{system}, &cookie)
	return cookie, engine.Wrapf(err, "read where to go on with the changes of %s", system)
}

// PutWatched keeps where to go on asking.
func (s Store) PutWatched(ctx context.Context, system, cookie string) error {
	_, err := s.db.Change(ctx, `INSERT INTO system_watches (system, cookie) VALUES ($1, $2)
		ON CONFLICT (system) DO UPDATE SET cookie = excluded.cookie`, system, cookie)
	return engine.Wrapf(err, "keep where to go on with the changes of %s", system)
}

// HeldBy are the accounts of a system that hold each object of a kind, as far as anybody knows, by the object's id.
func (s Store) HeldBy(ctx context.Context, system string, kind identity.SystemObjectKind) (map[string][]string, error) {
	now, accounts := engine.Micros(s.db.Now()), map[string][]string{}
	err := s.eachExtra(ctx, system, func(id string, x *extra) {
		if sh := x.holds[kind]; sh != nil {
			for _, object := range sh.believed(now) {
				accounts[object] = append(accounts[object], id)
			}
		}
	})
	return accounts, engine.Wrapf(err, "read who holds what in %s", system)
}

// Less are the accounts that a list shows without something which they hold as far as anybody knows, by id, and of how many accounts
// something is known. What Gatehouse gave after the list was asked for does not count.
func (s Store) Less(ctx context.Context, h Held) (less []string, known int, err error) {
	now, at := engine.Micros(s.db.Now()), engine.Micros(h.At)
	err = s.eachExtra(ctx, h.System, func(id string, x *extra) {
		shown, listed := h.IDs[id]
		sh := x.holds[h.Kind]
		if !listed || sh == nil {
			return
		}
		held := sh.believed(now)
		if len(held) > 0 {
			known++
		}
		// What a reading of the account has confirmed as gone is on its way out already.
		if slices.ContainsFunc(held, func(o string) bool {
			return !slices.Contains(shown, o) && sh.Marks[o].Given <= at && sh.Marks[o].Confirmed == 0
		}) {
			less = append(less, id)
		}
	})
	slices.Sort(less)
	return less, known, engine.Wrapf(err, "compare what %d accounts hold", len(h.IDs))
}

// eachExtra hands over what is known of each account of a system.
func (s Store) eachExtra(ctx context.Context, system string, do func(id string, x *extra)) error {
	return engine.Each(ctx, s.db.Reader(), "SELECT "+extraColumns+" FROM system_accounts WHERE system = $1", []any{system},
		func(scan func(...any) error) error {
			id, x, err := scanExtra(scan)
			if err == nil {
				do(id, x)
			}
			return err
		})
}
