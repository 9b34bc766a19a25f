package workday

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"gatehouse/identity"
)

// Columns maps our field names to the column aliases of the tenant's reports.
type Columns map[string]string

// Our field names.
const (
	fieldEmployeeID      = "employee_id"
	fieldFirstName       = "first_name"
	fieldLastName        = "last_name"
	fieldPreferredName   = "preferred_name"
	fieldWorkEmail       = "work_email"
	fieldPersonalEmail   = "personal_email"
	fieldWorkPhone       = "work_phone"
	fieldDepartment      = "department"
	fieldTitle           = "title"
	fieldLocation        = "location"
	fieldCompany         = "company"
	fieldEmploymentType  = "employment_type"
	fieldManagerID       = "manager_id"
	fieldHireDate        = "hire_date"
	fieldLastDay         = "last_day"
	fieldTerminationDate = "termination_date"
	fieldInvoluntary     = "involuntary"
	fieldStatus          = "status"
	fieldRescinded       = "rescinded"
	fieldNextChange      = "next_change"
	fieldBirthDate       = "birth_date"
)

// DefaultColumns returns our field names with the aliases that a report has if its author follows our documentation.
func DefaultColumns() Columns {
	return Columns{
		fieldEmployeeID:      "Employee_ID",
		fieldFirstName:       "First_Name",
		fieldLastName:        "Last_Name",
		fieldPreferredName:   "Preferred_Name",
		fieldWorkEmail:       "Work_Email",
		fieldPersonalEmail:   "Personal_Email",
		fieldWorkPhone:       "Work_Phone",
		fieldDepartment:      "Department",
		fieldTitle:           "Business_Title",
		fieldLocation:        "Location",
		fieldCompany:         "Company",
		fieldEmploymentType:  "Worker_Type",
		fieldManagerID:       "Manager_Employee_ID",
		fieldHireDate:        "Hire_Date",
		fieldLastDay:         "Last_Day_of_Work",
		fieldTerminationDate: "Termination_Date",
		fieldInvoluntary:     "Termination_Involuntary",
		fieldStatus:          "Status",
		fieldRescinded:       "Rescinded",
		fieldNextChange:      "Next_Change_Date",
		fieldBirthDate:       "Date_of_Birth",
	}
}

func (c Columns) check(name string) []error {
	var problems []error
	known := DefaultColumns()
	fields := make([]string, 0, len(c))
	for field := range c {
		fields = append(fields, field)
	}
	sort.Strings(fields)
	for _, field := range fields {
		if _, ok := known[field]; !ok {
			problems = append(problems, fmt.Errorf("%s: unknown field %q", name, field))
		}
	}
	if c[fieldEmployeeID] == "" {
		problems = append(problems, fmt.Errorf("%s: %s must have a column", name, fieldEmployeeID))
	}
	return problems
}

// row is one entry of a report, by column alias.
type row map[string]any

// reader turns rows into records.
type reader struct {
	columns  Columns
	statuses map[string]identity.Status
	required []string
}

func (c *Client) reader() reader {
	statuses := make(map[string]identity.Status, len(c.o.Statuses))
	for word, status := range c.o.Statuses {
		statuses[strings.ToLower(strings.TrimSpace(word))] = status
	}
	return reader{columns: c.o.Columns, statuses: statuses, required: c.o.RequiredFields}
}

// value returns a field's text, "" if the row does not have it.
func (r reader) value(in row, field string) string {
	alias := r.columns[field]
	if alias == "" {
		return ""
	}
	return cell(in[alias])
}

