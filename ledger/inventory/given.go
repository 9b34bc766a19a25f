package inventory

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// GiveRoles writes down that Gatehouse gives roles to an account, before it does: a crash in between leaves no role behind
// that nobody knows the giver of.
func (s Store) GiveRoles(ctx context.Context, ref identity.Ref, key string, roles []string) error {
	if len(roles) == 0 {
		return nil
	}
	rows := map[string][]any{}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		var episode int64
		if _, err := engine.QueryRow(ctx, q, "SELECT episode FROM people WHERE person_key = $1", []any{key}, &episode); err != nil {
			return err
		}
		for _, role := range roles {
			rows[role] = []any{ref.System, ref.ID, role, key, episode, engine.Micros(s.db.Now())}
		}
		return engine.InsertRows(ctx, q, "INSERT INTO given_roles (system, account_id, role, person_key, episode, given_at)",
			"ON CONFLICT (system, account_id, role) DO UPDATE SET person_key = excluded.person_key, episode = excluded.episode, given_at = excluded.given_at",
			engine.Sorted(rows))
	})
	return engine.Wrapf(err, "write down %d roles given to %s", len(roles), ref)
}

// TakeRoles writes down that an account no longer holds what Gatehouse gave.
func (s Store) TakeRoles(ctx context.Context, ref identity.Ref, roles []string) error {
	if len(roles) == 0 {
		return nil
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM given_roles WHERE system = $1 AND account_id = $2 AND role IN "+engine.List(3, len(roles)),
			append([]any{ref.System, ref.ID}, engine.Anys(roles)...)...)
		return err
	})
	return engine.Wrapf(err, "write down %d roles taken from %s", len(roles), ref)
}

// Position is the position of somebody for which their access is in step.
type Position struct {
	Key, Digest string
	// Rules digests what the rules give for it, and Policy is the hash of that policy; empty if not known.
	Rules, Policy string
}

// NotePosition writes down for which position, and by what rules, somebody's access is in step.
func (s Store) NotePosition(ctx context.Context, p Position) error {
	if p.Key == "" || p.Digest == "" {
		return errors.New("note a position: person and digest must not be empty")
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO positions (person_key, digest, rules, policy, noted_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (person_key) DO UPDATE SET digest = excluded.digest, rules = excluded.rules, policy = excluded.policy,
				noted_at = excluded.noted_at`, p.Key, p.Digest, p.Rules, p.Policy, engine.Micros(s.db.Now()))
		return err
	})
	return engine.Wrapf(err, "note the position of %s", p.Key)
}

// FirstPositions writes positions down of whom none is known. Those that are known stay.
func (s Store) FirstPositions(ctx context.Context, positions []Position) error {
	rows := make(map[string][]any, len(positions))
	for _, p := range positions {
		rows[p.Key] = []any{p.Key, p.Digest, engine.Micros(s.db.Now())}
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		return engine.InsertRows(ctx, q, "INSERT INTO positions (person_key, digest, noted_at)", "ON CONFLICT (person_key) DO NOTHING", engine.Sorted(rows))
	})
	return engine.Wrapf(err, "note %d positions", len(positions))
}

// PositionNoted reports whether a position of somebody is known.
func (s Store) PositionNoted(ctx context.Context, key string) (bool, error) {
	var n int
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT 1 FROM positions WHERE person_key = $1", []any{key}, &n)
	return found, engine.Wrapf(err, "read the position of %s", key)
}

// AccessOf is the ledger's Access of some people, for what looks at many at once: positions by key, and by key what Gatehouse
// gave to each account in the employment that lasts.
type AccessOf struct {
	Positions map[string]string
	given     map[givenTo][]string
}

type givenTo struct {
	key string
	ref identity.Ref
}

// Given are the roles that Gatehouse gave to an account of somebody's in this employment.
func (a AccessOf) Given(key string, ref identity.Ref) []string { return a.given[givenTo{key, ref}] }

// AccessOf reads the positions of some people, and what was given to some accounts of a system.
func (s Store) AccessOf(ctx context.Context, keys []string, system string, accounts []string) (AccessOf, error) {
	a := AccessOf{Positions: make(map[string]string, len(keys)), given: make(map[givenTo][]string, len(accounts))}
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		return engine.Each(ctx, s.db.Reader(), "SELECT person_key, digest FROM positions WHERE person_key IN "+engine.List(1, len(part)), engine.Anys(part),
			func(scan func(...any) error) error {
				var key, digest string
				err := scan(&key, &digest)
				a.Positions[key] = digest
				return err
			})
	})
	if err != nil {
		return a, fmt.Errorf("read the positions of %d people: %w", len(keys), err)
	}
	err = engine.Chunks(accounts, func(part []string) error {
		part = engine.Padded(part)
		return engine.Each(ctx, s.db.Reader(), `SELECT g.person_key, g.account_id, g.role FROM given_roles g
			JOIN people p ON p.person_key = g.person_key AND p.episode = g.episode WHERE g.system = $1 AND g.account_id IN `+
			engine.List(2, len(part))+" ORDER BY g.role", engine.Args(system, part), func(scan func(...any) error) error {
			var role string
			to := givenTo{ref: identity.Ref{System: system}}
			err := scan(&to.key, &to.ref.ID, &role)
			a.given[to] = append(a.given[to], role)
			return err
		})
	})
	return a, engine.Wrapf(err, "read what Gatehouse gave to %d accounts", len(accounts))
}
