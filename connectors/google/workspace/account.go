package workspace

import (
	"encoding/json"
	"slices"
	"time"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// items reads a list of a user, which the library leaves untyped. What is not such a list is none.
func items[T any](list any) []T {
	raw, err := json.Marshal(list)
	if err != nil {
		return nil
	}
	var out []T
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// first returns the first item that fits, or the zero value.
func first[T any](all []T, fits func(T) bool) (found T) {
	for _, one := range all {
		if fits(one) {
			return one
		}
	}
	return found
}

// account is a user as an account of the system.
func (t *Target) account(u *admin.User, groups []string, whole bool) target.Account {
	a := target.Account{
		Ref: identity.Ref{System: System, ID: u.Id}, Memberships: groups, Container: u.OrgUnitPath, ManagerAddress: managerOf(u), Whole: whole,
	}
	a.Document = identity.Account{
		Username: u.PrimaryEmail, Email: u.PrimaryEmail, ExternalID: t.externalID(u), Phone: phoneOf(u, workPhone),
		Mobile: phoneOf(u, mobilePhone), Status: identity.AccountActive, CreatedAt: moment(u.CreationTime), LastLogin: moment(u.LastLoginTime),
	}
	a.Document.Aliases = identity.Aliases(a.Document, slices.Concat(u.Aliases, u.NonEditableAliases))
	if u.Name != nil {
		a.Document.FirstName, a.Document.LastName, a.Document.DisplayName = u.Name.GivenName, u.Name.FamilyName, u.Name.DisplayName
	}
	work := organizationOf(u)
	a.Document.Title, a.Document.Department, a.Document.Company, a.Document.Location = work.Title, work.Department, work.Name, work.Location
	if u.Suspended || u.Archived {
		a.Document.Status = identity.AccountSuspended
	}
	return a
}

// externalID is the external id of the type that is ours.
func (t *Target) externalID(u *admin.User) string {
	return first(items[admin.UserExternalId](u.ExternalIds), t.ownType).Value
}

// ownType reports that an external id is of the type that is ours. Types beside Google's own are custom ones.
func (t *Target) ownType(e admin.UserExternalId) bool {
	return e.Type == t.o.ExternalIDType || e.Type == "custom" && e.CustomType == t.o.ExternalIDType
}

// organizationOf is where a user works: the primary organization, else the first.
func organizationOf(u *admin.User) admin.UserOrganization {
	all := items[admin.UserOrganization](u.Organizations)
	for _, o := range all {
		if o.Primary {
			return o
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return admin.UserOrganization{}
}

// managerOf is the address of a user's manager, "" if there is none.
func managerOf(u *admin.User) string {
	return first(items[admin.UserRelation](u.Relations), func(r admin.UserRelation) bool { return r.Type == "manager" }).Value
}

// The types of phones that are written.
const (
	workPhone   = "work"
	mobilePhone = "mobile"
)

func phoneOf(u *admin.User, kind string) string {
	return first(items[admin.UserPhone](u.Phones), func(p admin.UserPhone) bool { return p.Type == kind }).Value
}

// moment reads a time of the Directory API, which writes Unix time 0 for never.
func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Unix() == 0 {
		return time.Time{}
	}
	return at.UTC()
}