// record reads a row. A date or flag that cannot be read is named in Missing as well as a required field that is
// empty: what is not understood must not pass for "nothing there".
func (r reader) record(in row) identity.Record {
	rec := identity.Record{
		Source:         identity.SourceWorkday,
		EmployeeID:     r.value(in, fieldEmployeeID),
		FirstName:      r.value(in, fieldFirstName),
		LastName:       r.value(in, fieldLastName),
		PreferredName:  r.value(in, fieldPreferredName),
		WorkEmail:      r.value(in, fieldWorkEmail),
		PersonalEmail:  r.value(in, fieldPersonalEmail),
		WorkPhone:      r.value(in, fieldWorkPhone),
		Department:     r.value(in, fieldDepartment),
		Title:          r.value(in, fieldTitle),
		Location:       r.value(in, fieldLocation),
		Company:        r.value(in, fieldCompany),
		EmploymentType: r.value(in, fieldEmploymentType),
		ManagerID:      r.value(in, fieldManagerID),
	}
	missing := map[string]bool{}
	rec.HireDate = r.date(in, fieldHireDate, missing)
	rec.LastDay = r.date(in, fieldLastDay, missing)
	rec.TerminationDate = r.date(in, fieldTerminationDate, missing)
	rec.NextChange = r.date(in, fieldNextChange, missing)
	rec.Involuntary = r.flag(in, fieldInvoluntary, missing)
	rec.Status = r.status(in, missing)
	if r.flag(in, fieldRescinded, missing) {
		rec.Status = identity.StatusRescinded
	}
	// It only tells two people of one name apart: one that cannot be read is nothing to ask about.
	rec.BirthDate, _ = date(r.value(in, fieldBirthDate))
	for _, field := range r.required {
		if r.value(in, field) == "" {
			missing[field] = true
		}
	}
	for field := range missing {
		rec.Missing = append(rec.Missing, field)
	}
	slices.Sort(rec.Missing)
	return rec
}

func (r reader) date(in row, field string, missing map[string]bool) identity.Date {
	s := r.value(in, field)
	d, ok := date(s)
	if !ok {
		missing[field] = true
	}
	return d
}

func (r reader) flag(in row, field string, missing map[string]bool) bool {
	switch strings.ToLower(r.value(in, field)) {
	case "", "0", "false", "no", "n":
		return false
	case "1", "true", "yes", "y":
		return true
	}
	missing[field] = true
	return false
}

// status reads the status column, which is a word or Workday's Active flag. The flag is 0 for future hires too, so 0 is
// only ever inactive. Source: Microsoft's Workday integration reference for Entra ID.
func (r reader) status(in row, missing map[string]bool) identity.Status {
	word := strings.ToLower(r.value(in, fieldStatus))
	if status, ok := r.statuses[word]; ok && word != "" {
		return status
	}
	switch word {
	case "":
		return identity.StatusUnknown
	case "active", "1", "true", "yes":
		return identity.StatusActive
	case "on leave", "on_leave", "leave", "leave of absence":
		return identity.StatusOnLeave
	case "terminated":
		return identity.StatusTerminated
	case "inactive", "0", "false", "no":
		return identity.StatusInactive
	case "rescinded", "hire rescinded":
		return identity.StatusRescinded
	}
	missing[fieldStatus] = true
	return identity.StatusUnknown
}

// noDate is how some systems write an empty date.
const noDate = "0000-00-00"

// date keeps the calendar day of "2026-11-23", "2026-11-23-08:00" and "2026-11-23T00:00:00Z" as it is written: Workday
// appends the offset of its data centre, which is nobody's time zone. An empty text and what stands for no date are none; ok is false for a
// text that is not a date.
func date(s string) (d identity.Date, ok bool) {
	if s == "" || strings.HasPrefix(s, noDate) {
		return "", true
	}
	if len(s) < len(time.DateOnly) {
		return "", false
	}
	day, rest := s[:len(time.DateOnly)], s[len(time.DateOnly):]
	if rest != "" && !strings.ContainsAny(rest[:1], "-+TtZ ") {
		return "", false
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", false
	}
	if d = identity.Date(day); d.Placeholder() {
		return "", true
	}
	return d, true
}

// cell flattens a value: texts, numbers and flags as they are, an object by its Descriptor, a list by its first entry
// that says something.
func cell(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return "0"
	case map[string]any:
		for _, key := range []string{"Descriptor", "descriptor", "ID", "id"} {
			if s := cell(v[key]); s != "" {
				return s
			}
		}
	case []any:
		for _, item := range v {
			if s := cell(item); s != "" {
				return s
			}
		}
	}
	return ""
}
