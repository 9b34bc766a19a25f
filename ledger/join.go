package ledger

import (
	"context"
	"fmt"
)

// ErrAccountTaken is returned (as a value) by [Ledger.SetAccount] when the account belongs to another person, Key, who
// has records of their own: two people with one account is a question for an operator.
type ErrAccountTaken struct{ Key string }

// Error implements error.
func (e ErrAccountTaken) Error() string { return "the account belongs to " + e.Key }

// Join links a record to a person that exists: by has decided that they are the same human. The record is linked anew
// or moved. A person left without any record is forwarded: their row stays, points to the new key, and lends it their
// account (if it has none), orders, usernames and evidence.
//
// Joining the record back to the person it came from undoes that. Any other forwarded key stands for the one it is
// forwarded to. Repeating a join changes nothing. ErrNotFound if key does not exist.
func (l *Ledger) Join(ctx context.Context, source, employeeID, key, by string) error {
	err := l.engine.write(ctx, func(ctx context.Context, q querier) error {
		if err := l.engine.lock(ctx, q, peopleLock); err != nil {
			return err
		}
		return l.join(ctx, q, source, employeeID, key, by)
	})
	if err != nil {
		return fmt.Errorf("join a record of %s to %s: %w", source, key, err)
	}
	return nil
}

func (l *Ledger) join(ctx context.Context, q querier, source, employeeID, key, by string) error {
	target, found, err := readPerson(ctx, q, key)
	if err != nil {
		return err
	}
	if !found {
		return ErrNotFound
	}
	before, linked, err := linkOf(ctx, q, source, employeeID)
	if err != nil {
		return err
	}
	if target.Forward != "" && target.Forward == before {
		if err := revive(ctx, q, target); err != nil {
			return err
		}
	} else if target.Forward != "" {
		key = target.Forward
	}
	if before == key {
		return nil
	}
	if !linked {
		err = l.link(ctx, q, source, employeeID, key, by, Digests{})
	} else {
		_, err = q.ExecContext(ctx, "UPDATE links SET person_key = $3, decided_by = $4 WHERE source = $1 AND employee_id = $2",
			source, employeeID, key, l.sealed(place("links.decided_by", source, employeeID), []byte(by)))
	}
	if err != nil {
		return err
	}
	if _, err := q.ExecContext(ctx, "DELETE FROM separations WHERE source = $1 AND employee_id = $2 AND other_key = $3",
		source, employeeID, key); err != nil {
		return err
	}
	if !linked {
		return nil
	}
	if n, err := countLinks(ctx, q, before); err != nil || n > 0 {
		return err
	}
	return absorb(ctx, q, before, key)
}

func countLinks(ctx context.Context, q querier, key string) (n int, err error) {
	_, err = one(ctx, q, "SELECT COUNT(*) FROM links WHERE person_key = $1", []any{key}, &n)
	return n, err
}

// absorb forwards a person, and everyone forwarded to them, to another, who takes over the account if they have none.
func absorb(ctx context.Context, q querier, from, into string) error {
	old, found, err := readPerson(ctx, q, from)
	if err != nil || !found {
		return err
	}
	if _, err := q.ExecContext(ctx, "UPDATE people SET forward = $2 WHERE person_key = $1 OR forward = $1",
		from, into); err != nil {
		return err
	}
	if old.AccountID == 0 {
		return nil
	}
	_, err = q.ExecContext(ctx, `UPDATE people SET account_id = $2, account_created = $3, suspended_by_us = $4,
		contained_at = $5, suspended_for = $6, locked_for = $7 WHERE person_key = $1 AND account_id = 0`,
		into, old.AccountID, flag(old.AccountCreated), flag(old.SuspendedByUs), micros(old.ContainedAt), old.SuspendedFor, old.LockedFor)
	return err
}

// revive ends the forwarding of a person and gives them back the account that they had lent, with its present marks.
func revive(ctx context.Context, q querier, p Person) error {
	holder, found, err := readPerson(ctx, q, p.Forward)
	if err != nil {
		return err
	}
	if found && p.AccountID != 0 && holder.AccountID == p.AccountID {
		if _, err := q.ExecContext(ctx, `UPDATE people SET account_id = 0, account_created = 0, suspended_by_us = 0,
			contained_at = 0, suspended_for = '', locked_for = '' WHERE person_key = $1`, holder.Key); err != nil {
			return err
		}
		p.AccountCreated, p.SuspendedByUs, p.ContainedAt = holder.AccountCreated, holder.SuspendedByUs, holder.ContainedAt
		p.SuspendedFor, p.LockedFor = holder.SuspendedFor, holder.LockedFor
	}
	_, err = q.ExecContext(ctx, `UPDATE people SET forward = '', account_created = $2, suspended_by_us = $3,
		contained_at = $4, suspended_for = $5, locked_for = $6 WHERE person_key = $1`,
		p.Key, flag(p.AccountCreated), flag(p.SuspendedByUs), micros(p.ContainedAt), p.SuspendedFor, p.LockedFor)
	return err
}

