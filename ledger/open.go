package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
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
func (l *Ledger) OpenAccounts(ctx context.Context, now time.Time, refs []identity.Ref) ([]OpenAccount, error) {
	found, err := l.openAccounts(ctx, now, refs)
	if err != nil {
		return nil, fmt.Errorf("find the open accounts of those who must be out: %w", err)
	}
	return found, nil
}

func (l *Ledger) openAccounts(ctx context.Context, now time.Time, refs []identity.Ref) ([]OpenAccount, error) {
	if refs == nil {
		err := each(ctx, l.db.Reader(), openOfThose, []any{micros(now)}, func(scan func(...any) error) error {
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
		args := []any{micros(now)}
		for _, r := range part {
			args = append(args, r.ID)
		}
		err := each(ctx, l.db.Reader(), openOf+list(2, len(part))+openOut, args, func(scan func(...any) error) error {
			a := OpenAccount{Ref: identity.Ref{System: identity.SystemOneLogin}}
			var kind string
			var at, ordered, before int64
			err := scan(&a.Ref.ID, &a.Key, &kind, &a.Change, &a.HintedFor, &at, &ordered, &before)
			a.Kind, a.HintedAt, a.Ordered, a.LeftBefore = identity.AccountKind(kind), instant(at), ordered == 1, before == 1
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
func (l *Ledger) NoteOpenHint(ctx context.Context, accounts []OpenAccount, at time.Time) error {
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		for _, a := range accounts {
			if _, err := q.ExecContext(ctx, "UPDATE accounts SET open_hint = $3, open_hint_at = $4 WHERE system = $1 AND account_id = $2",
				a.Ref.System, a.Ref.ID, a.Change, micros(at)); err != nil {
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

// reopenDeparture opens the closed rows of a person's present departure again: that of a contain order in force, else HR's.
const reopenDeparture = `UPDATE departures SET contained_at = 0, reopened_at = $2, due_at = $2, announced_at = 0
WHERE contained_at <> 0 AND (person_key = $1 OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)
		OR order_id <> '' AND order_id IN (SELECT order_id FROM orders WHERE person_key = $1))
	AND CASE WHEN EXISTS (` + containing + `) THEN order_id IN (SELECT r.order_id FROM (` + containing + `) r)
		ELSE order_id = '' AND episode = (SELECT MAX(episode) FROM people WHERE person_key = $1 AND employed = 0) END`

// containing are the contain orders in force about the person $1.
const containing = `SELECT c.order_id FROM orders c LEFT JOIN people f ON f.person_key = c.person_key WHERE c.kind = 'contain' AND c.released_at = 0
	AND (c.expires_at = 0 OR c.expires_at > $2) AND (c.person_key = $1 OR f.forward = $1)`

// ReopenDeparture says that access of somebody who must be out was found after their departure was closed. The clock starts
// anew, from at. A departure that is open stays as it is; one of HR's that was never written down is, from at on, where a source is named.
func (l *Ledger) ReopenDeparture(ctx context.Context, d Departure, at time.Time) error {
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if n, err := affected(ctx, q, reopenDeparture, d.Key, micros(at)); err != nil || n > 0 {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO departures (person_key, episode, order_id, source, known_at, due_at)
			SELECT CAST($1 AS TEXT), `+departing+`, '', CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($3 AS BIGINT)
			WHERE CAST($2 AS TEXT) <> '' AND NOT EXISTS (SELECT 1 FROM departures WHERE contained_at = 0 AND (person_key = $1
				OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)
				OR order_id <> '' AND order_id IN (SELECT order_id FROM orders WHERE person_key = $1)))
			ON CONFLICT (person_key, episode, order_id) DO NOTHING`, d.Key, d.Source, micros(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("open the departure of %s again: %w", d.Key, err)
	}
	return nil
}
