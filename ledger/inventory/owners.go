package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/persons"
)

// ErrAccountTaken is returned (as a value) when an account belongs to another person, Key, who has records of their own:
// two people with one account is a question for an operator.
type ErrAccountTaken struct{ Key string }

// Error implements error.
func (e ErrAccountTaken) Error() string { return "the account belongs to " + e.Key }

// SetAccount says which OneLogin user is the person's primary account, 0 for none, and whether Gatehouse created it.
// Created stays true for an account once it was said. The one before is nobody's from then on, and every account keeps its
// marks. A person without any record who had the account, such as "onelogin-<id>", is forwarded to key. Another person with
// records keeps it, and the answer is ErrAccountTaken. The person is created if absent.
func (s Store) SetAccount(ctx context.Context, key string, accountID int64, created bool) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return s.setAccount(ctx, q, key, accountID, created)
	})
	if err != nil {
		return fmt.Errorf("set account %d of %s: %w", accountID, key, err)
	}
	return nil
}

// setAccount takes two statements for an account that nobody else has, which nearly all are, and then locks nothing: should
// two take one at once, the index of accounts lets one of them through and the other's transaction is run again.
func (s Store) setAccount(ctx context.Context, q engine.Querier, key string, accountID int64, created bool) error {
	id := identity.OneLoginRef(accountID).ID
	args := []any{key, engine.Micros(s.db.Now()), accountID, engine.Flag(created), id}
	n, err := engine.Affected(ctx, q, setPrimary, args...)
	if err == nil && n == 0 {
		if err = s.takeAccount(ctx, q, key, identity.OneLoginRef(accountID)); err != nil {
			return err
		}
		n, err = engine.Affected(ctx, q, setPrimary, args...)
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("the account is still on record for somebody else")
	}
	if err != nil {
		return err
	}
	owned, err := returns(ctx, q, id, setOwner, key, id, engine.Flag(created), engine.Micros(s.db.Now()), string(kindOf(key)))
	if err != nil || owned || accountID == 0 {
		return err
	}
	owner, _, err := otherHolder(ctx, q, key, identity.OneLoginRef(accountID))
	if err == nil {
		err = ErrAccountTaken{Key: owner}
	}
	return err
}

// returns runs a statement that returns ids, and reports whether id is among them.
func returns(ctx context.Context, q engine.Querier, id, query string, args ...any) (bool, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	found := false
	for rows.Next() {
		var got string
		if err := rows.Scan(&got); err != nil {
			return false, err
		}
		found = found || got == id
	}
	return found, rows.Err()
}

// setPrimary writes nothing if somebody else has the account.
const setPrimary = `
INSERT INTO people (person_key, first_seen, account_id, account_created)
SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT) WHERE $3 = 0 OR NOT EXISTS (
	SELECT 1 FROM people WHERE account_id = $3 AND account_id <> 0 AND forward = '' AND person_key <> $1
	UNION ALL
	SELECT 1 FROM accounts a LEFT JOIN people p ON p.person_key = a.person_key
	WHERE a.system = 'onelogin' AND a.account_id = $5 AND a.person_key <> '' AND a.state IN ('linked', 'disputed')
		AND a.person_key <> $1 AND COALESCE(p.forward, '') <> $1)
ON CONFLICT (person_key) DO UPDATE SET account_id = excluded.account_id,
	account_created = CASE WHEN people.account_id = excluded.account_id AND people.account_created = 1 THEN 1
		ELSE excluded.account_created END`

