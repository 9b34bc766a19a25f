package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// Person is what the ledger knows about one human.
type Person struct {
	Key string
	// Episode counts the changes into employed and into left, from 1; 0 means that employment is not yet known.
	Episode      int
	Employed     bool
	EverEmployed bool
	// AccountID is the OneLogin user, 0 if none is known.
	AccountID int64
	// AccountCreated says that Gatehouse created the account.
	AccountCreated bool
	// SuspendedByUs says that the suspension of the account is ours to lift.
	SuspendedByUs bool
	// SuspendedFor is the suspend order that our suspension carries out; empty if it is a departure's.
	SuspendedFor string
	// LockedFor is the lock order whose lock may still be on; empty if there is none.
	LockedFor string
	// ContainedAt is when containment was confirmed in this episode, zero if it was not: a change of episode clears it.
	ContainedAt time.Time
	FirstSeen   time.Time
	// Forward is the key that stands for this human since their last record was linked elsewhere; empty for everyone
	// else. Nothing is to be done for a person who is forwarded.
	Forward string
}

// Link says that an HR record is about a person.
type Link struct {
	Source, EmployeeID, Key string
	FirstSeen               time.Time
	// LeaverFirstSeen is when a last day of work was first seen on the record, zero if it has none.
	LeaverFirstSeen time.Time
	// DecidedBy is who linked the record, empty if the key was made from it.
	DecidedBy string
	// Digests are what the record is compared by.
	Digests Digests
}

// Dossier is everything an assessment needs from the ledger.
type Dossier struct {
	Person Person
	Links  []Link
	// Orders are the open ones, oldest first, those of records forwarded to this person included.
	Orders []identity.Order
	// Ended are grant orders that are over while what they gave has yet to be taken back. Until is when they ended.
	Ended []identity.Order
}

const personColumns = `person_key, episode, employed, ever_employed, account_id, account_created, suspended_by_us,
	contained_at, first_seen, forward, suspended_for, locked_for`

// returningPerson qualifies the columns: in ON CONFLICT ... RETURNING, PostgreSQL takes bare ones as ambiguous.
const returningPerson = ` RETURNING people.person_key, people.episode, people.employed, people.ever_employed,
	people.account_id, people.account_created, people.suspended_by_us, people.contained_at, people.first_seen,
	people.forward, people.suspended_for, people.locked_for`

// personRow receives the columns of personColumns.
type personRow struct {
	p                                  Person
	employed, ever, created, suspended int64
	containedAt, firstSeen             int64
}

func (r *personRow) dest() []any {
	return []any{
		&r.p.Key, &r.p.Episode, &r.employed, &r.ever, &r.p.AccountID, &r.created, &r.suspended,
		&r.containedAt, &r.firstSeen, &r.p.Forward, &r.p.SuspendedFor, &r.p.LockedFor,
	}
}

func (r *personRow) person() Person {
	p := r.p
	p.Employed, p.EverEmployed = r.employed == 1, r.ever == 1
	p.AccountCreated, p.SuspendedByUs = r.created == 1, r.suspended == 1
	p.ContainedAt, p.FirstSeen = instant(r.containedAt), instant(r.firstSeen)
	return p
}

func readPerson(ctx context.Context, q querier, key string) (Person, bool, error) {
	var r personRow
	found, err := one(ctx, q, "SELECT "+personColumns+" FROM people WHERE person_key = $1", []any{key}, r.dest()...)
	return r.person(), found, err
}

// ensurePerson creates the row of a person who has none.
func (l *Ledger) ensurePerson(ctx context.Context, q querier, key string) error {
	_, err := q.ExecContext(ctx,
		"INSERT INTO people (person_key, first_seen) VALUES ($1, $2) ON CONFLICT (person_key) DO NOTHING",
		key, micros(l.now()))
	return err
}

// Resolve returns the key of the person whom a record is linked to.
func (l *Ledger) Resolve(ctx context.Context, source, employeeID string) (key string, found bool, err error) {
	found, err = one(ctx, l.engine.reader(),
		"SELECT person_key FROM links WHERE source = $1 AND employee_id = $2", []any{source, employeeID}, &key)
	if err != nil {
		return "", false, fmt.Errorf("resolve a record of %s: %w", source, err)
	}
	return key, found, nil
}

