package inventory

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// RefuseAccount remembers that by has said an account is not the person's, on evidence with that digest: the refusal
// counts until somebody is shown other evidence. A candidate is nobody's candidate any more; a link stays.
func (s Store) RefuseAccount(ctx context.Context, ref identity.Ref, person, evidenceDigest, by string) error {
	err := checkRef(ref)
	if err == nil && person == "" {
		err = errors.New("it needs a person's key")
	}
	if err != nil {
		return fmt.Errorf("refuse account %s: %w", ref, err)
	}
	sealed := s.db.Seal(engine.Place("account_refusals.decided_by", ref.System, ref.ID, person), []byte(by))
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, `INSERT INTO account_refusals (system, account_id, person_key, evidence, decided_by, decided_at)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (system, account_id, person_key) DO UPDATE SET
			evidence = excluded.evidence, decided_by = excluded.decided_by, decided_at = excluded.decided_at`,
			ref.System, ref.ID, person, evidenceDigest, sealed, engine.Micros(s.db.Now())); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO accounts (system, account_id, state) VALUES ($1, $2, 'refused')
			ON CONFLICT (system, account_id) DO UPDATE SET state = 'refused', person_key = '', matched_by = ''
			WHERE accounts.state IN ('candidate', 'unowned') AND accounts.person_key IN ('', $3)`, ref.System, ref.ID, person)
		return err
	})
	if err != nil {
		return fmt.Errorf("refuse account %s: %w", ref, err)
	}
	return nil
}

// Refused returns the digest of the evidence on which somebody has said that an account is not the person's, or not that
// of a record which is forwarded to them.
func (s Store) Refused(ctx context.Context, ref identity.Ref, person string) (evidenceDigest string, refused bool, err error) {
	refused, err = engine.QueryRow(ctx, s.db.Reader(), `SELECT r.evidence FROM account_refusals r
		LEFT JOIN people p ON p.person_key = r.person_key WHERE r.system = $1 AND r.account_id = $2
		AND (r.person_key = $3 OR p.forward = $3) ORDER BY r.decided_at DESC`, []any{ref.System, ref.ID, person}, &evidenceDigest)
	if err != nil {
		return "", false, fmt.Errorf("read who refused account %s: %w", ref, err)
	}
	return evidenceDigest, refused, nil
}

// Refusal says that a person refused an account as somebody's, on evidence with a digest.
type Refusal struct {
	Ref              identity.Ref
	Person, Evidence string
}

// Refusals returns all refusals of accounts of a system, under the keys that stand for the people now.
func (s Store) Refusals(ctx context.Context, system string) ([]Refusal, error) {
	var all []Refusal
	err := engine.Each(ctx, s.db.Reader(), `SELECT r.account_id, CASE WHEN COALESCE(p.forward, '') <> '' THEN p.forward ELSE r.person_key END,
		r.evidence FROM account_refusals r LEFT JOIN people p ON p.person_key = r.person_key WHERE r.system = $1`, []any{system},
		func(scan func(...any) error) error {
			r := Refusal{Ref: identity.Ref{System: system}}
			err := scan(&r.Ref.ID, &r.Person, &r.Evidence)
			all = append(all, r)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read who refused accounts of %s: %w", system, err)
	}
	return all, nil
}