// setOwner links a primary account and lets go of those that were it before, in one statement. What an operator declared
// stays, and so does how the account was recognised. It passes over an account that was linked to somebody else a moment
// ago.
const setOwner = `
INSERT INTO accounts (system, account_id, person_key, state, kind, used_as, created_by_us, matched_at)
SELECT 'onelogin', CAST($2 AS TEXT), CAST($1 AS TEXT), 'linked', CAST($5 AS TEXT), 'primary', CAST($3 AS BIGINT),
	CAST($4 AS BIGINT) WHERE $2 <> '0'
UNION ALL
SELECT system, account_id, '', 'unowned', kind, '', created_by_us, 0 FROM accounts
	WHERE person_key = $1 AND person_key <> '' AND system || '' = 'onelogin' AND used_as = 'primary' AND account_id <> $2
ON CONFLICT (system, account_id) DO UPDATE SET person_key = excluded.person_key,
	state = CASE WHEN accounts.state = 'disputed' AND accounts.person_key = excluded.person_key THEN accounts.state
		ELSE excluded.state END,
	kind = CASE WHEN accounts.kind = 'unknown' THEN excluded.kind ELSE accounts.kind END,
	used_as = excluded.used_as,
	created_by_us = CASE WHEN excluded.created_by_us = 1 THEN 1 ELSE accounts.created_by_us END,
	matched_at = CASE WHEN accounts.person_key = excluded.person_key THEN accounts.matched_at ELSE excluded.matched_at END,
	matched_by = CASE WHEN accounts.person_key = excluded.person_key THEN accounts.matched_by ELSE '' END
WHERE excluded.person_key = '' OR accounts.person_key IN ('', excluded.person_key)
	OR accounts.state NOT IN ('linked', 'disputed')
	OR EXISTS (SELECT 1 FROM people p WHERE p.person_key = accounts.person_key AND p.forward = excluded.person_key)
RETURNING accounts.account_id`

// takeAccount makes an account free for a person, who takes over from somebody without records of their own.
func (s Store) takeAccount(ctx context.Context, q engine.Querier, key string, ref identity.Ref) error {
	if err := s.db.Lock(ctx, q, persons.PeopleLock); err != nil {
		return err
	}
	owner, found, err := otherHolder(ctx, q, key, ref)
	if err != nil || !found {
		return err
	}
	n, err := persons.CountLinks(ctx, q, owner)
	if err != nil {
		return err
	}
	if n > 0 {
		return ErrAccountTaken{Key: owner}
	}
	if err := persons.New(s.db).EnsurePerson(ctx, q, key); err != nil {
		return err
	}
	return persons.Absorb(ctx, q, owner, key)
}

func otherHolder(ctx context.Context, q engine.Querier, key string, ref identity.Ref) (owner string, found bool, err error) {
	id, _ := ref.OneLogin() // 0 for an account of another system, which people do not point to.
	found, err = engine.QueryRow(ctx, q, `SELECT person_key FROM people WHERE account_id = $2 AND account_id <> 0 AND forward = '' AND person_key <> $1
		UNION ALL
		SELECT CASE WHEN COALESCE(p.forward, '') <> '' THEN p.forward ELSE a.person_key END
		FROM accounts a LEFT JOIN people p ON p.person_key = a.person_key
		WHERE a.system = $3 AND a.account_id = $4 AND a.person_key <> '' AND a.state IN ('linked', 'disputed')
			AND a.person_key <> $1 AND COALESCE(p.forward, '') <> $1`, []any{key, id, ref.System, ref.ID}, &owner)
	return owner, found, err
}

// LinkAccount is what an account is linked by.
type LinkAccount struct {
	Ref    identity.Ref
	Person string
	// Use is what the person uses it for. A OneLogin account without a word on that becomes primary if they have none.
	Use identity.AccountUse
	// By says how it was recognised, DecidedBy who said so; empty if Gatehouse did.
	By, DecidedBy string

	// orSecondary makes an account without a word on its use secondary where it is not primary.
	orSecondary bool
}

// LinkAccount puts an account on record for a person, disputed or not, and counts it as a person's if nobody declared
// otherwise. ErrAccountTaken says that it belongs to somebody else with records. Repeating it changes nothing. The person
// is created if absent.
func (s Store) LinkAccount(ctx context.Context, in LinkAccount) error {
	err := checkRef(in.Ref)
	if err == nil && in.Person == "" {
		err = errors.New("it needs a person's key")
	}
	if err == nil {
		err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error { return s.linkAccount(ctx, q, in) })
	}
	if err != nil {
		return fmt.Errorf("link account %s to %s: %w", in.Ref, in.Person, err)
	}
	return nil
}

