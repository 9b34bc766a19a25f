package inventory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// All returns all accounts of a system with their documents, and the last complete sweep of them.
func (s Store) All(ctx context.Context, system string) (all []Account, last Sweep, complete bool, err error) {
	if last, complete, err = s.LastSweep(ctx, system, SweepFull, true); err != nil {
		return nil, last, false, err
	}
	all, err = s.readAccounts(ctx, s.db.Reader(), true, " WHERE a.system = $1", system)
	if err != nil {
		return nil, last, false, fmt.Errorf("read the inventory of %s: %w", system, err)
	}
	return all, last, complete, nil
}

// EachStated hands over every account of a system without its document, a page at a time.
func (s Store) EachStated(ctx context.Context, system string, do func(Account) error) error {
	after := ""
	for {
		rows, err := s.readAccounts(ctx, s.db.Reader(), false, " WHERE a.system = $1 AND a.account_id > $2 ORDER BY a.account_id LIMIT $3",
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

// RolesOf reads which roles some accounts of a system were seen with, who gave them and when, as far as the system says.
func (s Store) RolesOf(ctx context.Context, system string, ids []string) (map[string][]Role, error) {
	found := map[string][]Role{}
	for part := range slices.Chunk(ids, maxObserved) {
		part = engine.Padded(part)
		err := engine.Each(ctx, s.db.Reader(), "SELECT account_id, role, added_by, added_at, seen_at FROM account_roles WHERE system = $1 AND account_id IN "+
			engine.List(2, len(part)), engine.Args(system, part), func(scan func(...any) error) error {
			var id string
			var r Role
			var added, at int64
			err := scan(&id, &r.Name, &r.AddedBy, &added, &at)
			r.AddedAt, r.SeenAt = engine.Instant(added), engine.Instant(at)
			found[id] = append(found[id], r)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the roles of %d accounts: %w", len(ids), err)
		}
	}
	return found, nil
}

// Observed is when something was read of an account, and a digest of all that was, by which one tells whether any of it is new.
type Observed struct {
	At      time.Time
	Content string
}

// EachObserved hands over which accounts of a system something was read of that was asked for after an instant.
func (s Store) EachObserved(ctx context.Context, system string, since time.Time, do func(identity.Ref, Observed) error) error {
	err := engine.Each(ctx, s.db.Reader(), "SELECT account_id, observed_at, content FROM accounts WHERE system = $1 AND observed_at > $2",
		[]any{system, engine.Micros(since)}, func(scan func(...any) error) error {
			ref := identity.Ref{System: system}
			var o Observed
			var at int64
			if err := scan(&ref.ID, &at, &o.Content); err != nil {
				return err
			}
			o.At = engine.Instant(at)
			return do(ref, o)
		})
	return engine.Wrap("read which accounts were observed", err)
}

// AccountDocuments returns accounts of a system by their ids, with what was read of them. Ids that are not known are left out.
func (s Store) AccountDocuments(ctx context.Context, system string, ids []string) ([]Account, error) {
	var out []Account
	err := engine.Chunks(ids, func(part []string) error {
		part = engine.Padded(part)
		found, err := s.readAccounts(ctx, s.db.Reader(), true, " WHERE a.system = $1 AND a.account_id IN "+engine.List(2, len(part)),
			engine.Args(system, part)...)
		out = append(out, found...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %d accounts: %w", len(ids), err)
	}
	return out, nil
}

// PersonByAccount returns the key of the person who has a OneLogin user, primary or not. An account of a forwarded person's
// leads to whom they are forwarded to.
func (s Store) PersonByAccount(ctx context.Context, accountID int64) (key string, found bool, err error) {
	if accountID == 0 {
		return "", false, nil
	}
	found, err = engine.QueryRow(ctx, s.db.Reader(), personByAccount, []any{identity.OneLoginRef(accountID).ID}, &key)
	if err != nil {
		return "", false, fmt.Errorf("find the person of account %d: %w", accountID, err)
	}
	return key, found, nil
}

const personByAccount = `SELECT CASE WHEN COALESCE(p.forward, '') <> '' THEN p.forward ELSE a.person_key END
	FROM accounts a LEFT JOIN people p ON p.person_key = a.person_key
	WHERE a.system = 'onelogin' AND a.account_id = $1 AND a.person_key <> '' AND a.state IN ('linked', 'disputed')`

// PeopleByAccount returns the keys of the people whose accounts these are, by account.
func (s Store) PeopleByAccount(ctx context.Context, accounts []int64) (map[int64]string, error) {
	found := map[int64]string{}
	for part := range slices.Chunk(accounts, engine.MaxArgs) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if err := s.peopleByAccount(ctx, found, "SELECT account_id, person_key FROM people WHERE forward = '' AND account_id IN "+
			engine.List(1, len(part)), args...); err != nil {
			return nil, fmt.Errorf("read whose %d accounts are: %w", len(accounts), err)
		}
	}
	return found, nil
}

func (s Store) peopleByAccount(ctx context.Context, into map[int64]string, query string, args ...any) error {
	rows, err := s.db.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var id int64
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return err
		}
		into[id] = key
	}
	return rows.Err()
}
