package systems

import (
	"context"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// News returns the accounts of a system of which something is new that nobody was told, by id: at most limit, after an id.
func (s Store) News(ctx context.Context, system, after string, limit int) ([]identity.Ref, error) {
	return s.pending(ctx, system, "news = 1", after, limit)
}

// Unconfirmed returns the accounts of a system that were not shown with something that they held, which no reading of them has
// confirmed.
func (s Store) Unconfirmed(ctx context.Context, system, after string, limit int) ([]identity.Ref, error) {
	return s.pending(ctx, system, "unconfirmed = 1", after, limit)
}

// Due returns the accounts of a system of which a tombstone is due.
func (s Store) Due(ctx context.Context, system, after string, limit int) ([]identity.Ref, error) {
	return s.pending(ctx, system, "due_at <> 0 AND due_at <= $4", after, limit, engine.Micros(s.db.Now()))
}

func (s Store) pending(ctx context.Context, system, where, after string, limit int, args ...any) ([]identity.Ref, error) {
	ids, err := engine.Texts(ctx, s.db.Reader(), "SELECT account_id FROM system_accounts WHERE system = $1 AND account_id > $2 AND "+where+
		" ORDER BY account_id LIMIT $3", append([]any{system, after, limit}, args...)...)
	refs := make([]identity.Ref, len(ids))
	for i, id := range ids {
		refs[i] = identity.Ref{System: system, ID: id}
	}
	return refs, engine.Wrapf(err, "read which accounts of %s have changed", system)
}

// Unshown are the ids of what an account was not shown with, which no reading of it has confirmed.
func (s Store) Unshown(ctx context.Context, ref identity.Ref) (map[identity.SystemObjectKind][]string, error) {
	all, err := s.extras(ctx, s.db.Reader(), ref.System, []string{ref.ID})
	if err != nil {
		return nil, engine.Wrapf(err, "read what account %s was not shown with", ref)
	}
	unshown := map[identity.SystemObjectKind][]string{}
	for kind, sh := range all[ref.ID].holds {
		for id, m := range sh.Marks {
			if m.Missing != 0 && m.Confirmed == 0 {
				unshown[kind] = append(unshown[kind], id)
			}
		}
	}
	return unshown, nil
}

// CountUnconfirmed counts what accounts of a system were not shown with, which no reading of them has confirmed.
func (s Store) CountUnconfirmed(ctx context.Context, system string) (n int64, err error) {
	return s.countMarks(ctx, system, "unconfirmed = 1", func(m mark) bool { return m.Missing != 0 && m.Confirmed == 0 })
}

// Misses reports that an account was not shown with something of a kind which it held, and that no later reading has settled that.
func (s Store) Misses(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind) (bool, error) {
	all, err := s.extras(ctx, s.db.Reader(), ref.System, []string{ref.ID})
	if err != nil {
		return false, engine.Wrapf(err, "read what account %s was not shown with", ref)
	}
	sh := all[ref.ID].holds[kind]
	if sh == nil {
		return false, nil
	}
	for _, m := range sh.Marks {
		if m.Missing != 0 {
			return true, nil
		}
	}
	return false, nil
}

// Told notes that the people of accounts of a system were told what is new.
func (s Store) Told(ctx context.Context, system string, refs []identity.Ref) error {
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	err := engine.Chunks(ids, func(part []string) error {
		return s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			_, err := q.ExecContext(ctx, "UPDATE system_accounts SET news = 0 WHERE system = $1 AND account_id IN "+engine.List(2, len(part)),
				engine.Args(system, part)...)
			return err
		})
	})
	return engine.Wrapf(err, "note that the people of %d accounts of %s were told", len(refs), system)
}

// Missing counts what accounts of a system were not shown with and are believed to hold.
func (s Store) Missing(ctx context.Context, system string) (n int64, err error) {
	now := engine.Micros(s.db.Now())
	return s.countMarks(ctx, system, "due_at <> 0", func(m mark) bool { return m.Missing != 0 && !m.wentAway(now) })
}

// countMarks counts the marks of some accounts of a system that are of a kind.
func (s Store) countMarks(ctx context.Context, system, where string, counts func(mark) bool) (n int64, err error) {
	err = engine.Each(ctx, s.db.Reader(), "SELECT "+extraColumns+" FROM system_accounts WHERE system = $1 AND "+where, []any{system},
		func(scan func(...any) error) error {
			_, x, err := scanExtra(scan)
			if err != nil {
				return err
			}
			for _, sh := range x.holds {
				for _, m := range sh.Marks {
					n += engine.Flag(counts(m))
				}
			}
			return nil
		})
	return n, engine.Wrapf(err, "count what accounts of %s are believed to hold", system)
}

// PutMembers keeps who is in a group, as a sweep of a system was shown it. Repeating it replaces it.
func (s Store) PutMembers(ctx context.Context, system, sweep, group string, accounts []string) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO system_members (system, sweep, group_id, accounts) VALUES ($1, $2, $3, $4)
			ON CONFLICT (system, sweep, group_id) DO UPDATE SET accounts = excluded.accounts`, system, sweep, group, strings.Join(accounts, "\n"))
		return err
	})
	return engine.Wrapf(err, "keep who is in a group of %s", system)
}

// EachGroup hands over the groups whose members a sweep was shown.
func (s Store) EachGroup(ctx context.Context, system, sweep string, do func(group string, accounts []string) error) error {
	err := engine.Each(ctx, s.db.Reader(), "SELECT group_id, accounts FROM system_members WHERE system = $1 AND sweep = $2 ORDER BY group_id",
		[]any{system, sweep}, func(scan func(...any) error) error {
			var group, accounts string
			if err := scan(&group, &accounts); err != nil {
				return err
			}
			return do(group, engine.Lines(accounts))
		})
	return engine.Wrapf(err, "read who is in the groups of %s", system)
}

// DropMembers clears away what sweeps of a system were shown of groups.
func (s Store) DropMembers(ctx context.Context, system string) error {
	_, err := s.db.Change(ctx, "DELETE FROM system_members WHERE system = $1", system)
	return engine.Wrapf(err, "clear away who is in the groups of %s", system)
}

// Holders counts the accounts that hold each object of a kind, as far as anybody knows.
func (s Store) Holders(ctx context.Context, system string, kind identity.SystemObjectKind) (map[string]int, error) {
	accounts, err := s.HeldBy(ctx, system, kind)
	counts := make(map[string]int, len(accounts))
	for object, ids := range accounts {
		counts[object] = len(ids)
	}
	return counts, err
}
