package inventory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Marks say what Gatehouse did to an account. They stay with the account whoever it belongs to. A mark on an account that
// the ledger does not have yet puts it on record for the person it was done about.

// MarkSuspended says whether the account's suspension is ours to lift, and for which suspend order; empty is a departure.
func (s Store) MarkSuspended(ctx context.Context, ref identity.Ref, person string, byUs bool, forOrder string) error {
	return s.setMark(ctx, ref, person, "suspension", []string{"suspended_by_us", "suspended_for"}, engine.Flag(byUs), forOrder)
}

// MarkLocked says which lock order's lock may be on; empty says that none is.
func (s Store) MarkLocked(ctx context.Context, ref identity.Ref, order string) error {
	return s.setMark(ctx, ref, "", "lock", []string{"locked_for"}, order)
}

// MarkCreated says that Gatehouse made an account for a person.
func (s Store) MarkCreated(ctx context.Context, ref identity.Ref, person string) error {
	return s.setMark(ctx, ref, person, "making", []string{"created_by_us"}, engine.Flag(true))
}

// MarkLifted records that two people have lifted the protection of an account of somebody's, for one episode of theirs.
func (s Store) MarkLifted(ctx context.Context, ref identity.Ref, person string, episode int) error {
	return s.setMark(ctx, ref, person, "lifted protection", []string{"lifted_in"}, containedIn(person, episode))
}

// onContained marks a containment. A OneLogin account that was seen contained is suspended, so that the inventory knows
// without another write.
const onContained = `ON CONFLICT (system, account_id) DO UPDATE SET contained_at = excluded.contained_at,
	contained_in = excluded.contained_in,
	status = CASE WHEN accounts.system = 'onelogin' AND accounts.observed_at < excluded.contained_at THEN 2 ELSE accounts.status END,
	observed_at = CASE WHEN accounts.system = 'onelogin' AND accounts.observed_at <> 0 AND accounts.observed_at < excluded.contained_at
		THEN excluded.contained_at ELSE accounts.observed_at END`

// MarkContained records when the containment of the account was confirmed, in the present episode of the person it was
// done about; the zero time takes it back.
func (s Store) MarkContained(ctx context.Context, ref identity.Ref, person string, at time.Time) error {
	err := checkRef(ref)
	if err == nil {
		err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
			_, err := q.ExecContext(ctx, `INSERT INTO accounts (system, account_id, person_key, state, kind, contained_at, contained_in)
				SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT),
					$3 || '/' || COALESCE((SELECT CAST(episode AS TEXT) FROM people WHERE person_key = $3), '0')
				WHERE 1 = 1 `+onContained,
				ref.System, ref.ID, person, string(stateOf(person)), string(kindOf(person)), engine.Micros(at))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("mark the containment of %s: %w", ref, err)
	}
	return nil
}

func (s Store) setMark(ctx context.Context, ref identity.Ref, person, what string, columns []string, values ...any) error {
	err := checkRef(ref)
	if err == nil {
		args := append([]any{ref.System, ref.ID, person, string(stateOf(person)), string(kindOf(person))}, values...)
		err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
			_, err := q.ExecContext(ctx, "INSERT INTO accounts (system, account_id, person_key, state, kind, "+
				strings.Join(columns, ", ")+") VALUES "+engine.Tuples(1, len(args))+" ON CONFLICT (system, account_id) DO UPDATE SET "+
				overwrite(columns), args...)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("mark the %s of %s: %w", what, ref, err)
	}
	return nil
}

// stateOf is how an account stands that is put on record for a person, or for nobody.
func stateOf(person string) identity.AccountLinkState {
	if person == "" {
		return identity.AccountUnowned
	}
	return identity.AccountLinked
}

// kindOf is what an account is that is put on record for a person. Somebody who is called after the account is a name for
// not knowing.
func kindOf(person string) identity.AccountKind {
	if person == "" || strings.HasPrefix(person, identity.SystemOneLogin+"-") {
		return identity.KindUnknown
	}
	return identity.KindPerson
}

// kindOfPerson is kindOf in SQL.
const kindOfPerson = "CASE WHEN person_key LIKE 'onelogin-%' THEN 'unknown' ELSE 'person' END"

// overwrite writes "a = excluded.a, b = excluded.b".
func overwrite(columns []string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = c + " = excluded." + c
	}
	return strings.Join(parts, ", ")
}

// SetContained records when the containment of the person's primary account was confirmed; the zero time takes it back.
func (s Store) SetContained(ctx context.Context, key string, at time.Time) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO accounts (system, account_id, person_key, state, kind, used_as, contained_at,
				contained_in) SELECT 'onelogin', CAST(account_id AS TEXT), person_key, 'linked', `+kindOfPerson+`, 'primary', CAST($2 AS BIGINT),
				person_key || '/' || CAST(episode AS TEXT) FROM people WHERE person_key = $1 AND account_id <> 0
			`+onContained, key, engine.Micros(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("mark the containment of %s: %w", key, err)
	}
	return nil
}
