package seed

import (
	"strings"

	"gatehouse/sandbox/google/directory"
	"gatehouse/sandbox/onelogin"
)

// Workspace gives everybody who has an account at OneLogin a user of Google Workspace, as provisioning did so far: in the groups
// all, wifi and that of the department. Who is added to OneLogin later is not. Of accounts with one address the first counts, and of
// accounts with an address elsewhere none.
func Workspace(people *directory.Directory, users []onelogin.UserState) {
	address, taken := map[int64]string{}, map[string]bool{}
	for _, u := range users {
		address[u.ID] = strings.ToLower(u.Email)
	}
	for _, u := range users {
		at := address[u.ID]
		if !strings.HasSuffix(at, "@"+Domain) || taken[at] || strings.ContainsAny(at, " +") {
			continue
		}
		taken[at] = true
		p := directory.Person{
			Email: at, Given: value(u.Firstname), Family: value(u.Lastname), ExternalID: value(u.ExternalID), Title: value(u.Title),
			Department: value(u.Department), Suspended: u.Status == 2, Enrolled: len(u.Factors) > 0, Groups: []string{"all", "wifi"},
		}
		if p.Department != "" {
			p.Groups = append(p.Groups, slug(p.Department))
			p.Unit = "/" + p.Department
		}
		if u.ManagerUserID != nil {
			p.Manager = address[*u.ManagerUserID]
		}
		if p.Suspended {
			p.Groups = nil
		}
		people.Seed(p)
	}
}

// value is a text that may be missing.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
