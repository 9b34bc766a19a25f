package persons

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatehouse/ledger/engine"
)

// RecordTraces are the traces by which an account may be somebody's: the employee ids that its external id may name, and
// digests of its addresses and of its full name.
type RecordTraces struct {
	EmployeeIDs, Addresses, Names []string
}

// RecordLike is an HR record that shares a trace with an account.
type RecordLike struct {
	Key, Source, EmployeeID string
	// Employed says that the person, or where nobody has assessed them the record, belongs to the company.
	Employed bool
	Digests  Digests
}

// RecordsLike returns the records that share any of the traces. Names alone bring no record up: common names would bring
// up hundreds. They are there to compare with.
func (s Store) RecordsLike(ctx context.Context, t RecordTraces) ([]RecordLike, error) {
	where, args := t.condition()
	if where == "" {
		return nil, nil
	}
	found, err := s.recordsWhere(ctx, where, args)
	if err != nil {
		return nil, fmt.Errorf("find records by %s traces: %w", strconv.Itoa(len(args)), err)
	}
	return found, nil
}

// condition is what a record has to fulfil to share a trace, empty if there is none to share.
func (t RecordTraces) condition() (where string, args []any) {
	var shared []string
	in := func(columns []string, values []string) {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		if len(values) == 0 {
			return
		}
		from := len(args) + 1
		for _, v := range values {
			args = append(args, v)
		}
		for _, column := range columns {
			shared = append(shared, isPresent(column)+column+" IN "+engine.List(from, len(values))+")")
		}
	}
	in([]string{"l.employee_id"}, t.EmployeeIDs)
	in([]string{"l.work_digest", "l.personal_digest"}, t.Addresses)
	return strings.Join(shared, " OR "), args
}

// isPresent begins a condition about a column. The indexes of digests leave out what is empty, and are used only where the
// condition says so too.
func isPresent(column string) string { return "(" + column + " <> '' AND " }

// mostNamed bounds how many records of one name are returned, those of employed people first.
const mostNamed = 50

// RecordsNamed returns the records with one of these full names, given as digests.
func (s Store) RecordsNamed(ctx context.Context, names []string) ([]RecordLike, error) {
	names = slices.DeleteFunc(slices.Clone(names), func(v string) bool { return v == "" })
	if len(names) == 0 {
		return nil, nil
	}
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	found, err := s.recordsWhere(ctx, namedOnes(len(names)), args)
	if err != nil {
		return nil, fmt.Errorf("find records by a name: %w", err)
	}
	slices.SortStableFunc(found, func(a, b RecordLike) int {
		switch {
		case a.Employed == b.Employed:
			return 0
		case a.Employed:
			return -1
		}
		return 1
	})
	return found[:min(len(found), mostNamed)], nil
}

// namedOnes is the condition of records with one of n names.
func namedOnes(n int) string {
	return isPresent("l.name_digest") + "l.name_digest IN " + engine.List(1, n) + ")"
}

// recordsQuery selects records by a condition on links l.
func recordsQuery(where string) string {
	return `SELECT l.person_key, l.source, l.employee_id, l.work_digest, l.personal_digest, l.name_digest,
		CASE WHEN p.episode > 0 THEN p.employed ELSE COALESCE(r.active, 0) END
		FROM links l LEFT JOIN people p ON p.person_key = l.person_key
		LEFT JOIN roster r ON r.source = l.source AND r.employee_id = l.employee_id
		WHERE ` + where + " ORDER BY l.person_key, l.source, l.employee_id"
}

// RecordsNumbered returns the records that have an employee id, in any source.
func (s Store) RecordsNumbered(ctx context.Context, id string) ([]RecordLike, error) {
	return s.recordsWhere(ctx, "l.employee_id = $1", []any{id})
}

func (s Store) recordsWhere(ctx context.Context, where string, args []any) ([]RecordLike, error) {
	var found []RecordLike
	err := engine.Each(ctx, s.db.Reader(), recordsQuery(where), args, func(scan func(...any) error) error {
		var r RecordLike
		var employed int64
		err := scan(&r.Key, &r.Source, &r.EmployeeID, &r.Digests.WorkEmail, &r.Digests.PersonalEmail, &r.Digests.Name, &employed)
		r.Employed = employed == 1
		found = append(found, r)
		return err
	})
	return found, err
}

// ForwardedTo returns the keys that stand for the same human as key, besides key itself.
func (s Store) ForwardedTo(ctx context.Context, key string) ([]string, error) {
	var keys []string
	err := engine.Each(ctx, s.db.Reader(), "SELECT person_key FROM people WHERE forward <> '' AND forward = $1 ORDER BY person_key",
		[]any{key}, func(scan func(...any) error) error {
			var k string
			err := scan(&k)
			keys = append(keys, k)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("find the keys that stand for %s: %w", key, err)
	}
	return keys, nil
}

// ActiveRecord reports whether a source last said that a record is of somebody who belongs to the company.
func (s Store) ActiveRecord(ctx context.Context, source, employeeID string) (bool, error) {
	var active int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT active FROM roster WHERE source = $1 AND employee_id = $2",
		[]any{source, employeeID}, &active)
	if err != nil {
		return false, fmt.Errorf("read whether a record of %s is active: %w", source, err)
	}
	return active == 1, nil
}

// DepartureContained reports that the departure of a person in an episode was read back as complete: every account that
// could be found gives no access, and nothing is left to decide.
func (s Store) DepartureContained(ctx context.Context, key string, episode int) (bool, error) {
	var open, closed int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), `SELECT COALESCE(SUM(CASE WHEN contained_at = 0 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN contained_at <> 0 THEN 1 ELSE 0 END), 0) FROM departures WHERE person_key = $1 AND episode = $2`,
		[]any{key, episode}, &open, &closed)
	if err != nil {
		return false, fmt.Errorf("read whether the departure of %s is complete: %w", key, err)
	}
	return open == 0 && closed > 0, nil
}