func (s Store) linkAccount(ctx context.Context, q engine.Querier, in LinkAccount) error {
	p, _, err := persons.ReadPerson(ctx, q, in.Person)
	if err != nil {
		return err
	}
	in.Person = cmp.Or(p.Forward, in.Person)
	if err := s.takeAccount(ctx, q, in.Person, in.Ref); err != nil {
		return err
	}
	if err := persons.New(s.db).EnsurePerson(ctx, q, in.Person); err != nil {
		return err
	}
	if id, ok := in.Ref.OneLogin(); ok {
		if p, _, err = persons.ReadPerson(ctx, q, in.Person); err != nil {
			return err
		}
		if in.Use == "" && p.AccountID == 0 || p.AccountID == id {
			in.Use = identity.UsePrimary
		}
		if in.Use == "" && in.orSecondary {
			in.Use = identity.UseSecondary
		}
		if in.Use == identity.UsePrimary {
			if err := s.setAccount(ctx, q, in.Person, id, false); err != nil {
				return err
			}
		}
	}
	detail, err := s.mergeDetail(ctx, q, in.Ref, func(d *accountDetail) { d.DecidedBy = in.DecidedBy })
	if err != nil {
		return err
	}
	if _, oneLogin := in.Ref.OneLogin(); in.Use == identity.UsePrimary && !oneLogin {
		if _, err := q.ExecContext(ctx, oneOfThem, in.Ref.System, in.Ref.ID, in.Person); err != nil {
			return err
		}
	}
	_, err = q.ExecContext(ctx, linkOwner, in.Ref.System, in.Ref.ID, in.Person, string(kindOf(in.Person)), string(in.Use),
		in.By, engine.Micros(s.db.Now()), detail)
	return err
}

// linkOwner leaves an account with the record that it came from, if that is forwarded to the person. Who says again whose it is says
// nothing of since when, nor of what for.
const linkOwner = `
INSERT INTO accounts (system, account_id, person_key, state, kind, used_as, matched_by, matched_at, detail)
VALUES ($1, $2, $3, 'linked', $4, $5, $6, $7, $8) ON CONFLICT (system, account_id) DO UPDATE SET
	matched_at = CASE WHEN ` + linkedSo + ` THEN accounts.matched_at ELSE excluded.matched_at END,
	person_key = CASE WHEN EXISTS (SELECT 1 FROM people p
		WHERE p.person_key = accounts.person_key AND p.forward = excluded.person_key)
		THEN accounts.person_key ELSE excluded.person_key END,
	used_as = CASE WHEN excluded.used_as = '' AND ` + linkedSo + ` THEN accounts.used_as ELSE excluded.used_as END,
	state = 'linked', matched_by = excluded.matched_by,
	kind = CASE WHEN accounts.kind = 'unknown' THEN excluded.kind ELSE accounts.kind END, detail = excluded.detail`

// linkedSo reports that an account is on record for the person by now.
const linkedSo = `accounts.state IN ('linked', 'disputed') AND (accounts.person_key = excluded.person_key OR EXISTS (
	SELECT 1 FROM people p WHERE p.person_key = accounts.person_key AND p.forward = excluded.person_key))`

// oneOfThem takes the word back that another account of a person's in a system is the primary one.
const oneOfThem = `UPDATE accounts SET used_as = 'secondary' WHERE system || '' = $1 AND account_id <> $2 AND used_as = 'primary'
	AND person_key <> '' AND person_key IN (SELECT CAST($3 AS TEXT) UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward = $3)`

