package bamboohr

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// FieldMap maps our field names to BambooHR's. Custom fields go by their alias or number.
type FieldMap map[string]string

// Our field names.
const (
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
	fieldManagerID       = "manager_id"
	fieldHireDate        = "hire_date"
	fieldLastDay         = "last_day"
	fieldTerminationDate = "termination_date"
	fieldInvoluntary     = "involuntary"
	fieldStatus          = "status"
	fieldEmployment      = "employment_type"
	fieldHistoryStatus   = "history_status"
	fieldRescinded       = "rescinded"
	fieldBirthDate       = "birth_date"
)

// DefaultFields returns our field names with BambooHR's standard fields. BambooHR has no standard field for company,
// last_day, involuntary and rescinded: map custom fields to them if there are any.
// Source: BambooHR's OpenAPI file, get-employee.
func DefaultFields() FieldMap {
	return FieldMap{
		fieldFirstName:       "firstName",
		fieldLastName:        "lastName",
		fieldPreferredName:   "preferredName",
		fieldWorkEmail:       "workEmail",
		fieldPersonalEmail:   "homeEmail",
		fieldWorkPhone:       "workPhone",
		fieldDepartment:      "department",
		fieldTitle:           "jobTitle",
		fieldLocation:        "location",
		fieldCompany:         "",
		fieldManagerID:       "supervisorEId",
		fieldHireDate:        "hireDate",
		fieldLastDay:         "",
		fieldTerminationDate: "terminationDate",
		fieldInvoluntary:     "",
		fieldStatus:          "status",
		fieldEmployment:      "employmentStatus",
		fieldHistoryStatus:   "employmentHistoryStatus",
		fieldRescinded:       "",
		fieldBirthDate:       "dateOfBirth",
	}
}

func (f FieldMap) check() []error {
	var problems []error
	known := DefaultFields()
	for ours := range f {
		if _, ok := known[ours]; !ok {
			problems = append(problems, fmt.Errorf("fields: unknown field %q", ours))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

// names lists the BambooHR fields to ask for, in a stable order.
func (f FieldMap) names() string {
	var names []string
	for _, theirs := range f {
		if theirs != "" {
			names = append(names, theirs)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ",")
}

// employee is a reply about one employee, by BambooHR's field names.
type employee map[string]httpx.Text

// reading turns one employee into a record and collects what is missing.
type reading struct {
	fields  FieldMap
	in      employee
	missing []string
}

func (r *reading) value(field string) string {
	return strings.TrimSpace(string(r.in[r.fields[field]]))
}

// visible reports whether the reply has the field at all.
func (r *reading) visible(field string) bool {
	_, ok := r.in[r.fields[field]]
	return ok
}

func (r *reading) miss(field string) {
	if !slices.Contains(r.missing, field) {
		r.missing = append(r.missing, field)
	}
}

// record reads an employee. A date or flag that cannot be read is named in Missing: what is not understood must not
// pass for "nothing there".
func (c *Client) record(in employee) identity.Record {
	r := &reading{fields: c.o.Fields, in: in}
	rec := identity.Record{
		Source:          identity.SourceBambooHR,
		EmployeeID:      string(in["id"]),
		FirstName:       r.value(fieldFirstName),
		LastName:        r.value(fieldLastName),
		PreferredName:   r.value(fieldPreferredName),
		WorkEmail:       r.value(fieldWorkEmail),
		PersonalEmail:   r.value(fieldPersonalEmail),
		WorkPhone:       r.value(fieldWorkPhone),
		Department:      r.value(fieldDepartment),
		Title:           r.value(fieldTitle),
		Location:        r.value(fieldLocation),
		Company:         r.value(fieldCompany),
		ManagerID:       r.value(fieldManagerID),
		EmploymentType:  r.employmentType(),
		HireDate:        r.date(fieldHireDate),
		LastDay:         r.date(fieldLastDay),
		TerminationDate: r.date(fieldTerminationDate),
		Involuntary:     r.flag(fieldInvoluntary),
		Status:          r.status(),
	}
	// It only tells two people of one name apart: one that cannot be read is nothing to ask about.
	rec.BirthDate, _ = date(r.value(fieldBirthDate))
	for _, field := range c.o.Required {
		if v := r.value(field); v == "" || v == noDate {
			r.miss(field)
		}
	}
	for _, field := range c.o.MustBeVisible {
		if !r.visible(field) {
			r.miss(field)
			rec.Hidden = append(rec.Hidden, field)
		}
	}
	if !r.visible(fieldEmployment) && !r.visible(fieldHistoryStatus) {
		// Neither of the fields that say "terminated" can be seen.
		r.miss(fieldHistoryStatus)
	}
	slices.Sort(r.missing)
	rec.Missing = r.missing
	return rec
}

// status: terminated is what the employment status says. Inactive alone is no termination, because future hires are
// inactive as well. Source: BambooHR's OpenAPI file, datasets.
func (r *reading) status() identity.Status {
	if r.flag(fieldRescinded) {
		return identity.StatusRescinded
	}
	history, employment := strings.ToLower(r.value(fieldHistoryStatus)), strings.ToLower(r.value(fieldEmployment))
	if history == terminated || employment == terminated {
		return identity.StatusTerminated
	}
	switch strings.ToLower(r.value(fieldStatus)) {
	case "":
		return identity.StatusUnknown
	case "active":
		if strings.Contains(history, "leave") || strings.Contains(employment, "leave") {
			return identity.StatusOnLeave
		}
		return identity.StatusActive
	case "inactive":
		return identity.StatusInactive
	}
	r.miss(fieldStatus)
	return identity.StatusUnknown
}

// employmentType is the kind of employment, such as "Full-Time". BambooHR shows it in the fields that also say
// "Terminated".
func (r *reading) employmentType() string {
	for _, field := range []string{fieldHistoryStatus, fieldEmployment} {
		if v := r.value(field); v != "" && !strings.EqualFold(v, terminated) {
			return v
		}
	}
	return ""
}

func (r *reading) date(field string) identity.Date {
	d, ok := date(r.value(field))
	if !ok {
		r.miss(field)
	}
	return d
}

func (r *reading) flag(field string) bool {
	switch strings.ToLower(r.value(field)) {
	case "", "0", "false", "no", "n":
		return false
	case "1", "true", "yes", "y":
		return true
	}
	r.miss(field)
	return false
}

const (
	terminated = "terminated"
	// noDate is how BambooHR writes an empty date.
	noDate = "0000-00-00"
)

// date reads a calendar day. What stands for none is none; ok is false for a text that is not one.
func date(s string) (d identity.Date, ok bool) {
	if s == "" || s == noDate {
		return "", true
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", false
	}
	if d = identity.Date(s); d.Placeholder() {
		return "", true
	}
	return d, true
}
