package persons

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// ErrLinkedElsewhere is returned (as a value) when a record, or the key it was to be linked to, already stands for the
// person Key. It is not a failure of the ledger: go on with Key.
type ErrLinkedElsewhere struct{ Key string }

// Error implements error.
func (e ErrLinkedElsewhere) Error() string { return "the record is linked to " + e.Key }

// Digests are what records are compared by: values that [DB.Digest] returned.
type Digests struct{ WorkEmail, PersonalEmail, Name string }

// Candidate is a record that may be about the same human as another.
type Candidate struct {
	Key, Source, EmployeeID                    string
	SameWorkEmail, SamePersonalEmail, SameName bool
}

// PeopleLock is held by what reads and then changes who is who.
const PeopleLock = "people"

// Admit makes sure that the person key exists and that the record is linked to them, and returns the person. Repeating
// it changes nothing, the digests included ([Store.SetDigests] does that). ErrLinkedElsewhere says that the record
// belongs to another person, or that key has been forwarded to one.
func (s Store) Admit(ctx context.Context, key, source, employeeID string, d Digests) (Person, error) {
	var p Person
	linked, found, err := s.Resolve(ctx, source, employeeID)
	if err != nil {
		return Person{}, fmt.Errorf("admit %s: %w", key, err)
	}
	if found && linked == key {
		if p, found, err = ReadPerson(ctx, s.db.Reader(), key); err != nil {
			return Person{}, fmt.Errorf("admit %s: %w", key, err)
		}
		if found {
			return p, nil
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		p, err = s.admit(ctx, q, key, source, employeeID, d)
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("admit %s: %w", key, err)
	}
	return p, nil
}

// Admission is somebody who becomes known by a record.
type Admission struct {
	Key, Source, EmployeeID string
	Digests                 Digests
}

// AdmitAll is [Store.Admit] for many people in one transaction. Whoever is known stays as they are, and so does a record that
// belongs to another person, or whose key has been forwarded to one.
func (s Store) AdmitAll(ctx context.Context, all []Admission) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, PeopleLock); err != nil {
			return err
		}
		fresh, err := unmet(ctx, q, all)
		if err != nil {
			return err
		}
		now := engine.Micros(s.db.Now())
		people, links := map[string][]any{}, map[string][]any{}
		for _, a := range fresh {
			people[a.Key] = []any{a.Key, now}
			links[a.Source+"\x00"+a.EmployeeID] = []any{
				a.Source, a.EmployeeID, a.Key, now, a.Digests.WorkEmail, a.Digests.PersonalEmail, a.Digests.Name,
			}
		}
		if err := engine.InsertRows(ctx, q, "INSERT INTO people (person_key, first_seen)", "ON CONFLICT (person_key) DO NOTHING", engine.Sorted(people)); err != nil {
			return err
		}
		return engine.InsertRows(ctx, q, "INSERT INTO links (source, employee_id, person_key, first_seen, work_digest, personal_digest, name_digest)",
			"ON CONFLICT (source, employee_id) DO NOTHING", engine.Sorted(links))
	})
	return engine.Wrapf(err, "admit %d people", len(all))
}

// unmet are those whose record nobody has and whose key is not forwarded.
func unmet(ctx context.Context, q engine.Querier, all []Admission) ([]Admission, error) {
	linked, forwarded := map[string]bool{}, map[string]bool{}
	for page := range slices.Chunk(all, engine.MaxArgs) {
		keys, ids := make([]any, len(page)), make([]any, len(page))
		for i, a := range page {
			keys[i], ids[i] = a.Key, a.EmployeeID
		}
		err := engine.Each(ctx, q, "SELECT source, employee_id FROM links WHERE employee_id IN "+engine.List(1, len(ids)), ids, func(scan func(...any) error) error {
			var source, id string
			err := scan(&source, &id)
			linked[source+"\x00"+id] = true
			return err
		})
		if err != nil {
			return nil, err
		}
		gone, err := engine.Texts(ctx, q, "SELECT person_key FROM people WHERE forward <> '' AND person_key IN "+engine.List(1, len(keys)), keys...)
		if err != nil {
			return nil, err
		}
		for _, key := range gone {
			forwarded[key] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(a Admission) bool { return linked[a.Source+"\x00"+a.EmployeeID] || forwarded[a.Key] }), nil
}

// errMet says that a key or a record is known already.
var errMet = errors.New("the person or the record is known")

// AdmitNew is Admit for a key and a record that the ledger has not met, in as few statements as there can be: it is on the
// path of a first departure. fresh is false, and nothing is changed, where one of the two is known.
func (s Store) AdmitNew(ctx context.Context, key, source, employeeID string) (link Link, fresh bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, PeopleLock); err != nil {
			return err
		}
		now := s.db.Now()
		n, err := engine.Affected(ctx, q, insertPerson, key, engine.Micros(now))
		if err != nil || n == 0 {
			return cmp.Or(err, errMet)
		}
		if n, err = s.link(ctx, q, source, employeeID, key, "", Digests{}); err != nil || n == 0 {
			return cmp.Or(err, errMet)
		}
		link = Link{Source: source, EmployeeID: employeeID, Key: key, FirstSeen: engine.Instant(engine.Micros(now))}
		return nil
	})
	switch {
	case errors.Is(err, errMet):
		return Link{}, false, nil
	case err != nil:
		return Link{}, false, fmt.Errorf("admit %s: %w", key, err)
	}
	return link, true, nil
}

