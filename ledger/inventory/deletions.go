package inventory

import (
	"context"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Deletion is an account of somebody who has left that was deleted, or is about to be. It outlives the account's entry in the
// inventory, so that it stays known which account somebody had.
type Deletion struct {
	Ref     identity.Ref
	Key     string
	Episode int
	// LeftAt is the leave moment of the person.
	LeftAt time.Time
	// BegunAt is before the system was asked, DeletedAt when the account was known to be gone; zero if it is not.
	BegunAt, DeletedAt time.Time
}

// BeginDeletion writes down that an account is about to be deleted. Whoever finds it gone after a crash knows why.
func (s Store) BeginDeletion(ctx context.Context, d Deletion) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO deletions (system, account_id, person_key, episode, left_at, begun_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (system, account_id) DO UPDATE SET person_key = excluded.person_key, episode = excluded.episode,
			left_at = excluded.left_at, begun_at = excluded.begun_at, deleted_at = 0`,
			d.Ref.System, d.Ref.ID, d.Key, d.Episode, engine.Micros(d.LeftAt), engine.Micros(s.db.Now()))
		return err
	})
	return engine.Wrapf(err, "note that account %s is about to be deleted", d.Ref)
}

// FinishDeletion keeps that an account is gone. It leaves the inventory, and is nobody's from then on. An account of which no
// deletion was begun is left as it is.
func (s Store) FinishDeletion(ctx context.Context, ref identity.Ref, at time.Time) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		begun, err := engine.Affected(ctx, q, "UPDATE deletions SET deleted_at = $3 WHERE system = $1 AND account_id = $2 AND deleted_at = 0",
			ref.System, ref.ID, engine.Micros(at))
		if err != nil || begun == 0 {
			return err
		}
		if id, ok := ref.OneLogin(); ok {
			if _, err := q.ExecContext(ctx, "UPDATE people SET account_id = 0, account_created = 0 WHERE account_id = $1", id); err != nil {
				return err
			}
		}
		return s.dropAccount(ctx, q, ref)
	})
	return engine.Wrapf(err, "note that account %s was deleted", ref)
}

const deletionColumns = "SELECT system, account_id, person_key, episode, left_at, begun_at, deleted_at FROM deletions "

// Deletion returns what is known of the deletion of an account.
func (s Store) Deletion(ctx context.Context, ref identity.Ref) (Deletion, bool, error) {
	found, err := s.deletions(ctx, "WHERE system = $1 AND account_id = $2", ref.System, ref.ID)
	if err != nil || len(found) == 0 {
		return Deletion{}, false, err
	}
	return found[0], true, nil
}

// DeletionsOf lists the accounts of a person that were deleted or are about to be, those of keys that stand for them included.
func (s Store) DeletionsOf(ctx context.Context, key string) ([]Deletion, error) {
	return s.deletions(ctx, `WHERE person_key = $1 OR person_key IN (SELECT person_key FROM people WHERE forward <> '' AND forward = $1)
		ORDER BY begun_at, system, account_id`, key)
}

func (s Store) deletions(ctx context.Context, where string, args ...any) (found []Deletion, err error) {
	err = engine.Each(ctx, s.db.Reader(), deletionColumns+where, args, func(scan func(...any) error) error {
		var d Deletion
		var left, begun, deleted int64
		err := scan(&d.Ref.System, &d.Ref.ID, &d.Key, &d.Episode, &left, &begun, &deleted)
		d.LeftAt, d.BegunAt, d.DeletedAt = engine.Instant(left), engine.Instant(begun), engine.Instant(deleted)
		found = append(found, d)
		return err
	})
	return found, engine.Wrapf(err, "read deleted accounts")
}

// Departed is somebody who has left, whose departure was read back as complete, and who still has accounts on record.
type Departed struct {
	Key string
	// LeftAt is the moment from which they had to be out, Accounts how many are on record.
	LeftAt   time.Time
	Accounts int
}

// departed are those who had to be out by HR's word at $1 and are known to be, with what is on record as a human's own.
const (
	departedOwn = `a.system = 'onelogin' AND a.state IN ('linked', 'disputed') AND a.kind IN ('person', 'unknown') AND a.missing_since = 0`
	departed    = `WITH gone(person_key, left_at) AS (
	SELECT o.person_key, MAX(d.due_at) FROM people o JOIN departures d ON d.person_key = o.person_key AND d.episode = o.episode
	WHERE o.employed = 0 AND o.episode > 0 AND o.forward = '' AND d.order_id = '' AND d.contained_at <> 0
	GROUP BY o.person_key HAVING MAX(d.due_at) <= $1),
held(person_key, account_id) AS (
	SELECT g.person_key, a.account_id FROM gone g JOIN accounts a ON a.person_key = g.person_key WHERE ` + departedOwn + `
	UNION SELECT g.person_key, a.account_id FROM gone g JOIN people p ON p.forward <> '' AND p.forward = g.person_key
	JOIN accounts a ON a.person_key = p.person_key WHERE ` + departedOwn + `)
SELECT g.person_key, g.left_at, COUNT(*) FROM gone g JOIN held h ON h.person_key = g.person_key
GROUP BY g.person_key, g.left_at ORDER BY g.left_at, g.person_key`
)

// DepartedBy lists who had left at a moment and still has accounts of OneLogin on record, the longest gone first.
func (s Store) DepartedBy(ctx context.Context, at time.Time) (found []Departed, err error) {
	err = engine.Each(ctx, s.db.Reader(), departed, []any{engine.Micros(at)}, func(scan func(...any) error) error {
		var d Departed
		var left int64
		err := scan(&d.Key, &left, &d.Accounts)
		d.LeftAt = engine.Instant(left)
		found = append(found, d)
		return err
	})
	return found, engine.Wrapf(err, "read who has left and still has accounts")
}
