package hr

import (
	"strconv"
	"time"
)

// Sources of records.
const (
	Workday  = "workday"
	BambooHR = "bamboohr"
)

// Fields are the particulars of an employment, in the names the control endpoint uses. Dates are 2006-01-02.
type Fields struct {
	FirstName       string `json:"first_name"`
	LastName        string `json:"last_name"`
	PreferredName   string `json:"preferred_name,omitempty"`
	WorkEmail       string `json:"work_email,omitempty"`
	PersonalEmail   string `json:"personal_email,omitempty"`
	WorkPhone       string `json:"work_phone,omitempty"`
	Department      string `json:"department,omitempty"`
	Title           string `json:"title,omitempty"`
	Location        string `json:"location,omitempty"`
	Company         string `json:"company,omitempty"`
	EmploymentType  string `json:"employment_type,omitempty"`
	ManagerID       string `json:"manager_id,omitempty"`
	HireDate        string `json:"hire_date,omitempty"`
	LastDay         string `json:"last_day,omitempty"`
	TerminationDate string `json:"termination_date,omitempty"`
	Involuntary     bool   `json:"involuntary,omitempty"`
	BirthDate       string `json:"birth_date,omitempty"`

	// What makes a record contradict itself. Status stands in the vendor's column of the status whatever the dates say;
	// HistoryStatus is BambooHR's second one. RehiredOn is the day from which an end entered before counts no more, although
	// the date still stands. NoStatusRow leaves the employee out of BambooHR's status table.
	Status        string `json:"status,omitempty"`
	HistoryStatus string `json:"history_status,omitempty"`
	RehiredOn     string `json:"rehired_on,omitempty"`
	NoStatusRow   bool   `json:"no_status_row,omitempty"`
	// Truth is what is really so, where the record does not say it: active, on leave, leaving, upcoming, left or rescinded.
	Truth string `json:"truth,omitempty"`
}

// Values returns the fields by their canonical names.
func (f *Fields) Values() map[string]string {
	return map[string]string{
		"first_name": f.FirstName, "last_name": f.LastName, "preferred_name": f.PreferredName,
		"work_email": f.WorkEmail, "personal_email": f.PersonalEmail, "work_phone": f.WorkPhone, "department": f.Department,
		"title": f.Title, "location": f.Location, "company": f.Company, "employment_type": f.EmploymentType,
		"manager_id": f.ManagerID, "hire_date": f.HireDate, "last_day": f.LastDay,
		"termination_date": f.TerminationDate, "involuntary": strconv.FormatBool(f.Involuntary),
		"birth_date": f.BirthDate, "status": f.Status, "history_status": f.HistoryStatus, "rehired_on": f.RehiredOn,
	}
}

// Record is one employment. It is never changed once stored; a change stores another.
type Record struct {
	Source     string `json:"source"`
	EmployeeID string `json:"employee_id"`
	// WID is Workday's own id of the worker profile. Two profiles can share an employee id.
	WID string `json:"wid,omitempty"`
	// Human is who it is about, whatever the record says. No vendor shows it.
	Human string `json:"human"`
	Fields
	OnLeave     bool      `json:"on_leave,omitempty"`
	Rescinded   bool      `json:"rescinded,omitempty"`
	Planned     *Planned  `json:"planned,omitempty"`
	InsertedAt  time.Time `json:"inserted_at"`
	LastChanged time.Time `json:"last_changed"`
}

// LeaveDate is the formal end of employment, or the last day of work where no end was entered.
func (r *Record) LeaveDate() string {
	if r.TerminationDate != "" {
		return r.TerminationDate
	}
	return r.LastDay
}

// Rehired reports whether the end that stands on the record belongs to an employment before this one.
func (r *Record) Rehired(today string) bool {
	return r.RehiredOn != "" && r.RehiredOn <= today && r.LeaveDate() <= r.RehiredOn
}

// Upcoming reports whether the employment starts after today.
func (r *Record) Upcoming(today string) bool { return r.HireDate > today }

// never is the year that HR systems write for no end.
const never = "9999"

// Standing is the record's status in words that no vendor uses, for the page and the state.
func (r *Record) Standing(today string) string {
	leave := r.LeaveDate()
	if leave >= never || r.Rehired(today) {
		leave = ""
	}
	switch {
	case r.Truth != "":
		return r.Truth
	case r.Rescinded:
		return "rescinded"
	case leave != "" && (leave < today || leave == today && r.Involuntary):
		return "left"
	case leave != "":
		return "leaving"
	case r.Upcoming(today):
		return "upcoming"
	case r.OnLeave:
		return "on leave"
	}
	return "active"
}
