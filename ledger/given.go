package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gatehouse/identity"
)

// StandingAccess is what Gatehouse knows of how somebody came by what they hold.
type StandingAccess struct {
	// Position digests the position for which their access was last in step, empty if that is not known.
	Position string
	// Given are the roles that Gatehouse gave to the account in this employment.
	Given []string
	// Found reports that access beyond the policy is written down about them, Waits that they wait for another policy.
	Found, Waits bool
}

// Access returns what is known of how somebody came by what an account of theirs holds.
func (l *Ledger) Access(ctx context.Context, key string, ref identity.Ref, episode int, source string) (a StandingAccess, err error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT 0, digest FROM positions WHERE person_key = $1
		UNION ALL SELECT 1, role FROM given_roles WHERE system = $2 AND account_id = $3 AND person_key = $1 AND episode = $4
		UNION ALL SELECT 2, '' FROM source_findings WHERE source = $5 AND kind = $6 AND subject = $1
		UNION ALL SELECT 3, '' FROM policy_waits WHERE person_key = $1`,
		key, ref.System, ref.ID, episode, source, FindingBeyondPolicy)
	if err != nil {
		return a, fmt.Errorf("read how %s came by their access: %w", key, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var what int
		var text string
		if err := rows.Scan(&what, &text); err != nil {
			return a, fmt.Errorf("read how %s came by their access: %w", key, err)
		}
		switch what {
		case 0:
			a.Position = text
		case 1:
			a.Given = append(a.Given, text)
		case 2:
			a.Found = true
		default:
			a.Waits = true
		}
	}
	slices.Sort(a.Given)
	return a, wrapped(rows.Err(), "read how %s came by their access", key)
}

// GiveRoles writes down that Gatehouse gives roles to an account, before it does: a crash in between leaves no role behind
// that nobody knows the giver of.
func (l *Ledger) GiveRoles(ctx context.Context, ref identity.Ref, key string, roles []string) error {
	if len(roles) == 0 {
		return nil
	}
	rows := map[string][]any{}
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		var episode int64
		if _, err := queryRow(ctx, q, "SELECT episode FROM people WHERE person_key = $1", []any{key}, &episode); err != nil {
			return err
		}
		for _, role := range roles {
			rows[role] = []any{ref.System, ref.ID, role, key, episode, micros(l.db.Now())}
		}
		return insertRows(ctx, q, "INSERT INTO given_roles (system, account_id, role, person_key, episode, given_at)",
			"ON CONFLICT (system, account_id, role) DO UPDATE SET person_key = excluded.person_key, episode = excluded.episode, given_at = excluded.given_at",
			sorted(rows))
	})
	return wrapped(err, "write down %d roles given to %s", len(roles), ref)
}

// TakeRoles writes down that an account no longer holds what Gatehouse gave.
func (l *Ledger) TakeRoles(ctx context.Context, ref identity.Ref, roles []string) error {
	if len(roles) == 0 {
		return nil
	}
	err := l.db.WriteOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM given_roles WHERE system = $1 AND account_id = $2 AND role IN "+list(3, len(roles)),
			append([]any{ref.System, ref.ID}, anys(roles)...)...)
		return err
	})
	return wrapped(err, "write down %d roles taken from %s", len(roles), ref)
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// Position is the position of somebody for which their access is in step.
type Position struct{ Key, Digest string }

// NotePosition writes down for which position somebody's access is in step.
func (l *Ledger) NotePosition(ctx context.Context, p Position) error {
	if p.Key == "" || p.Digest == "" {
		return errors.New("note a position: person and digest must not be empty")
	}
	err := l.db.WriteOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO positions (person_key, digest, noted_at) VALUES ($1, $2, $3)
			ON CONFLICT (person_key) DO UPDATE SET digest = excluded.digest, noted_at = excluded.noted_at`, p.Key, p.Digest, micros(l.db.Now()))
		return err
	})
	return wrapped(err, "note the position of %s", p.Key)
}

// FirstPositions writes positions down of whom none is known. Those that are known stay.
func (l *Ledger) FirstPositions(ctx context.Context, positions []Position) error {
	rows := make(map[string][]any, len(positions))
	for _, p := range positions {
		rows[p.Key] = []any{p.Key, p.Digest, micros(l.db.Now())}
	}
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		return insertRows(ctx, q, "INSERT INTO positions (person_key, digest, noted_at)", "ON CONFLICT (person_key) DO NOTHING", sorted(rows))
	})
	return wrapped(err, "note %d positions", len(positions))
}

// PositionNoted reports whether a position of somebody is known.
func (l *Ledger) PositionNoted(ctx context.Context, key string) (bool, error) {
	var n int
	found, err := queryRow(ctx, l.db.Reader(), "SELECT 1 FROM positions WHERE person_key = $1", []any{key}, &n)
	return found, wrapped(err, "read the position of %s", key)
}

// EveryAccess is [Ledger.Access] of everybody, for what looks at all people at once: positions by key, and by key what Gatehouse
// gave to each account in the employment that lasts.
type EveryAccess struct {
	Positions map[string]string
	given     map[string]map[identity.Ref][]string
}

// Given are the roles that Gatehouse gave to an account of somebody's in this employment.
func (e EveryAccess) Given(key string, ref identity.Ref) []string { return e.given[key][ref] }

// EveryAccess reads how everybody came by what they hold.
func (l *Ledger) EveryAccess(ctx context.Context) (EveryAccess, error) {
	e := EveryAccess{Positions: map[string]string{}, given: map[string]map[identity.Ref][]string{}}
	err := each(ctx, l.db.Reader(), "SELECT person_key, digest FROM positions", nil, func(scan func(...any) error) error {
		var key, digest string
		err := scan(&key, &digest)
		e.Positions[key] = digest
		return err
	})
	if err != nil {
		return e, fmt.Errorf("read everybody's position: %w", err)
	}
	err = each(ctx, l.db.Reader(), `SELECT g.person_key, g.system, g.account_id, g.role FROM given_roles g
		JOIN people p ON p.person_key = g.person_key AND p.episode = g.episode ORDER BY g.role`, nil, func(scan func(...any) error) error {
		var key, role string
		var ref identity.Ref
		err := scan(&key, &ref.System, &ref.ID, &role)
		if e.given[key] == nil {
			e.given[key] = map[identity.Ref][]string{}
		}
		e.given[key][ref] = append(e.given[key][ref], role)
		return err
	})
	return e, wrapped(err, "read what Gatehouse gave to everybody")
}
