package sponsored

import (
	"strings"
	"time"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/sponsored"
)

// trimmed is a request without what nobody means.
func trimmed(in Request) Request {
	for _, text := range []*string{
		&in.ID, &in.FirstName, &in.LastName, &in.WorkEmail, &in.PersonalEmail, &in.Company, &in.Title, &in.Department, &in.Location,
		(*string)(&in.Starts), (*string)(&in.Ends), &in.Sponsor, &in.Reason, &in.By,
	} {
		*text = strings.TrimSpace(*text)
	}
	return in
}

// arguments are what makes a request another one.
func (in Request) arguments() []string {
	return []string{
		in.FirstName, in.LastName, in.WorkEmail, in.PersonalEmail, in.Company, in.Title, in.Department, in.Location,
		string(in.Starts), string(in.Ends), in.Sponsor, in.Reason,
	}
}

// idDigits is how much of a request's digest names the record that it makes.
const idDigits = 10

// record is the record that a request makes. Its id begins with a letter, so that it is no employee id of any HR system that counts.
func (in Request) record(digest string, sponsor people.Standing) sponsored.Record {
	return sponsored.Record{
		ID: "s" + digest[:idDigits], Starts: in.Starts, Ends: in.Ends, Sponsor: sponsor.Key, Heir: sponsor.Manager,
		Detail: sponsored.Detail{
			FirstName: in.FirstName, LastName: in.LastName, WorkEmail: in.WorkEmail, PersonalEmail: in.PersonalEmail, Company: in.Company,
			Title: in.Title, Department: in.Department, Location: in.Location, Reason: in.Reason, By: in.By,
		},
	}
}

func isDay(d identity.Date) bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}
