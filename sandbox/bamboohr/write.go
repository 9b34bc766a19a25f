package bamboohr

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// values are the fields of a request body, by name. Null and nothing are the same.
type values map[string]string

// readValues reads a body of either form: a JSON object, or XML with field elements. What it is shows in its first
// character: clients send XML without saying so.
func readValues(c *tenant.Call) (values, *tenant.Reply) {
	text := strings.TrimSpace(string(c.Body))
	out := values{}
	if strings.HasPrefix(text, "<") {
		var doc struct {
			Fields []xmlField `xml:"field"`
		}
		if err := xml.Unmarshal([]byte(text), &doc); err != nil {
			return nil, refuse(http.StatusBadRequest, "Malformed XML")
		}
		for _, f := range doc.Fields {
			if f.ID == "" {
				return nil, refuse(http.StatusBadRequest, "A field has no id")
			}
			out[f.ID] = strings.TrimSpace(f.Text)
		}
		return out, nil
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, refuse(http.StatusBadRequest, "Malformed JSON")
	}
	for name, v := range doc {
		switch v := v.(type) {
		case nil:
			out[name] = ""
		case string:
			out[name] = strings.TrimSpace(v)
		case json.Number, float64, bool:
			raw, _ := json.Marshal(v)
			out[name] = string(raw)
		default:
			return nil, refuse(http.StatusBadRequest, "Field "+name+" must be a text")
		}
	}
	return out, nil
}

// canonical are the names that the records have for the fields that can be written.
func canonical() map[string]string {
	return map[string]string{
		"firstName": "first_name", "lastName": "last_name", "preferredName": "preferred_name", "workEmail": "work_email",
		"homeEmail": "personal_email", "workPhone": "work_phone", "department": "department", "division": "company", "jobTitle": "title",
		"location": "location", "hireDate": "hire_date", "dateOfBirth": "birth_date", "employmentHistoryStatus": "employment_type",
	}
}

// orders turns fields of the employee into what HR does. A value that a field cannot take is a conflict. Source: BambooHR
// OpenAPI, update-employee. What becomes of names that are not fields is not documented: they are passed over, as in reading.
func (b *BambooHR) orders(given values) (change map[string]json.RawMessage, end string, refused *tenant.Reply) {
	change = map[string]json.RawMessage{}
	for name, value := range given {
		f, known := fieldNamed(name)
		if !known {
			continue
		}
		if slices.Contains(b.Settings().RestrictedFields, name) {
			return nil, "", refuse(http.StatusForbidden, "You do not have permission to change "+name)
		}
		if problem := b.wrong(f, value); problem != "" {
			return nil, "", refuse(http.StatusConflict, problem)
		}
		switch {
		case name == "terminationDate":
			end = value
		case name == "supervisor" || name == "supervisorEId":
			id, found := b.manager(value)
			if !found {
				return nil, "", refuse(http.StatusConflict, "supervisor is not an employee")
			}
			change["manager_id"] = text(id)
		case canonical()[name] != "":
			change[canonical()[name]] = text(value)
		}
	}
	return change, end, nil
}

// wrong says why a field cannot take a value, "" if it can.
func (b *BambooHR) wrong(f field, value string) string {
	switch {
	case value == "" && (f.name == "firstName" || f.name == "lastName"):
		return f.name + " must be set"
	case value == "":
		return ""
	case f.kind == "date":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return f.name + " must be a date such as 2006-01-02"
		}
	case f.kind == "email" && !strings.Contains(value, "@"):
		return f.name + " must be an email address"
	case f.kind == "list" && !slices.Contains(b.options(f.name), value):
		return f.name + " has no option " + value
	}
	return ""
}

// manager finds an employee by id or by name, as the supervisor is written.
func (b *BambooHR) manager(value string) (id string, found bool) {
	if value == "" {
		return "", true
	}
	for _, r := range b.hr.List(hr.BambooHR) {
		if r.EmployeeID == value || strings.EqualFold(r.FirstName+" "+r.LastName, value) {
			return r.EmployeeID, true
		}
	}
	return "", false
}

// text is a text as the records take it.
func text(v string) json.RawMessage {
	// A string always encodes.
	raw, _ := json.Marshal(v)
	return raw
}

// do has HR do something and says in the journal what came of it.
func (b *BambooHR) do(c *tenant.Call, o hr.Order) (hr.Result, *tenant.Reply) {
	o.Source = hr.BambooHR
	res, err := b.hr.Do(o)
	if err != nil {
		return res, refuse(http.StatusConflict, strings.TrimPrefix(err.Error(), "hr: "))
	}
	c.Effect("%s", o.Action)
	return res, nil
}

// createEmployee answers with the new employee's address and no body. Without an employment status there is no row of it.
// Source: BambooHR OpenAPI, create-employee.
func (b *BambooHR) createEmployee(c *tenant.Call) tenant.Reply {
	given, refused := readValues(c)
	if refused != nil {
		return *refused
	}
	if given["firstName"] == "" || given["lastName"] == "" {
		return fail(http.StatusBadRequest, "firstName and lastName are required")
	}
	fields, end, refused := b.orders(given)
	if refused != nil {
		return *refused
	}
	for _, name := range []string{"hire_date", "company", "employment_type"} {
		if fields[name] == nil {
			fields[name] = text("")
		}
	}
	if given["employmentHistoryStatus"] == "" {
		fields["no_status_row"] = json.RawMessage("true")
	}
	if end != "" {
		fields["termination_date"], fields["last_day"] = text(end), text(end)
	}
	res, refused := b.do(c, hr.Order{Action: "hire", Fields: fields})
	if refused != nil {
		return *refused
	}
	c.Subject("employee", res.EmployeeID)
	where := "https://api.bamboohr.com/api/gateway.php/" + CompanyID + "/v1/employees/" + res.EmployeeID
	return tenant.Empty(http.StatusCreated).With("Location", where)
}

// updateEmployee answers with no body.
func (b *BambooHR) updateEmployee(c *tenant.Call) tenant.Reply {
	r, refused := b.employee(c)
	if refused != nil {
		return *refused
	}
	given, refused := readValues(c)
	if refused != nil {
		return *refused
	}
	fields, end, refused := b.orders(given)
	if refused != nil {
		return *refused
	}
	action := "change"
	if end != "" && end != r.LeaveDate() {
		action = "terminate"
		fields["termination_date"], fields["last_day"] = text(end), text(end)
	}
	if len(fields) > 0 {
		if _, refused := b.do(c, hr.Order{Action: action, EmployeeID: r.EmployeeID, Fields: fields}); refused != nil {
			return *refused
		}
	}
	return tenant.Empty(http.StatusOK)
}

// employee finds the employee in the path.
func (b *BambooHR) employee(c *tenant.Call) (*hr.Record, *tenant.Reply) {
	id := c.Param("id")
	c.Subject("employee", id)
	if r := b.one(id); r != nil {
		return r, nil
	}
	return nil, refuse(http.StatusNotFound, "The employee was not found")
}
