package reading

import (
	"encoding/hex"
	"strings"

	"gatehouse/identity"
)

// Column is one column of an HR source that the roster remembers.
type Column struct {
	Name  string
	Value func(identity.Record) string
}

// The columns by which one human is told from another.
const (
	ColumnNames = iota
	ColumnWorkEmail
	ColumnPersonalEmail
	ColumnPreferred = 3
	ColumnLocation  = 6
	ColumnHireDate  = 10
	// ColumnSpelling tells one way of writing a name from another. It is no column of its own: what happens to it happens to the name.
	ColumnSpelling = 12
)

// TraitSize is how much of a value's digest the roster keeps: enough to tell values of one column apart, and no more.
const TraitSize = 6

// Columns are what traits are made of, in this order. New ones go to the end: rows of before do not have them.
var Columns = [...]Column{
	ColumnNames:         {"name", func(r identity.Record) string { return r.FirstName + " " + r.LastName }},
	ColumnWorkEmail:     {"work_email", func(r identity.Record) string { return r.WorkEmail }},
	ColumnPersonalEmail: {"personal_email", func(r identity.Record) string { return r.PersonalEmail }},
	{"preferred_name", func(r identity.Record) string { return r.PreferredName }},
	{"department", func(r identity.Record) string { return r.Department }},
	{"title", func(r identity.Record) string { return r.Title }},
	ColumnLocation: {"location", func(r identity.Record) string { return r.Location }},
	{"company", func(r identity.Record) string { return r.Company }},
	{"employment_type", func(r identity.Record) string { return r.EmploymentType }},
	{"manager_id", func(r identity.Record) string { return r.ManagerID }},
	ColumnHireDate: {"hire_date", func(r identity.Record) string { return string(r.HireDate) }},
	{"birth_date", func(r identity.Record) string { return string(r.BirthDate) }},
	ColumnSpelling: {"spelling", spelling},
}

// spelling is how a name is written. Digests take capitals for small letters, so it is told by its bytes.
func spelling(r identity.Record) string {
	if name := strings.Join([]string{r.FirstName, r.LastName, r.PreferredName}, "\x00"); strings.Trim(name, "\x00") != "" {
		return hex.EncodeToString([]byte(name))
	}
	return ""
}

// ColumnValue is what a record says in a column that conditions use, "" if nothing.
func ColumnValue(rec identity.Record, name string) string {
	switch name {
	case "first_name":
		return rec.FirstName
	case "last_name":
		return rec.LastName
	case "phone":
		return rec.WorkPhone
	}
	for _, c := range Columns {
		if c.Name == name {
			return c.Value(rec)
		}
	}
	return ""
}
