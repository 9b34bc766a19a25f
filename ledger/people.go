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
}

// Dossier is everything an assessment needs from the ledger.
type Dossier struct {
	Person Person
	Links  []Link
	// Orders are the open ones, oldest first, those of records forwarded to this person included.
	Orders []identity.Order
}

const personColumns = `person_key, episode, employed, ever_employed, account_id, account_created, suspended_by_us,
	contained_at, first_seen, forward`

// returningPerson qualifies the columns: in ON CONFLICT ... RETURNING, PostgreSQL takes bare ones as ambiguous.
const returningPerson = ` RETURNING people.person_key, people.episode, people.employed, people.ever_employed,
	people.account_id, people.account_created, people.suspended_by_us, people.contained_at, people.first_seen,
	people.forward`

// personRow receives the columns of personColumns.
type personRow struct {
	p                                  Person
	employed, ever, created, suspended int64
	containedAt, firstSeen             int64
}

func (r *personRow) dest() []any {
	return []any{
		&r.p.Key, &r.p.Episode, &r.employed, &r.ever, &r.p.AccountID, &r.created, &r.suspended,
		&r.containedAt, &r.firstSeen, &r.p.Forward,
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

// dossierQuery reads three tables in one statement. Columns mean what the scan in Dossier makes of them.
const dossierQuery = `
SELECT 0, person_key, forward, '', episode, employed, ever_employed, account_id, account_created, suspended_by_us,
	contained_at, first_seen, NULL FROM people WHERE person_key = $1
UNION ALL
SELECT 1, source, employee_id, '', leaver_first_seen, 0, 0, 0, 0, 0, 0, first_seen, decided_by
	FROM links WHERE person_key = $1
UNION ALL
SELECT 2, order_id, kind, group_name, expires_at, 0, 0, 0, 0, 0, 0, created_at, detail
	FROM orders WHERE released_at = 0 AND (expires_at = 0 OR expires_at > $2)
	AND person_key = $1
UNION ALL
SELECT 2, o.order_id, o.kind, o.group_name, o.expires_at, 0, 0, 0, 0, 0, 0, o.created_at, o.detail
	FROM people p JOIN orders o ON o.person_key = p.person_key
	WHERE p.forward <> '' AND p.forward = $1 AND o.released_at = 0 AND (o.expires_at = 0 OR o.expires_at > $2)`

// Dossier returns what is known about a person, with one statement: it is on the path of every containment. found is
// false, and the dossier empty, for a key that the ledger does not have.
func (l *Ledger) Dossier(ctx context.Context, key string) (d Dossier, found bool, err error) {
	rows, err := l.engine.reader().QueryContext(ctx, dossierQuery, key, micros(l.now()))
	if err != nil {
		return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var (
			table, a, b int64
			t1, t2, t3  string
			blob        []byte
			r           personRow
		)
		if err := rows.Scan(&table, &t1, &t2, &t3, &a, &r.employed, &r.ever, &r.p.AccountID, &r.created,
			&r.suspended, &r.containedAt, &b, &blob); err != nil {
			return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
		}
		switch table {
		case 0:
			found = true
			r.p.Key, r.p.Forward, r.p.Episode, r.firstSeen = t1, t2, int(a), b
			d.Person = r.person()
		case 1:
			link := Link{Source: t1, EmployeeID: t2, Key: key, FirstSeen: instant(b), LeaverFirstSeen: instant(a)}
			if link.DecidedBy, err = l.openText(place("links.decided_by", t1, t2), blob); err != nil {
				return Dossier{}, false, err
			}
			d.Links = append(d.Links, link)
		case 2:
			o := identity.Order{ID: t1, Key: key, Kind: identity.OrderKind(t2), Group: t3, At: instant(b), Until: instant(a)}
			if err := l.openOrder(&o, blob); err != nil {
				return Dossier{}, false, err
			}
			d.Orders = append(d.Orders, o)
		}
	}
	if err := rows.Err(); err != nil {
		return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
	}
	d.sort()
	return d, found, nil
}

// sort orders a dossier the same way on both engines.
func (d *Dossier) sort() {
	slices.SortFunc(d.Links, func(a, b Link) int {
		return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), strings.Compare(a.Source, b.Source),
			strings.Compare(a.EmployeeID, b.EmployeeID))
	})
	slices.SortFunc(d.Orders, func(a, b identity.Order) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
	})
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

// SetSuspended says whether the account's suspension is ours. The person is created if absent.
func (l *Ledger) SetSuspended(ctx context.Context, key string, byUs bool) error {
	return l.setPerson(ctx, key, "suspended_by_us", flag(byUs))
}

// SetContained records when the containment of the person was confirmed; the zero time takes it back. The person is
// created if absent.
func (l *Ledger) SetContained(ctx context.Context, key string, at time.Time) error {
	return l.setPerson(ctx, key, "contained_at", micros(at))
}

func (l *Ledger) setPerson(ctx context.Context, key, column string, value int64) error {
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