// dossierQuery reads three tables in one statement. Columns mean what the scan in Dossier makes of them. Open orders are
// neither released nor lapsed; of those that are over, only grants that have yet to be taken back matter.
const dossierQuery = `
SELECT 0, person_key, forward, '', suspended_for, locked_for, episode, employed, ever_employed, account_id,
	account_created, suspended_by_us, contained_at, first_seen, NULL FROM people WHERE person_key = $1
UNION ALL
SELECT 1, source, employee_id, work_digest, personal_digest, name_digest, leaver_first_seen, 0, 0, 0, 0, 0, 0, first_seen, decided_by
	FROM links WHERE person_key = $1
UNION ALL
SELECT 2, order_id, kind, group_name, roles, given_roles, expires_at, 0, 0, 0, 0, 0, released_at, created_at, detail
	FROM orders WHERE released_at = 0 AND (expires_at = 0 OR expires_at > $2) AND person_key = $1
UNION ALL
SELECT 2, o.order_id, o.kind, o.group_name, o.roles, o.given_roles, o.expires_at, 0, 0, 0, 0, 0, o.released_at,
	o.created_at, o.detail FROM people p JOIN orders o ON o.person_key = p.person_key
	WHERE p.forward <> '' AND p.forward = $1 AND o.released_at = 0 AND (o.expires_at = 0 OR o.expires_at > $2)
UNION ALL
SELECT 3, o.order_id, o.kind, o.group_name, o.roles, o.given_roles, o.expires_at, 0, 0, 0, 0, 0, o.released_at,
	o.created_at, o.detail FROM orders o LEFT JOIN people p ON p.person_key = o.person_key
	WHERE o.kind = 'grant' AND o.settled_at = 0 AND (o.person_key = $1 OR (p.forward <> '' AND p.forward = $1))
	AND (o.released_at <> 0 OR (o.expires_at <> 0 AND o.expires_at <= $2))`

// Dossier returns what is known about a person, with one statement: it is on the path of every containment. found is
// false, and the dossier empty, for a key that the ledger does not have.
func (l *Ledger) Dossier(ctx context.Context, key string) (d Dossier, found bool, err error) {
	rows, err := l.engine.reader().QueryContext(ctx, dossierQuery, key, micros(l.now()))
	if err != nil {
		return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var row dossierRow
		if err := rows.Scan(row.dest()...); err != nil {
			return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
		}
		if err := l.addTo(&d, key, row); err != nil {
			return Dossier{}, false, err
		}
		found = found || row.table == 0
	}
	if err := rows.Err(); err != nil {
		return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
	}
	d.sort()
	return d, found, nil
}

// dossierRow receives one row of dossierQuery: table says of which kind.
type dossierRow struct {
	table, a, b        int64
	t1, t2, t3, t4, t5 string
	blob               []byte
	personRow
}

func (r *dossierRow) dest() []any {
	return []any{
		&r.table, &r.t1, &r.t2, &r.t3, &r.t4, &r.t5, &r.a, &r.employed, &r.ever, &r.p.AccountID, &r.created,
		&r.suspended, &r.containedAt, &r.b, &r.blob,
	}
}

func (l *Ledger) addTo(d *Dossier, key string, r dossierRow) error {
	switch r.table {
	case 0:
		r.p.Key, r.p.Forward, r.p.SuspendedFor, r.p.LockedFor = r.t1, r.t2, r.t4, r.t5
		r.p.Episode, r.firstSeen = int(r.a), r.b
		d.Person = r.person()
	case 1:
		link := Link{
			Source: r.t1, EmployeeID: r.t2, Key: key, FirstSeen: instant(r.b), LeaverFirstSeen: instant(r.a),
			Digests: Digests{WorkEmail: r.t3, PersonalEmail: r.t4, Name: r.t5},
		}
		var err error
		if link.DecidedBy, err = l.openText(place("links.decided_by", r.t1, r.t2), r.blob); err != nil {
			return err
		}
		d.Links = append(d.Links, link)
	case 2, 3:
		o, err := l.order(key, orderRow{
			id: r.t1, kind: r.t2, group: r.t3, roles: r.t4, given: r.t5, created: r.b, expires: r.a,
			released: r.containedAt, detail: r.blob,
		})
		if err != nil {
			return err
		}
		if r.table == 2 {
			d.Orders = append(d.Orders, o)
		} else {
			d.Ended = append(d.Ended, o)
		}
	}
	return nil
}

// sort orders a dossier the same way on both engines.
func (d *Dossier) sort() {
	slices.SortFunc(d.Links, func(a, b Link) int {
		return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), strings.Compare(a.Source, b.Source),
			strings.Compare(a.EmployeeID, b.EmployeeID))
	})
	oldest := func(a, b identity.Order) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) }
	slices.SortFunc(d.Orders, oldest)
	slices.SortFunc(d.Ended, oldest)
}

