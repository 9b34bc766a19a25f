package activities

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger"
)

// hrColumn is one column of an HR source that the roster remembers.
type hrColumn struct {
	name  string
	value func(identity.Record) string
}

// The columns by which one human is told from another.
const (
	columnName = iota
	columnWorkEmail
	columnPersonalEmail
	columnPreferred = 3
	columnHireDate  = 10
	// columnSpelling tells one way of writing a name from another. It is no column of its own: what happens to it happens to the name.
	columnSpelling = 12
)

// columns are what traits are made of, in this order. New ones go to the end: rows of before do not have them.
var columns = [...]hrColumn{
	columnName:          {"name", func(r identity.Record) string { return r.FirstName + " " + r.LastName }},
	columnWorkEmail:     {"work_email", func(r identity.Record) string { return r.WorkEmail }},
	columnPersonalEmail: {"personal_email", func(r identity.Record) string { return r.PersonalEmail }},
	{"preferred_name", func(r identity.Record) string { return r.PreferredName }},
	{"department", func(r identity.Record) string { return r.Department }},
	{"title", func(r identity.Record) string { return r.Title }},
	{"location", func(r identity.Record) string { return r.Location }},
	{"company", func(r identity.Record) string { return r.Company }},
	{"employment_type", func(r identity.Record) string { return r.EmploymentType }},
	{"manager_id", func(r identity.Record) string { return r.ManagerID }},
	columnHireDate: {"hire_date", func(r identity.Record) string { return string(r.HireDate) }},
	{"birth_date", func(r identity.Record) string { return string(r.BirthDate) }},
	columnSpelling: {"spelling", spelling},
}

// spelling is how a name is written. Digests take capitals for small letters, so it is told by its bytes.
func spelling(r identity.Record) string {
	if name := strings.Join([]string{r.FirstName, r.LastName, r.PreferredName}, "\x00"); strings.Trim(name, "\x00") != "" {
		return hex.EncodeToString([]byte(name))
	}
	return ""
}

// traitSize is how much of a value's digest is kept: enough to tell values of one column apart, and no more.
const traitSize = 6

// noTrait stands for a column without a value.
const noTrait = "------"

// traits are what the roster remembers of a record's columns.
func (s *Sync) traits(rec identity.Record) string {
	var b strings.Builder
	for _, c := range columns {
		if digest := s.Ledger.Digest(c.value(rec)); digest != "" {
			b.WriteString(digest[:traitSize])
		} else {
			b.WriteString(noTrait)
		}
	}
	return b.String()
}

// traitsIn are the traits of a record of a reading, "" if it does not have it.
func (s *Sync) traitsIn(snapshot Snapshot, id string) string {
	rec, read := snapshot.Records[id]
	if !read {
		return ""
	}
	return s.traits(rec)
}

// trait is one column of what the roster remembers: "" if it had no value, or if that is not known.
func trait(traits string, i int) string {
	from := i * traitSize
	if len(traits) < from+traitSize || traits[from:from+traitSize] == noTrait {
		return ""
	}
	return traits[from : from+traitSize]
}

// remembersAll reports that the roster remembers every column of a record.
func remembersAll(traits string) bool { return len(traits) == len(columns)*traitSize }

// oneHuman reports that two records have a name or an address in common.
func oneHuman(a, b string) bool {
	return slices.ContainsFunc([]int{columnName, columnWorkEmail, columnPersonalEmail}, func(i int) bool {
		return trait(a, i) != "" && trait(a, i) == trait(b, i)
	})
}

// stranger reports that a record has another name and other addresses than it had, as far as both are known.
func stranger(before, now string) bool {
	addressed := func(traits string) bool {
		return trait(traits, columnWorkEmail)+trait(traits, columnPersonalEmail) != ""
	}
	return trait(before, columnName) != "" && trait(now, columnName) != "" && addressed(before) && addressed(now) && !oneHuman(before, now)
}

// remember gives the roster what it does not remember yet of records that have not changed: an earlier version did not
// write it down.
func (s *Sync) remember(ctx context.Context, known map[string]ledger.RosterRow, snapshot Snapshot) error {
	var rows []ledger.RosterRow
	for _, id := range slices.Sorted(maps.Keys(snapshot.Records)) {
		row, seen := known[id]
		if !seen || row.Digest != snapshot.Digests[id] || remembersAll(row.Traits) {
			continue
		}
		row.Traits, row.SeenAt = s.traits(snapshot.Records[id]), s.Clock()
		rows = append(rows, row)
	}
	for page := range slices.Chunk(rows, 300) {
		if err := s.Ledger.PutRoster(ctx, page); err != nil {
			return err
		}
	}
	return nil
}