func (s Store) admit(ctx context.Context, q engine.Querier, key, source, employeeID string, d Digests) (Person, error) {
	if err := s.db.Lock(ctx, q, PeopleLock); err != nil {
		return Person{}, err
	}
	p, found, err := ReadPerson(ctx, q, key)
	if err != nil {
		return Person{}, err
	}
	if found && p.Forward != "" {
		return Person{}, ErrLinkedElsewhere{Key: p.Forward}
	}
	linked, _, err := linkOf(ctx, q, source, employeeID)
	if err != nil {
		return Person{}, err
	}
	if linked != "" && linked != key {
		return Person{}, ErrLinkedElsewhere{Key: linked}
	}
	if err := s.EnsurePerson(ctx, q, key); err != nil {
		return Person{}, err
	}
	if _, err := s.link(ctx, q, source, employeeID, key, "", d); err != nil {
		return Person{}, err
	}
	p, _, err = ReadPerson(ctx, q, key)
	return p, err
}

func linkOf(ctx context.Context, q engine.Querier, source, employeeID string) (key string, found bool, err error) {
	found, err = engine.QueryRow(ctx, q, "SELECT person_key FROM links WHERE source = $1 AND employee_id = $2",
		[]any{source, employeeID}, &key)
	return key, found, err
}

// link ties a record to a person, and returns 0 for one that is tied already.
func (s Store) link(ctx context.Context, q engine.Querier, source, employeeID, key, by string, d Digests) (int64, error) {
	return engine.Affected(ctx, q, `
INSERT INTO links (source, employee_id, person_key, first_seen, decided_by, work_digest, personal_digest, name_digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source, employee_id) DO NOTHING`,
		source, employeeID, key, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("links.decided_by", source, employeeID), []byte(by)),
		d.WorkEmail, d.PersonalEmail, d.Name)
}

// SetDigests replaces what a linked record is compared by, and notes when its addresses have changed. ErrNotFound if the record is
// not linked.
func (s Store) SetDigests(ctx context.Context, source, employeeID string, d Digests) error {
	return s.updateLink(ctx, "set digests", source, employeeID,
		`UPDATE links SET addresses_since = CASE WHEN work_digest <> $3 OR personal_digest <> $4 THEN $6 ELSE addresses_since END,
			work_digest = $3, personal_digest = $4, name_digest = $5 WHERE source = $1 AND employee_id = $2`,
		d.WorkEmail, d.PersonalEmail, d.Name, engine.Micros(s.db.Now()))
}

// NoteLeaver records that the record has a last day of work, when that was first seen and when it is due. ErrNotFound if the record is
// not linked.
func (s Store) NoteLeaver(ctx context.Context, source, employeeID string, seen, due time.Time) error {
	return s.updateLink(ctx, "note a leaver", source, employeeID,
		"UPDATE links SET leaver_first_seen = $3, leaver_due = $4 WHERE source = $1 AND employee_id = $2", engine.Micros(seen), engine.Micros(due))
}

// ClearLeaver forgets that the record had a last day of work. ErrNotFound if the record is not linked.
func (s Store) ClearLeaver(ctx context.Context, source, employeeID string) error {
	return s.updateLink(ctx, "clear a leaver", source, employeeID,
		"UPDATE links SET leaver_first_seen = 0, leaver_due = 0 WHERE source = $1 AND employee_id = $2")
}

func (s Store) updateLink(ctx context.Context, what, source, employeeID, query string, args ...any) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err := engine.Affected(ctx, q, query, append([]any{source, employeeID}, args...)...)
		if err == nil && n == 0 {
			err = engine.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s of %s: %w", what, source, err)
	}
	return nil
}

