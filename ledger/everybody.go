package ledger

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/identity"
)

// Everybody is who the ledger knows, in bulk. Records that were linked to somebody else are under that person's key.
type Everybody struct {
	People map[string]Person
	Links  map[string][]Link
	// Orders are the open ones, and Ended those whose end has yet to be carried out, oldest first.
	Orders, Ended map[string][]identity.Order
}

// Everybody reads people, links and orders in a few statements.
func (l *Ledger) Everybody(ctx context.Context) (Everybody, error) {
	all := Everybody{
		People: map[string]Person{}, Links: map[string][]Link{}, Orders: map[string][]identity.Order{}, Ended: map[string][]identity.Order{},
	}
	q := l.db.Reader()
	err := each(ctx, q, "SELECT "+personColumns+" FROM people p"+primaryOf, nil, func(scan func(...any) error) error {
		var r personRow
		err := scan(r.dest()...)
		all.People[r.p.Key] = r.person()
		return err
	})
	if err == nil {
		err = each(ctx, q, `SELECT source, employee_id, person_key, first_seen, leaver_first_seen, begun_episode, work_digest, personal_digest, name_digest
			FROM links ORDER BY first_seen, source, employee_id`,
			nil, func(scan func(...any) error) error {
				var link Link
				var first, leaver int64
				err := scan(&link.Source, &link.EmployeeID, &link.Key, &first, &leaver, &link.BegunEpisode,
					&link.Digests.WorkEmail, &link.Digests.PersonalEmail, &link.Digests.Name)
				link.FirstSeen, link.LeaverFirstSeen = instant(first), instant(leaver)
				all.Links[link.Key] = append(all.Links[link.Key], link)
				return err
			})
	}
	if err != nil {
		return Everybody{}, fmt.Errorf("read everybody: %w", err)
	}
	open, err := l.OpenOrders(ctx)
	if err != nil {
		return Everybody{}, err
	}
	ended, err := l.orders(ctx, "kind IN ('grant', 'hold') AND settled_at = 0 AND (released_at <> 0 OR (expires_at <> 0 AND expires_at <= $1))",
		micros(l.db.Now()))
	if err != nil {
		return Everybody{}, err
	}
	for _, o := range open {
		o.Key = all.standsFor(o.Key)
		all.Orders[o.Key] = append(all.Orders[o.Key], o.Order)
	}
	for _, o := range ended {
		if !o.Released.IsZero() && (o.Until.IsZero() || o.Released.Before(o.Until)) {
			o.Until = o.Released
		}
		o.Key = all.standsFor(o.Key)
		all.Ended[o.Key] = append(all.Ended[o.Key], o.Order)
	}
	return all, nil
}

// standsFor is the key that stands for a person by now.
func (e Everybody) standsFor(key string) string {
	if forward := e.People[key].Forward; forward != "" {
		return forward
	}
	return key
}

// EachAccount reads every account of a system that is a person's or may be, with its document, a page at a time.
func (l *Ledger) EachAccount(ctx context.Context, system string, do func(Account) error) error {
	page := AccountPage{Limit: maxAccountPage}
	for {
		rows, err := l.ListAccounts(ctx, AccountFilter{System: system}, page)
		if err != nil {
			return err
		}
		for _, a := range rows {
			if err := do(a); err != nil {
				return err
			}
		}
		if len(rows) < page.Limit {
			return nil
		}
		page.After = rows[len(rows)-1].Ref
	}
}

// RolesOf reads which roles some accounts of a system were seen with, who gave them and when, as far as the system says.
func (l *Ledger) RolesOf(ctx context.Context, system string, ids []string) (map[string][]AccountRole, error) {
	found := map[string][]AccountRole{}
	for part := range slices.Chunk(ids, maxObserved) {
		args := []any{system}
		for _, id := range part {
			args = append(args, id)
		}
		err := each(ctx, l.db.Reader(), "SELECT account_id, role, added_by, added_at FROM account_roles WHERE system = $1 AND account_id IN "+
			list(2, len(part)), args, func(scan func(...any) error) error {
			var id string
			var r AccountRole
			var added int64
			err := scan(&id, &r.Name, &r.AddedBy, &added)
			r.AddedAt = instant(added)
			found[id] = append(found[id], r)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the roles of %d accounts: %w", len(ids), err)
		}
	}
	return found, nil
}