// Separate remembers that by has decided that a record, linked or not, is about a different human than otherKey:
// [Ledger.Candidates] no longer brings the two together, until a Join does. It does not move the record.
func (l *Ledger) Separate(ctx context.Context, source, employeeID, otherKey, by string) error {
	at := place("separations.decided_by", source, employeeID, otherKey)
	err := l.engine.writeOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO separations (source, employee_id, other_key, decided_by, decided_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, employee_id, other_key) DO NOTHING`,
			source, employeeID, otherKey, l.sealed(at, []byte(by)), micros(l.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("separate a record of %s from %s: %w", source, otherKey, err)
	}
	return nil
}

// SetAccount says which OneLogin user is the person's, 0 for none, and whether Gatehouse created it. Created stays true
// for an account once it was said. A new account starts without the marks of the one before (suspended by us, contained).
// A person without any record who had the account, such as "onelogin-<id>", is forwarded to key. Another person with
// records keeps it, and the answer is ErrAccountTaken. The person is created if absent.
func (l *Ledger) SetAccount(ctx context.Context, key string, accountID int64, created bool) error {
	err := l.engine.write(ctx, func(ctx context.Context, q querier) error {
		if accountID != 0 {
			if err := l.takeAccount(ctx, q, key, accountID); err != nil {
				return err
			}
		}
		_, err := q.ExecContext(ctx, setAccount, key, micros(l.now()), accountID, flag(created))
		return err
	})
	if err != nil {
		return fmt.Errorf("set account %d of %s: %w", accountID, key, err)
	}
	return nil
}

// setAccount keeps the marks of an account that stays the same, and of one that is the first.
const setAccount = `
INSERT INTO people (person_key, first_seen, account_id, account_created) VALUES ($1, $2, $3, $4)
ON CONFLICT (person_key) DO UPDATE SET account_id = excluded.account_id,
	account_created = CASE WHEN people.account_id = excluded.account_id AND people.account_created = 1 THEN 1
		ELSE excluded.account_created END,
	suspended_by_us = CASE WHEN people.account_id IN (0, excluded.account_id) THEN people.suspended_by_us ELSE 0 END,
	suspended_for = CASE WHEN people.account_id IN (0, excluded.account_id) THEN people.suspended_for ELSE '' END,
	locked_for = CASE WHEN people.account_id IN (0, excluded.account_id) THEN people.locked_for ELSE '' END,
	contained_at = CASE WHEN people.account_id IN (0, excluded.account_id) THEN people.contained_at ELSE 0 END`

// takeAccount makes an account free for a person, who takes over from somebody without records of their own. Nearly
// every account has no other holder, and then nothing is locked: should two take it at once, the index of accounts lets
// one of them through and the other's transaction is run again.
func (l *Ledger) takeAccount(ctx context.Context, q querier, key string, accountID int64) error {
	if _, found, err := otherHolder(ctx, q, key, accountID); err != nil || !found {
		return err
	}
	if err := l.engine.lock(ctx, q, peopleLock); err != nil {
		return err
	}
	owner, found, err := otherHolder(ctx, q, key, accountID)
	if err != nil || !found {
		return err
	}
	n, err := countLinks(ctx, q, owner)
	if err != nil {
		return err
	}
	if n > 0 {
		return ErrAccountTaken{Key: owner}
	}
	if err := l.ensurePerson(ctx, q, key); err != nil {
		return err
	}
	return absorb(ctx, q, owner, key)
}

func otherHolder(ctx context.Context, q querier, key string, accountID int64) (owner string, found bool, err error) {
	found, err = one(ctx, q, "SELECT person_key FROM people WHERE account_id = $1 AND forward = '' AND person_key <> $2",
		[]any{accountID, key}, &owner)
	return owner, found, err
}

// PersonByAccount returns the key of the person who has a OneLogin user.
func (l *Ledger) PersonByAccount(ctx context.Context, accountID int64) (key string, found bool, err error) {
	if accountID == 0 {
		return "", false, nil
	}
	// A forwarded person's own account leads to whom they are forwarded to, unless someone holds it outright.
	found, err = one(ctx, l.engine.reader(), `SELECT CASE WHEN forward <> '' THEN forward ELSE person_key END
		FROM people WHERE account_id = $1 ORDER BY forward, person_key`, []any{accountID}, &key)
	if err != nil {
		return "", false, fmt.Errorf("find the person of account %d: %w", accountID, err)
	}
	return key, found, nil
}