// byAddress and byName are what makes a record a candidate.
const (
	byAddress = "(l.work_digest <> '' AND l.work_digest = $1) OR (l.personal_digest <> '' AND l.personal_digest = $2)"
	byName    = "l.name_digest <> '' AND l.name_digest = $1 AND CAST($2 AS TEXT) = ''"
)

// candidatesQuery leaves out what an operator has separated: a decision between a record and a person counts for the
// people both stand for now. A record that is not linked yet stands for the key that it would get.
func candidatesQuery(by string) string {
	return `
SELECT l.person_key, l.source, l.employee_id, l.work_digest, l.personal_digest, l.name_digest FROM links l
WHERE l.person_key <> $3
	AND (` + by + `)
	AND NOT EXISTS (
		SELECT 1 FROM separations s
		LEFT JOIN links r ON r.source = s.source AND r.employee_id = s.employee_id
		LEFT JOIN people o ON o.person_key = s.other_key AND o.forward <> ''
		WHERE (COALESCE(r.person_key, s.source || '-' || s.employee_id) = $3
				AND COALESCE(o.forward, s.other_key) = l.person_key)
			OR (COALESCE(r.person_key, s.source || '-' || s.employee_id) = l.person_key
				AND COALESCE(o.forward, s.other_key) = $3))
ORDER BY l.person_key, l.source, l.employee_id`
}

// Candidates returns the records of other people that share the work or the personal e-mail address. except is the key
// of the person who is asked about, or the key their record would get ("<source>-<employee id>"). An equal name alone
// makes no candidate; it is reported for those who are.
func (s Store) Candidates(ctx context.Context, d Digests, except string) ([]Candidate, error) {
	return s.candidates(ctx, candidatesQuery(byAddress), d, except, d.WorkEmail, d.PersonalEmail)
}

// Namesakes returns the records of other people that have the name.
func (s Store) Namesakes(ctx context.Context, d Digests, except string) ([]Candidate, error) {
	return s.candidates(ctx, candidatesQuery(byName), d, except, d.Name, "")
}

func (s Store) candidates(ctx context.Context, query string, d Digests, except string, first, second string) ([]Candidate, error) {
	rows, err := s.db.Reader().QueryContext(ctx, query, first, second, except)
	if err != nil {
		return nil, fmt.Errorf("find candidates for %s: %w", except, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Candidate
	for rows.Next() {
		var c Candidate
		var work, personal, name string
		if err := rows.Scan(&c.Key, &c.Source, &c.EmployeeID, &work, &personal, &name); err != nil {
			return nil, fmt.Errorf("find candidates for %s: %w", except, err)
		}
		c.SameWorkEmail = work != "" && work == d.WorkEmail
		c.SamePersonalEmail = personal != "" && personal == d.PersonalEmail
		c.SameName = name != "" && name == d.Name
		found = append(found, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find candidates for %s: %w", except, err)
	}
	return found, nil
}

// PeopleWithAddress returns the keys of everybody with a record that carries a private or a work address, given as its
// digest, separated or not.
func (s Store) PeopleWithAddress(ctx context.Context, digest string) ([]string, error) {
	if digest == "" {
		return nil, nil
	}
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT person_key FROM links WHERE personal_digest <> '' AND personal_digest = $1
		UNION SELECT person_key FROM links WHERE work_digest <> '' AND work_digest = $1 ORDER BY person_key`, digest)
	if err != nil {
		return nil, fmt.Errorf("find the people with an address: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("find the people with an address: %w", err)
		}
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find the people with an address: %w", err)
	}
	return keys, nil
}

// OwnedAddress is an address that HR has of a person.
type OwnedAddress struct {
	// Digest is that of [DB.Digest].
	Digest string
	// Since is when HR last changed an address of the record, and at the earliest when the record was first seen.
	Since time.Time
}

// OwnedAddresses are those that the records of a person have.
func (s Store) OwnedAddresses(ctx context.Context, key string) ([]OwnedAddress, error) {
	var found []OwnedAddress
	err := engine.Each(ctx, s.db.Reader(), `SELECT work_digest, personal_digest, first_seen, addresses_since FROM links WHERE person_key = $1
		ORDER BY source, employee_id`, []any{key}, func(scan func(...any) error) error {
		var work, personal string
		var first, since int64
		if err := scan(&work, &personal, &first, &since); err != nil {
			return err
		}
		for _, digest := range []string{work, personal} {
			if digest != "" {
				found = append(found, OwnedAddress{Digest: digest, Since: engine.Instant(max(first, since))})
			}
		}
		return nil
	})
	return found, engine.Wrapf(err, "read the addresses of %s", key)
}