// mergeDetail returns what is stored of an account's detail with a change.
func (s Store) mergeDetail(ctx context.Context, q engine.Querier, ref identity.Ref, change func(*accountDetail)) ([]byte, error) {
	var stored []byte
	if _, err := engine.QueryRow(ctx, q, "SELECT detail FROM accounts WHERE system = $1 AND account_id = $2",
		[]any{ref.System, ref.ID}, &stored); err != nil {
		return nil, err
	}
	at := engine.Place("accounts.detail", ref.System, ref.ID)
	plain, err := s.db.Open(at, stored)
	if err != nil {
		return nil, err
	}
	var d accountDetail
	if len(plain) > 0 {
		if err := json.Unmarshal(plain, &d); err != nil {
			return nil, err
		}
	}
	change(&d)
	if d == (accountDetail{}) {
		return nil, nil
	}
	if plain, err = json.Marshal(d); err != nil {
		return nil, err
	}
	return s.db.Seal(at, plain), nil
}

// UnlinkAccount lets an account go: it is nobody's from then on, and keeps its marks. ErrNotFound if the ledger does not
// have it.
func (s Store) UnlinkAccount(ctx context.Context, ref identity.Ref, decidedBy string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, persons.PeopleLock); err != nil {
			return err
		}
		if id, ok := ref.OneLogin(); ok {
			if _, err := q.ExecContext(ctx, "UPDATE people SET account_id = 0, account_created = 0 WHERE account_id = $1", id); err != nil {
				return err
			}
		}
		detail, err := s.mergeDetail(ctx, q, ref, func(d *accountDetail) { d.DecidedBy = decidedBy })
		if err != nil {
			return err
		}
		n, err := engine.Affected(ctx, q, `UPDATE accounts SET person_key = '', state = 'unowned', used_as = '', matched_by = '',
			matched_at = 0, detail = $3 WHERE system = $1 AND account_id = $2`, ref.System, ref.ID, detail)
		if err == nil && n == 0 {
			err = engine.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("unlink account %s: %w", ref, err)
	}
	return nil
}

// Declaration is what an operator says about an account. Empty fields leave what is known.
type Declaration struct {
	Ref            identity.Ref
	Kind           identity.AccountKind
	Use            identity.AccountUse
	Owner, Purpose string
	Ends           time.Time
	By             string
}

// DeclareAccount records what an account is for. What is no person's is nobody's candidate. The account is created if absent. Primary is not declared but linked.
func (s Store) DeclareAccount(ctx context.Context, in Declaration) error {
	err := checkRef(in.Ref)
	if err == nil && in.Use == identity.UsePrimary {
		err = errors.New("link the account as the person's primary one instead")
	}
	if err == nil {
		err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
			detail, err := s.mergeDetail(ctx, q, in.Ref, func(d *accountDetail) {
				d.DecidedBy = in.By
				if in.Owner != "" {
					d.Owner = in.Owner
				}
				if in.Purpose != "" {
					d.Purpose = in.Purpose
				}
			})
			if err != nil {
				return err
			}
			kind := in.Kind
			if kind == "" {
				kind = identity.KindUnknown
			}
			_, err = q.ExecContext(ctx, `INSERT INTO accounts (system, account_id, kind, used_as, ends_at, detail) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (system, account_id) DO UPDATE SET
				kind = CASE WHEN excluded.kind = 'unknown' THEN accounts.kind ELSE excluded.kind END,
				used_as = CASE WHEN excluded.used_as = '' OR accounts.used_as = 'primary' THEN accounts.used_as ELSE excluded.used_as END,
				ends_at = CASE WHEN excluded.ends_at = 0 THEN accounts.ends_at ELSE excluded.ends_at END,
				person_key = CASE WHEN accounts.state = 'candidate' AND excluded.kind IN ('service', 'shared', 'break_glass') THEN ''
					ELSE accounts.person_key END,
				state = CASE WHEN accounts.state = 'candidate' AND excluded.kind IN ('service', 'shared', 'break_glass') THEN 'unowned'
					ELSE accounts.state END,
				detail = excluded.detail`, in.Ref.System, in.Ref.ID, string(kind), string(in.Use), engine.Micros(in.Ends), detail)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("declare account %s: %w", in.Ref, err)
	}
	return nil
}
