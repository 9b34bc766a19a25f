package bamboohr

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// table is a table of employees with its columns. Source: www.bamboohr.com/api/documentation/tables.php.
type table struct {
	name    string
	columns []field
	// required are the columns that a new row must have.
	required []string
}

func tables() []table {
	return []table{
		{"jobInfo", []field{
			{"date", "Job Information: Date", "date"},
			{"location", "Location", "list"},
			{"department", "Department", "list"},
			{"division", "Division", "list"},
			{"jobTitle", "Job title", "list"},
			{"reportsTo", "Reporting to", "employee"},
		}, []string{"date"}},
		{"employmentStatus", []field{
			{"date", "Employment Status: Date", "date"},
			{"employmentStatus", "Employment status", "list"},
			{"terminationTypeId", "Termination type", "text"},
			{"terminationReasonId", "Termination reason", "text"},
			{"terminationRehireId", "Eligible for rehire", "text"},
			{"comment", "Comment", "text"},
		}, []string{"date", "employmentStatus"}},
		{"compensation", []field{
			{"startDate", "Effective date", "date"},
			{"rate", "Pay rate", "text"},
			{"type", "Pay type", "text"},
			{"reason", "Change reason", "text"},
			{"comment", "Comment", "text"},
			{"paidPer", "Paid per", "text"},
			{"paySchedule", "Pay schedule", "text"},
		}, []string{"startDate"}},
		{"dependents", []field{
			{"firstName", "First name", "text"},
			{"middleName", "Middle name", "text"},
			{"lastName", "Last name", "text"},
			{"relationship", "Relationship", "text"},
			{"gender", "Gender", "text"},
			{"dateOfBirth", "Birth date", "date"},
		}, nil},
		{"emergencyContacts", []field{
			{"name", "Name", "text"},
			{"relationship", "Relationship", "text"},
			{"homePhone", "Home phone", "text"},
			{"mobilePhone", "Mobile phone", "text"},
			{"email", "Email", "email"},
		}, nil},
	}
}

// tableOf finds the table in the path; contacts is another name of emergencyContacts.
func tableOf(c *tenant.Call) (table, *tenant.Reply) {
	name := c.Param("table")
	if name == "contacts" {
		name = "emergencyContacts"
	}
	list := tables()
	if i := slices.IndexFunc(list, func(t table) bool { return t.name == name }); i >= 0 {
		return list[i], nil
	}
	return table{}, refuse(http.StatusNotFound, "The table was not found")
}

// row is a row of a table.
type row struct {
	id, employee string
	values       values
}

// shown is a row with every column of its table, null where it is empty, in the order of the columns.
type shown struct {
	row
	columns []field
}

// MarshalJSON writes the columns in their order.
func (s shown) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"id":` + strconv.Quote(s.id) + `,"employeeId":` + strconv.Quote(s.employee))
	for _, f := range s.columns {
		value := []byte("null")
		if v := s.values[f.name]; v != "" {
			value = text(v)
		}
		out.WriteString("," + strconv.Quote(f.name) + ":")
		out.Write(value)
	}
	out.WriteString("}")
	return out.Bytes(), nil
}

func (s shown) xml() xmlRow {
	out := xmlRow{ID: s.id, EmployeeID: s.employee}
	for _, f := range s.columns {
		out.Fields = append(out.Fields, xmlField{ID: f.name, Text: s.values[f.name]})
	}
	return out
}

// getTable answers a table of one employee or, for "all", of everybody, terminated people too.
func (b *BambooHR) getTable(c *tenant.Call) tenant.Reply {
	t, refused := tableOf(c)
	if refused != nil {
		return *refused
	}
	var rows []row
	if c.Param("id") == "all" {
		c.Subject("employee", "all")
		for _, r := range b.hr.List(hr.BambooHR) {
			rows = append(rows, b.rows(t, r)...)
		}
		rows = rows[:len(rows)-int(float64(len(rows))*b.Settings().DropRows)]
	} else {
		r, refused := b.employee(c)
		if refused != nil {
			return *refused
		}
		rows = b.rows(t, r)
	}
	out, doc := make([]shown, 0, len(rows)), xmlTable{}
	for _, r := range rows {
		s := shown{r, t.columns}
		out = append(out, s)
		if !wantsJSON(c) {
			doc.Rows = append(doc.Rows, s.xml())
		}
	}
	return answer(c, out, doc)
}

// rows are the rows of one employee: those that the record stands for, and those that were written beside them.
func (b *BambooHR) rows(t table, r *hr.Record) []row {
	var out []row
	switch t.name {
	case "employmentStatus":
		out = statusRows(r)
	case "jobInfo":
		// Before those that are over: a plan whose day has come makes one of them.
		out = b.jobRows(r)
	}
	return append(out, b.kept.list(t.name, r.EmployeeID)...)
}

// jobRows are the position as it is and the one that is to come.
func (b *BambooHR) jobRows(r *hr.Record) []row {
	position := func(id, date string, f hr.Fields) row {
		return row{id: id, employee: r.EmployeeID, values: values{
			"date": date, "location": f.Location, "department": f.Department, "division": f.Company, "jobTitle": f.Title,
			"reportsTo": b.nameOf(f.ManagerID),
		}}
	}
	id, since := b.kept.position(r, b.t.Today())
	rows := []row{position(id, since, r.Fields)}
	if r.Planned != nil && r.Planned.On > b.t.Today() {
		next := r.Fields
		// What was planned was readable when it was entered.
		if raw, err := json.Marshal(r.Planned.Fields); err == nil && json.Unmarshal(raw, &next) == nil {
			rows = append(rows, position(cmp.Or(b.kept.planned(r.EmployeeID), r.EmployeeID+"6"), r.Planned.On, next))
		}
	}
	return rows
}

// nameOf is an employee as a supervisor is written, "" for nobody.
func (b *BambooHR) nameOf(id string) string {
	if id == "" {
		return ""
	}
	if list := b.hr.Get(hr.BambooHR, id); len(list) > 0 {
		return list[0].FirstName + " " + list[0].LastName
	}
	return ""
}
