package persons

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
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
	// ContainedAt is when containment of the account was confirmed in this episode, zero if it was not.
	ContainedAt time.Time
	// LeftAt is from when HR wanted the person out in this episode, zero where it did not or where that has yet to be carried out.
	LeftAt time.Time
	// OutSince is from when HR wanted them out by the departure that lasts, carried out or not: no look has found them at work since.
	OutSince time.Time
	// OpenSince is from when a departure of theirs by HR's word that is not carried out is due, zero without one.
	OpenSince time.Time
	// AssessedAt is when the last assessment of them was, zero if none came to an end.
	AssessedAt time.Time
	FirstSeen  time.Time
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
	// LeaverDue is when that end was due by the last look, zero if nobody has looked since there is one.
	LeaverDue time.Time
	// BegunEpisode is in which episode of the person the record was last seen to say that they work here, 0 if never.
	BegunEpisode int
	// DecidedBy is who linked the record, empty if the key was made from it.
	DecidedBy string
	// Digests are what the record is compared by.
	Digests Digests
}

// personColumns are a person p with the marks of their primary account a.
const personColumns = `p.person_key, p.episode, p.employed, p.ever_employed, p.account_id, p.account_created,
	COALESCE(a.suspended_by_us, 0), ` + containedNow + `, p.first_seen, p.forward, COALESCE(a.suspended_for, ''),
	COALESCE(a.locked_for, ''), ` + leftNow + `, p.left_at, ` + openSince + ", " + assessedAt

// openSince is from when a departure of the person p that is not carried out is due.
const openSince = `COALESCE((SELECT MIN(d.due_at) FROM departures d WHERE d.person_key = p.person_key AND d.order_id = '' AND d.contained_at = 0), 0)`

// assessedAt is when the person p was last assessed.
const assessedAt = "COALESCE((SELECT s.assessed_at FROM assessed s WHERE s.person_key = p.person_key), 0)"

// containedNow is when the account a was contained in the present episode of the person p.
const containedNow = `CASE WHEN a.contained_in = p.person_key || '/' || CAST(p.episode AS TEXT) THEN a.contained_at ELSE 0 END`

// leftNow is from when HR wanted the person p out who is out in the present episode, once their accounts at OneLogin were read back as closed
// by that word. An order that closed them before the moment came proves nothing about it before a look has found that they left. A first day
// that comes near and moves away does not end it.
const leftNow = `CASE WHEN p.left_at <> 0 AND EXISTS (SELECT 1 FROM departures d WHERE d.person_key = p.person_key AND d.order_id = ''
		AND (d.contained_at >= p.left_at OR d.reopened_at >= p.left_at OR d.contained_at <> 0 AND d.episode = p.episode)) THEN p.left_at
	WHEN p.employed = 1 THEN 0 ELSE COALESCE((SELECT d.due_at FROM departures d
	WHERE d.person_key = p.person_key AND d.episode = p.episode AND d.order_id = '' AND (d.contained_at >= d.due_at OR d.reopened_at <> 0)), 0) END`

// PrimaryOf joins the person p with their primary account.
const PrimaryOf = ` LEFT JOIN accounts a ON a.system = 'onelogin' AND p.account_id <> 0 AND a.account_id = CAST(p.account_id AS TEXT)`

// personRow receives the columns of personColumns.
type personRow struct {
	p                                  Person
	employed, ever, created, suspended int64
	containedAt, firstSeen, leftAt     int64
	outSince, openSince, assessedAt    int64
}

func (r *personRow) dest() []any {
	return []any{
		&r.p.Key, &r.p.Episode, &r.employed, &r.ever, &r.p.AccountID, &r.created, &r.suspended,
		&r.containedAt, &r.firstSeen, &r.p.Forward, &r.p.SuspendedFor, &r.p.LockedFor,
		&r.leftAt, &r.outSince, &r.openSince, &r.assessedAt,
	}
}

func (r *personRow) person() Person {
	p := r.p
	p.Employed, p.EverEmployed = r.employed == 1, r.ever == 1
	p.AccountCreated, p.SuspendedByUs = r.created == 1, r.suspended == 1
	p.ContainedAt, p.FirstSeen, p.LeftAt = engine.Instant(r.containedAt), engine.Instant(r.firstSeen), engine.Instant(r.leftAt)
	p.OutSince, p.OpenSince, p.AssessedAt = engine.Instant(r.outSince), engine.Instant(r.openSince), engine.Instant(r.assessedAt)
	return p
}

