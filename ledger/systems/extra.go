package systems

import (
	"context"
	"encoding/json"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// extra is a row of system_accounts.
type extra struct {
	container, manager string
	readAt, news       int64
	holds              shelves
	ownPart            ownPart
}

// take takes in a row that was asked for at an instant. Changed says that there is something to write, news that something is
// believed that was not.
func (x *extra) take(at time.Time, row Row, whole bool) (changed, news bool) {
	asked := engine.Micros(at)
	if x.readAt <= asked {
		if row.ManagerUnknown {
			row.Manager = x.manager
		}
		changed = x.readAt == 0 || x.container != row.Container || x.manager != row.Manager
		// That a manager is found who was not known before concerns nobody by itself.
		news = x.readAt != 0 && (x.container != row.Container || x.manager != row.Manager && x.manager != "")
		if changed || whole {
			x.container, x.manager, x.readAt = row.Container, row.Manager, asked
		}
	}
	for kind, ids := range row.Holds {
		sh, r := x.holds.of(kind), reading{at: row.heldAt(at), ids: ids, keep: keepOf(row.Keep), whole: whole, unconfirmed: row.Unconfirmed}
		take := sh.take
		if kind == identity.ObjectProfile {
			take = sh.replace // An account has exactly one.
		}
		c, n := take(r)
		changed, news = changed || c, news || n
	}
	return changed, news
}

// heldAt is when what an account holds was read, as part of a reading that was asked for at an instant.
func (r Row) heldAt(at time.Time) int64 {
	if !r.HeldAt.IsZero() && r.HeldAt.Before(at) {
		at = r.HeldAt
	}
	return engine.Micros(at)
}

// differs reports that a row which was asked for at an instant says something else than what is known.
func (x *extra) differs(at time.Time, row Row) bool {
	if x.readAt != 0 && (x.container != row.Container || x.manager != "" && !row.ManagerUnknown && x.manager != row.Manager) {
		return true
	}
	for kind, ids := range row.Holds {
		if sh := x.holds[kind]; sh != nil && sh.differs(ids, row.heldAt(at)) {
			return true
		}
	}
	return false
}

const extraColumns = "account_id, container, manager, read_at, holds, ours, news"

// extras reads rows of system_accounts. An account without one has an empty one.
func (s Store) extras(ctx context.Context, q engine.Querier, system string, ids []string) (map[string]*extra, error) {
	all := make(map[string]*extra, len(ids))
	for _, id := range ids {
		all[id] = &extra{holds: shelves{}}
	}
	err := engine.Chunks(ids, func(part []string) error {
		part = engine.Padded(part)
		return engine.Each(ctx, q, "SELECT "+extraColumns+" FROM system_accounts WHERE system = $1 AND account_id IN "+
			engine.List(2, len(part)), engine.Args(system, part), func(scan func(...any) error) error {
			id, x, err := scanExtra(scan)
			all[id] = x
			return err
		})
	})
	return all, err
}

func scanExtra(scan func(...any) error) (id string, x *extra, err error) {
	x = &extra{}
	var holds, ownPart string
	if err := scan(&id, &x.container, &x.manager, &x.readAt, &holds, &ownPart, &x.news); err != nil {
		return id, nil, err
	}
	if x.holds, err = readShelves(holds); err == nil && ownPart != "" {
		err = json.Unmarshal([]byte(ownPart), &x.ownPart)
	}
	return id, x, err
}

// writeExtras changes some accounts of a system behind all other work.
func (s Store) writeExtras(ctx context.Context, system string, ids []string, change func(id string, x *extra)) error {
	return s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		return s.changeIn(ctx, q, system, ids, change)
	})
}

// change changes one account together with other work.
func (s Store) change(ctx context.Context, ref identity.Ref, change func(x *extra)) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return s.changeIn(ctx, q, ref.System, []string{ref.ID}, func(_ string, x *extra) { change(x) })
	})
}

func (s Store) changeIn(ctx context.Context, q engine.Querier, system string, ids []string, change func(id string, x *extra)) error {
	if err := s.lock(ctx, q, system); err != nil {
		return err
	}
	all, err := s.extras(ctx, q, system, ids)
	if err != nil {
		return err
	}
	rows := map[string][]any{}
	for id, x := range all {
		change(id, x)
		row, err := x.row(system, id)
		if err != nil {
			return err
		}
		rows[id] = row
	}
	return engine.InsertRows(ctx, q, "INSERT INTO system_accounts (system, account_id, container, manager, read_at, holds, ours, due_at, unconfirmed, news, handed)",
		`ON CONFLICT (system, account_id) DO UPDATE SET container = excluded.container, manager = excluded.manager, read_at = excluded.read_at,
		holds = excluded.holds, ours = excluded.ours, due_at = excluded.due_at, unconfirmed = excluded.unconfirmed, news = excluded.news,
		handed = excluded.handed`,
		engine.Sorted(rows))
}

func (x *extra) row(system, id string) ([]any, error) {
	holds, err := x.holds.text()
	if err != nil {
		return nil, err
	}
	ownPart, err := x.ownPart.text()
	if err != nil {
		return nil, err
	}
	due, open := x.holds.due()
	return []any{system, id, x.container, x.manager, x.readAt, holds, ownPart, due, engine.Flag(open), x.news, engine.Flag(len(x.ownPart.handed(id).Heirs()) > 0)}, nil
}
