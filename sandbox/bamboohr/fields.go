package bamboohr

import (
	"encoding/json"
	"slices"

	"gatehouse/sandbox/hr"
)

// emptyDate stands for a date that was never entered; integrations have met both it and null.
const emptyDate = "0000-00-00"

// field is a field of an employee or a column of a table.
type field struct{ name, label, kind string }

// fields are the fields that GET employee knows, with the types that the metadata gives them.
// Source: www.bamboohr.com/api/documentation/employees.php.
func fields() []field {
	return []field{
		{"displayName", "Display name", "text"},
		{"firstName", "First name", "text"},
		{"lastName", "Last name", "text"},
		{"preferredName", "Preferred name", "text"},
		{"workEmail", "Work email", "email"},
		{"homeEmail", "Home email", "email"},
		{"department", "Department", "list"},
		{"division", "Division", "list"},
		{"jobTitle", "Job title", "list"},
		{"location", "Location", "list"},
		{"supervisor", "Supervisor", "employee"},
		{"supervisorEId", "Supervisor EID", "text"},
		{"hireDate", "Hire date", "date"},
		{"originalHireDate", "Original hire date", "date"},
		{"terminationDate", "Termination date", "date"},
		{"status", "Status", "status"},
		{"employmentStatus", "Employment status", "status"},
		{"employmentHistoryStatus", "Employment history status", "list"},
		{"terminationType", "Termination type", "text"},
		{"employeeNumber", "Employee #", "text"},
		{"dateOfBirth", "Birth date", "date"},
		{"workPhone", "Work Phone", "phone"},
	}
}

// fieldNamed finds a field by its name.
func fieldNamed(name string) (field, bool) {
	list := fields()
	if i := slices.IndexFunc(list, func(f field) bool { return f.name == name }); i >= 0 {
		return list[i], true
	}
	return field{}, false
}

// leaveOfAbsence is the employment status of somebody who is away for long.
const leaveOfAbsence = "Leave of Absence"

// inEffect reports whether the employment has ended by today.
func inEffect(r *hr.Record, today string) bool {
	return r.LeaveDate() != "" && r.LeaveDate() <= today && !r.Rehired(today)
}

// status is Active or Inactive. Future hires are Inactive too. Source: BambooHR OpenAPI, datasets v1.
func status(r *hr.Record, today string) string {
	if r.Status != "" {
		return r.Status
	}
	if r.Upcoming(today) || inEffect(r, today) || r.Rescinded {
		return "Inactive"
	}
	return "Active"
}

// historyStatus is the employment status in effect. What a company calls a rescinded hire is up to it.
func historyStatus(r *hr.Record, today string) string {
	switch {
	case r.HistoryStatus != "":
		return r.HistoryStatus
	case r.Rescinded:
		return "Rescinded"
	case inEffect(r, today):
		return "Terminated"
	case r.OnLeave:
		return leaveOfAbsence
	}
	return r.EmploymentType
}

// fieldValue is the value of a field, null if it is empty. With current, values that take effect later are hidden.
func fieldValue(r *hr.Record, name, today string, current bool) (value *string, known bool) {
	if _, known := fieldNamed(name); !known {
		return nil, false
	}
	leave := r.LeaveDate()
	if leave == "" || current && leave > today {
		leave = emptyDate
	}
	v := map[string]string{
		"displayName": r.FirstName + " " + r.LastName, "firstName": r.FirstName, "lastName": r.LastName,
		"preferredName": r.PreferredName, "workEmail": r.WorkEmail, "homeEmail": r.PersonalEmail, "workPhone": r.WorkPhone,
		"department": r.Department, "division": r.Company, "jobTitle": r.Title, "location": r.Location,
		"supervisorEId": r.ManagerID, "hireDate": r.HireDate, "originalHireDate": r.HireDate, "terminationDate": leave,
		"status": status(r, today), "employmentStatus": historyStatus(r, today),
		"employmentHistoryStatus": historyStatus(r, today), "terminationType": terminationType(r), "employeeNumber": r.EmployeeID,
		"dateOfBirth": r.BirthDate,
	}[name]
	if v == "" {
		return nil, true
	}
	return &v, true
}

// involuntary is the type of a termination that the employer decided.
const involuntary = "Termination (Involuntary)"

func terminationType(r *hr.Record) string {
	switch {
	case r.LeaveDate() == "":
		return ""
	case r.Involuntary:
		return involuntary
	}
	return "Resignation (Voluntary)"
}

// statusRows are the rows of the employmentStatus table, which shows dates to come as well, in no particular order: the
// latest first here.
func statusRows(r *hr.Record) []row {
	if r.NoStatusRow {
		return nil
	}
	add := func(n, date, status, termination string) row {
		return row{id: r.EmployeeID + n, employee: r.EmployeeID, values: values{
			"date": date, "employmentStatus": status, "terminationTypeId": termination,
		}}
	}
	rows := []row{add("1", r.HireDate, r.EmploymentType, "")}
	if r.LeaveDate() != "" {
		rows = append([]row{add("2", r.LeaveDate(), "Terminated", terminationType(r))}, rows...)
	}
	if r.RehiredOn != "" {
		rows = append([]row{add("3", r.RehiredOn, rehiredAs(r), "")}, rows...)
	}
	return rows
}

// rehiredAs is the kind of the employment that follows: the one that is to come with it, if HR has entered one.
func rehiredAs(r *hr.Record) string {
	var planned string
	if r.Planned != nil && r.Planned.On <= r.RehiredOn && json.Unmarshal(r.Planned.Fields["employment_type"], &planned) == nil {
		return planned
	}
	return r.EmploymentType
}

// bambooNames are the names that webhooks use for changed fields.
func bambooNames(canonical []string) []string {
	names := map[string]string{
		"first_name": "firstName", "last_name": "lastName", "preferred_name": "preferredName", "work_email": "workEmail",
		"personal_email": "homeEmail", "work_phone": "workPhone", "birth_date": "dateOfBirth", "department": "department", "title": "jobTitle", "location": "location",
		"company": "division", "employment_type": "employmentHistoryStatus", "manager_id": "supervisorEId",
		"hire_date": "hireDate", "last_day": "terminationDate", "termination_date": "terminationDate",
		"involuntary": "terminationType", "status": "status", "history_status": "employmentHistoryStatus",
		"rehired_on": "employmentHistoryStatus", "standing": "employmentHistoryStatus",
	}
	var out []string
	for _, c := range canonical {
		if names[c] != "" {
			out = append(out, names[c])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