// ReadPerson reads a person with the marks of their primary account.
func ReadPerson(ctx context.Context, q engine.Querier, key string) (Person, bool, error) {
	var r personRow
	found, err := engine.QueryRow(ctx, q, "SELECT "+personColumns+" FROM people p"+PrimaryOf+" WHERE p.person_key = $1", []any{key}, r.dest()...)
	return r.person(), found, err
}

// EnsurePerson creates the row of a person who has none.
func (s Store) EnsurePerson(ctx context.Context, q engine.Querier, key string) error {
	_, err := q.ExecContext(ctx, insertPerson, key, engine.Micros(s.db.Now()))
	return err
}

const insertPerson = "INSERT INTO people (person_key, first_seen) VALUES ($1, $2) ON CONFLICT (person_key) DO NOTHING"

// Resolve returns the key of the person whom a record is linked to.
func (s Store) Resolve(ctx context.Context, source, employeeID string) (key string, found bool, err error) {
	found, err = engine.QueryRow(ctx, s.db.Reader(),
		"SELECT person_key FROM links WHERE source = $1 AND employee_id = $2", []any{source, employeeID}, &key)
	if err != nil {
		return "", false, fmt.Errorf("resolve a record of %s: %w", source, err)
	}
	return key, found, nil
}

// Owners returns the key of the person whom each record of a source is linked to, by employee id.
func (s Store) Owners(ctx context.Context, source string) (map[string]string, error) {
	owners := map[string]string{}
	err := engine.Each(ctx, s.db.Reader(), "SELECT employee_id, person_key FROM links WHERE source = $1", []any{source}, func(scan func(...any) error) error {
		var id, key string
		err := scan(&id, &key)
		owners[id] = key
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read whose the records of %s are: %w", source, err)
	}
	return owners, nil
}

// SetEmployed says whether a person belongs to the company. Each change raises the episode, so that no containment of
// the one before counts any more; the first call sets episode 1; a repetition changes nothing. The person is created if
// absent. What is returned is without the marks of the account.
func (s Store) SetEmployed(ctx context.Context, key string, employed bool) (Person, error) {
	var r personRow
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := engine.QueryRow(ctx, q, setEmployed, []any{key, engine.Flag(employed), engine.Micros(s.db.Now())},
			&r.p.Key, &r.p.Episode, &r.employed, &r.ever, &r.p.AccountID, &r.created, &r.firstSeen, &r.p.Forward)
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("set employment of %s: %w", key, err)
	}
	return r.person(), nil
}

// NoteOut writes down since when a person is out; the zero time says that they are not. ErrNotFound if there is no such person.
func (s Store) NoteOut(ctx context.Context, key string, since time.Time) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err := engine.Affected(ctx, q, "UPDATE people SET left_at = $2 WHERE person_key = $1", key, engine.Micros(since))
		if err == nil && n == 0 {
			err = engine.ErrNotFound
		}
		return err
	})
	return engine.Wrapf(err, "note since when %s is out", key)
}

const setEmployed = `
INSERT INTO people (person_key, episode, employed, ever_employed, first_seen) VALUES ($1, 1, $2, $2, $3)
ON CONFLICT (person_key) DO UPDATE SET
	episode = CASE WHEN people.episode = 0 THEN 1 WHEN people.employed <> excluded.employed THEN people.episode + 1
		ELSE people.episode END,
	ever_employed = CASE WHEN excluded.employed = 1 THEN 1 ELSE people.ever_employed END,
	employed = excluded.employed
RETURNING people.person_key, people.episode, people.employed, people.ever_employed, people.account_id,
	people.account_created, people.first_seen, people.forward`

// ReserveUsername claims a username for a person and returns who owns it: the first to ask, for good, because names of
// departed people are not reissued. Repeating it for the same person is free. Only a digest of the name is stored, so
// names that differ in case only are the same.
func (s Store) ReserveUsername(ctx context.Context, username, key string) (owner string, err error) {
	digest := s.db.Digest(username)
	if digest == "" {
		return "", fmt.Errorf("reserve a username for %s: the name is empty", key)
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "INSERT INTO usernames (digest, person_key, reserved_at) VALUES ($1, $2, $3) "+
			"ON CONFLICT (digest) DO NOTHING", digest, key, engine.Micros(s.db.Now())); err != nil {
			return err
		}
		// A person who was forwarded owns what they reserved under their new key.
		_, err := engine.QueryRow(ctx, q, `SELECT CASE WHEN p.forward <> '' THEN p.forward ELSE u.person_key END
			FROM usernames u LEFT JOIN people p ON p.person_key = u.person_key WHERE u.digest = $1`, []any{digest}, &owner)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reserve a username for %s: %w", key, err)
	}
	return owner, nil
}
