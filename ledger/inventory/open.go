package inventory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// OpenAccount is an account that by the inventory may give access, of somebody who by the ledger must be out.
type OpenAccount struct {
	Ref identity.Ref
	// Key is who stands for the person it is linked to, disputed with or a candidate of.
	Key  string
	Kind identity.AccountKind
	// Ordered says that a contain order is in force, LeftBefore that the person had left before the first reading and that
	// nobody has assessed them yet.
	Ordered, LeftBefore bool
	// Change stands for how it came to be open. HintedFor is the change for which its person was last hinted, at HintedAt.
	Change, HintedFor string
	HintedAt          time.Time
}

// openHere is an account a that is a human's or may be, and that is not known to be closed. A lock of ours is a closure too.
const openHere = `a.system = 'onelogin' AND a.person_key <> '' AND a.state IN ('linked', 'disputed', 'candidate')
	AND a.kind IN ('person', 'unknown') AND a.missing_since = 0 AND a.observed_at <> 0 AND a.status <> 2
	AND (a.status <> 3 OR a.locked_for = '')`

// openChange stands for how an account a came to be open: whose it is since when, and what it was before.
const openChange = `a.person_key || '/' || a.state || '/' || CAST(a.status AS TEXT) || '/' || CAST(a.matched_at AS TEXT) || '/' || CAST(a.contained_at AS TEXT)`

// mustBeOut are the keys of those who must be out by the ledger at $1. Who stands only for an account works nowhere: nothing
// but an order wants them out.
const mustBeOut = `WITH outs(person_key) AS (
	SELECT person_key FROM people WHERE employed = 0 AND episode > 0 AND forward = '' AND person_key NOT LIKE 'onelogin-%'
	UNION SELECT COALESCE(NULLIF(p.forward, ''), o.person_key) FROM orders o LEFT JOIN people p ON p.person_key = o.person_key
		WHERE o.kind = 'contain' AND o.released_at = 0 AND (o.expires_at = 0 OR o.expires_at > $1)
	UNION SELECT COALESCE(NULLIF(p.forward, ''), d.person_key) FROM departures d LEFT JOIN people p ON p.person_key = d.person_key
		WHERE d.contained_at = 0 AND d.order_id = '' AND d.due_at <= $1
	UNION SELECT COALESCE(NULLIF(p.forward, ''), l.person_key) FROM source_findings f
		JOIN links l ON l.source = f.source AND l.employee_id = f.subject LEFT JOIN people p ON p.person_key = l.person_key
		WHERE f.kind = 'left_before' AND COALESCE(p.episode, 0) = 0)`

// openOfThose lists all open accounts of those who must be out.
const openOfThose = mustBeOut + `
SELECT a.account_id, outs.person_key FROM outs JOIN accounts a ON a.person_key = outs.person_key WHERE ` + openHere + `
UNION SELECT a.account_id, p.forward FROM outs JOIN people p ON p.forward <> '' AND p.forward = outs.person_key
	JOIN accounts a ON a.person_key = p.person_key WHERE ` + openHere

// OpenAccounts lists the accounts that by the inventory may give access, of those who by the ledger must be out. Accounts that
// are closed, are no human's own or belong to people who work here are not among them. Refs narrows it to some accounts; nil
// means all.
func (s Store) OpenAccounts(ctx context.Context, now time.Time, refs []identity.Ref) ([]OpenAccount, error) {
	found, err := s.openAccounts(ctx, now, refs)
	if err != nil {
		return nil, fmt.Errorf("find the open accounts of those who must be out: %w", err)
	}
	return found, nil
}

func (s Store) openAccounts(ctx context.Context, now time.Time, refs []identity.Ref) ([]OpenAccount, error) {
	if refs == nil {
		err := engine.Each(ctx, s.db.Reader(), openOfThose, []any{engine.Micros(now)}, func(scan func(...any) error) error {
			ref, key := identity.Ref{System: identity.SystemOneLogin}, ""
			err := scan(&ref.ID, &key)
			refs = append(refs, ref)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var found []OpenAccount
	for part := range slices.Chunk(refs, maxObserved) {
		args := []any{engine.Micros(now)}
		for _, r := range part {
			args = append(args, r.ID)
		}
		err := engine.Each(ctx, s.db.Reader(), openOf+engine.List(2, len(part))+openOut, args, func(scan func(...any) error) error {
			a := OpenAccount{Ref: identity.Ref{System: identity.SystemOneLogin}}
			var kind string
			var at, ordered, before int64
			err := scan(&a.Ref.ID, &a.Key, &kind, &a.Change, &a.HintedFor, &at, &ordered, &before)
			a.Kind, a.HintedAt, a.Ordered, a.LeftBefore = identity.AccountKind(kind), engine.Instant(at), ordered == 1, before == 1
			found = append(found, a)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// The parts of the statement about some accounts: o is who stands for the person p that an account a is linked to.
const (
	orderedOut = `EXISTS (SELECT 1 FROM orders r WHERE r.kind = 'contain' AND r.released_at = 0 AND (r.expires_at = 0 OR r.expires_at > $1)
		AND (r.person_key = p.person_key OR r.person_key = o.person_key))`
	leftBefore = `EXISTS (SELECT 1 FROM links k JOIN source_findings f ON f.source = k.source AND f.kind = 'left_before'
		AND f.subject = k.employee_id WHERE k.person_key = o.person_key AND o.episode = 0)`
	openOf = `SELECT a.account_id, o.person_key, a.kind, ` + openChange + `, a.open_hint, a.open_hint_at,
		CASE WHEN ` + orderedOut + ` THEN 1 ELSE 0 END, CASE WHEN ` + leftBefore + ` THEN 1 ELSE 0 END
	FROM accounts a JOIN people p ON p.person_key = a.person_key
	JOIN people o ON o.person_key = CASE WHEN p.forward <> '' THEN p.forward ELSE p.person_key END
	WHERE ` + openHere + ` AND a.account_id IN `
	openOut = ` AND (o.employed = 0 AND o.episode > 0 AND o.person_key NOT LIKE 'onelogin-%' OR ` + orderedOut + ` OR ` + leftBefore + `
		OR EXISTS (SELECT 1 FROM departures d WHERE d.person_key = o.person_key AND d.contained_at = 0 AND d.order_id = '' AND d.due_at <= $1))
	ORDER BY o.person_key, a.account_id`
)

// NoteOpenHint keeps for which changes of accounts their people were hinted.
func (s Store) NoteOpenHint(ctx context.Context, accounts []OpenAccount, at time.Time) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for _, a := range accounts {
			if _, err := q.ExecContext(ctx, "UPDATE accounts SET open_hint = $3, open_hint_at = $4 WHERE system = $1 AND account_id = $2",
				a.Ref.System, a.Ref.ID, a.Change, engine.Micros(at)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note that the people of %d open accounts were hinted: %w", len(accounts), err)
	}
	return nil
}
