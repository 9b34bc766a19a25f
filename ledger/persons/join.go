package persons

import (
	"context"
	"fmt"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Join links a record to a person that exists: by has decided that they are the same human. The record is linked anew
// or moved. A person left without any record is forwarded: their row stays, points to the new key, and lends it their
// account (if it has none), orders, usernames and evidence.
//
// Joining the record back to the person it came from undoes that. Any other forwarded key stands for the one it is
// forwarded to. Repeating a join changes nothing. ErrNotFound if key does not exist.
func (s Store) Join(ctx context.Context, source, employeeID, key, by string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, PeopleLock); err != nil {
			return err
		}
		return s.join(ctx, q, source, employeeID, key, by)
	})
	if err != nil {
		return fmt.Errorf("join a record of %s to %s: %w", source, key, err)
	}
	return nil
}

func (s Store) join(ctx context.Context, q engine.Querier, source, employeeID, key, by string) error {
	target, found, err := ReadPerson(ctx, q, key)
	if err != nil {
		return err
	}
	if !found {
		return engine.ErrNotFound
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
		_, err = s.link(ctx, q, source, employeeID, key, by, Digests{})
	} else {
		_, err = q.ExecContext(ctx, "UPDATE links SET person_key = $3, decided_by = $4, begun_episode = 0 WHERE source = $1 AND employee_id = $2",
			source, employeeID, key, s.db.Seal(engine.Place("links.decided_by", source, employeeID), []byte(by)))
	}
	if err != nil {
		return err
	}
	if _, err := q.ExecContext(ctx, "DELETE FROM separations WHERE source = $1 AND employee_id = $2 AND other_key = $3",
		source, employeeID, key); err != nil {
		return err
	}
	if !linked {
		// A poll may have written down that the record's person must be out, before anybody looked at them.
		_, err := q.ExecContext(ctx, `INSERT INTO people (person_key, first_seen, forward)
			SELECT DISTINCT person_key, CAST($3 AS BIGINT), CAST($2 AS TEXT) FROM departures WHERE person_key = $1 AND contained_at = 0 AND $1 <> $2
			ON CONFLICT (person_key) DO NOTHING`, source+"-"+employeeID, key, engine.Micros(s.db.Now()))
		return err
	}
	if n, err := CountLinks(ctx, q, before); err != nil || n > 0 {
		return err
	}
	return Absorb(ctx, q, before, key)
}

// CountLinks counts the records that are linked to a person.
func CountLinks(ctx context.Context, q engine.Querier, key string) (n int, err error) {
	_, err = engine.QueryRow(ctx, q, "SELECT COUNT(*) FROM links WHERE person_key = $1", []any{key}, &n)
	return n, err
}

// Absorb forwards a person, and everyone forwarded to them, to another, who takes over the primary account if they have
// none. All their accounts are from then on found through the forwarding.
func Absorb(ctx context.Context, q engine.Querier, from, into string) error {
	old, found, err := ReadPerson(ctx, q, from)
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
	_, err = q.ExecContext(ctx, "UPDATE people SET account_id = $2, account_created = $3 WHERE person_key = $1 AND account_id = 0",
		into, old.AccountID, engine.Flag(old.AccountCreated))
	return err
}

// revive ends the forwarding of a person and gives them back the account that they had lent. What they were linked to
// besides was only read through the forwarding, so it is theirs again without a change.
func revive(ctx context.Context, q engine.Querier, p Person) error {
	holder, found, err := ReadPerson(ctx, q, p.Forward)
	if err != nil {
		return err
	}
	if found && p.AccountID != 0 && holder.AccountID == p.AccountID {
		if _, err := q.ExecContext(ctx, "UPDATE people SET account_id = 0, account_created = 0 WHERE person_key = $1",
			holder.Key); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, "UPDATE accounts SET person_key = $2 WHERE system = 'onelogin' AND account_id = $1",
			identity.OneLoginRef(p.AccountID).ID, p.Key); err != nil {
			return err
		}
		p.AccountCreated = holder.AccountCreated
	}
	_, err = q.ExecContext(ctx, "UPDATE people SET forward = '', account_created = $2 WHERE person_key = $1",
		p.Key, engine.Flag(p.AccountCreated))
	return err
}

// Separate remembers that by has decided that a record, linked or not, is about a different human than otherKey:
// [Store.Candidates] no longer brings the two together, until a Join does. It does not move the record.
func (s Store) Separate(ctx context.Context, source, employeeID, otherKey, by string) error {
	at := engine.Place("separations.decided_by", source, employeeID, otherKey)
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO separations (source, employee_id, other_key, decided_by, decided_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, employee_id, other_key) DO NOTHING`,
			source, employeeID, otherKey, s.db.Seal(at, []byte(by)), engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("separate a record of %s from %s: %w", source, otherKey, err)
	}
	return nil
}