// SetEmployed says whether a person belongs to the company. Each change raises the episode and clears ContainedAt; the
// first call sets episode 1; a repetition changes nothing. The person is created if absent.
func (l *Ledger) SetEmployed(ctx context.Context, key string, employed bool) (Person, error) {
	var r personRow
	err := l.engine.writeOne(ctx, func(ctx context.Context, q querier) error {
		_, err := one(ctx, q, setEmployed, []any{key, flag(employed), micros(l.now())}, r.dest()...)
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("set employment of %s: %w", key, err)
	}
	return r.person(), nil
}

const setEmployed = `
INSERT INTO people (person_key, episode, employed, ever_employed, first_seen) VALUES ($1, 1, $2, $2, $3)
ON CONFLICT (person_key) DO UPDATE SET
	contained_at = CASE WHEN people.episode > 0 AND people.employed <> excluded.employed THEN 0
		ELSE people.contained_at END,
	episode = CASE WHEN people.episode = 0 THEN 1 WHEN people.employed <> excluded.employed THEN people.episode + 1
		ELSE people.episode END,
	ever_employed = CASE WHEN excluded.employed = 1 THEN 1 ELSE people.ever_employed END,
	employed = excluded.employed` + returningPerson

// SetSuspended says whether the account's suspension is ours, for a departure. The person is created if absent.
func (l *Ledger) SetSuspended(ctx context.Context, key string, byUs bool) error {
	return l.setSuspended(ctx, key, byUs, "")
}

// SetSuspendedFor says that the account's suspension is ours and carries out a suspend order, so that it is lifted when
// the order is over. The person is created if absent.
func (l *Ledger) SetSuspendedFor(ctx context.Context, key, orderID string) error {
	return l.setSuspended(ctx, key, true, orderID)
}

func (l *Ledger) setSuspended(ctx context.Context, key string, byUs bool, orderID string) error {
	err := l.engine.writeOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO people (person_key, first_seen, suspended_by_us, suspended_for)
			VALUES ($1, $2, $3, $4) ON CONFLICT (person_key) DO UPDATE SET suspended_by_us = excluded.suspended_by_us,
			suspended_for = excluded.suspended_for`, key, micros(l.now()), flag(byUs), orderID)
		return err
	})
	if err != nil {
		return fmt.Errorf("set the suspension of %s: %w", key, err)
	}
	return nil
}

// SetLockedFor says which lock order's lock may be on; empty says that none is. The person is created if absent.
func (l *Ledger) SetLockedFor(ctx context.Context, key, orderID string) error {
	return setPerson(ctx, l, key, "locked_for", orderID)
}

// SetContained records when the containment of the person was confirmed; the zero time takes it back. The person is
// created if absent.
func (l *Ledger) SetContained(ctx context.Context, key string, at time.Time) error {
	return setPerson(ctx, l, key, "contained_at", micros(at))
}

func setPerson[T int64 | string](ctx context.Context, l *Ledger, key, column string, value T) error {
	err := l.engine.writeOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "INSERT INTO people (person_key, first_seen, "+column+") VALUES ($1, $2, $3) "+
			"ON CONFLICT (person_key) DO UPDATE SET "+column+" = excluded."+column, key, micros(l.now()), value)
		return err
	})
	if err != nil {
		return fmt.Errorf("set %s of %s: %w", column, key, err)
	}
	return nil
}

// ReserveUsername claims a username for a person and returns who owns it: the first to ask, for good, because names of
// departed people are not reissued. Repeating it for the same person is free. Only a digest of the name is stored, so
// names that differ in case only are the same.
func (l *Ledger) ReserveUsername(ctx context.Context, username, key string) (owner string, err error) {
	digest := l.Digest(username)
	if digest == "" {
		return "", fmt.Errorf("reserve a username for %s: the name is empty", key)
	}
	err = l.engine.write(ctx, func(ctx context.Context, q querier) error {
		if _, err := q.ExecContext(ctx, "INSERT INTO usernames (digest, person_key, reserved_at) VALUES ($1, $2, $3) "+
			"ON CONFLICT (digest) DO NOTHING", digest, key, micros(l.now())); err != nil {
			return err
		}
		// A person who was forwarded owns what they reserved under their new key.
		_, err := one(ctx, q, `SELECT CASE WHEN p.forward <> '' THEN p.forward ELSE u.person_key END
			FROM usernames u LEFT JOIN people p ON p.person_key = u.person_key WHERE u.digest = $1`, []any{digest}, &owner)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reserve a username for %s: %w", key, err)
	}
	return owner, nil
}
