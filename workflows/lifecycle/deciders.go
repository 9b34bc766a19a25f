package lifecycle

import (
	"gatehouse/activities/api"
)

// about keeps by what names the person of an assessment would decide.
func (r *run) about(a api.Assessment) {
	r.Subject = []string{a.Person.Record.WorkEmail, a.Person.Record.PersonalEmail}
	if a.Account != nil {
		r.Subject = append(r.Subject, a.Account.Email, a.Account.Username)
	}
}
