package sponsored

import (
	"time"

	"gatehouse/identity"
)

// employmentType is what conditions see as the employment type of a sponsored person.
const employmentType = "sponsored"

// AsHR is the record as one of HR, at a moment.
func (r Record) AsHR(now time.Time) identity.Record {
	rec := identity.Record{
		Source: identity.SourceSponsored, EmployeeID: r.ID,
		FirstName: r.FirstName, LastName: r.LastName, WorkEmail: r.WorkEmail, PersonalEmail: r.PersonalEmail,
		Company: r.Company, Title: r.Title, Department: r.Department, Location: r.Location, EmploymentType: employmentType,
		ManagerID: r.AnswersFor(), Status: identity.StatusActive, HireDate: r.Starts, LastDay: r.LastDay(),
		Unconfirmed: !r.OrphanedAt.IsZero() && !r.Over(now),
		// What somebody ends now does not wait for the evening.
		Involuntary: r.Ended != "",
	}
	// A last day ends when it is over where the person is, which may be most of a day later than here.
	if r.Ended != "" || rec.LastDay < day(now.UTC().AddDate(0, 0, -1)) {
		rec.Status = identity.StatusTerminated
	}
	if rec.HireDate > rec.LastDay {
		// It ended before it began.
		rec.Status = identity.StatusRescinded
	}
	return rec
}
