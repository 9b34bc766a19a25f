package identity

import (
	"slices"
	"strconv"
	"time"
)

// Kept is a value of an account's profile that a system keeps in place of the one that was written: it trims it, cuts it, or takes
// it from elsewhere.
type Kept struct {
	Field FieldName `json:"field"`
	Wrote string    `json:"wrote"`
	Holds string    `json:"holds"`
	// TakenBack says that the system took the value, and that somebody has set the other one again each time.
	TakenBack bool `json:"taken_back,omitempty"`
	// Times is how often the value was written in a row and taken back later, and At when it was last: it is still written. 0 is a value
	// that is not written again.
	Times int       `json:"times,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Keeps reports that an account is known to keep another value in place of the one that would be written.
func (a Account) Keeps(d Kept) bool {
	return slices.ContainsFunc(a.Kept, func(k Kept) bool {
		return k.Field == d.Field && k.Wrote == d.Wrote && k.Holds == d.Holds && k.Times == 0
	})
}

// FieldName names a field of an account's profile in words.
type FieldName string

// The fields of a profile that are written to an account which is there.
const (
	FieldFirstName  FieldName = "first name"
	FieldLastName   FieldName = "last name"
	FieldTitle      FieldName = "title"
	FieldDepartment FieldName = "department"
	FieldCompany    FieldName = "company"
	FieldExternalID FieldName = "external id"
	FieldManager    FieldName = "manager"
	FieldPhone      FieldName = "phone"
	FieldEmail      FieldName = "e-mail address"
)

// Differences are the fields in which an account says something else than a profile and a manager's account, 0 for none. An empty
// value of the profile takes nothing away.
func (a Account) Differences(want Profile, manager int64) []Kept {
	var all []Kept
	compare := func(field FieldName, want, have string) {
		all = append(all, Kept{Field: field, Wrote: want, Holds: have})
	}
	compare(FieldFirstName, want.FirstName, a.FirstName)
	compare(FieldLastName, want.LastName, a.LastName)
	compare(FieldTitle, want.Title, a.Title)
	compare(FieldDepartment, want.Department, a.Department)
	compare(FieldCompany, want.Company, a.Company)
	compare(FieldExternalID, want.ExternalID, a.ExternalID)
	compare(FieldPhone, want.Phone, a.Phone)
	if !SameMailbox(want.Email, a.Email) {
		compare(FieldEmail, want.Email, a.Email)
	}
	if manager != 0 {
		compare(FieldManager, strconv.FormatInt(manager, 10), strconv.FormatInt(a.ManagerID, 10))
	}
	all = slices.DeleteFunc(all, func(k Kept) bool { return k.Wrote == "" || k.Wrote == k.Holds })
	for _, field := range want.Clear {
		if have := a.Value(field); have != "" {
			all = append(all, Kept{Field: field, Holds: have})
		}
	}
	return all
}
