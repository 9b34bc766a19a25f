package system

import (
	"maps"
	"slices"

	"gatehouse/identity"
)

// The attributes that may have an owner, by the names that every system is asked by.
const (
	firstName   = "first_name"
	lastName    = "last_name"
	displayName = "display_name"
	email       = "email"
	title       = "title"
	department  = "department"
	company     = "company"
	phone       = "phone"
	mobile      = "mobile"
	location    = "location"
	managerOf   = "manager"
)

// traits are what a system has and can do. A setting about anything else would do nothing.
type traits struct {
	// lock says that sign-in can end while the mailbox goes on, with all that comes with it: auto-reply, delegation, hand-over.
	lock bool
	// addresses says that usernames are mail addresses.
	addresses bool
	// container is the key of a place in the tree in access rules, roles that of roles; empty where there is none.
	container, roles          string
	profile, groups, licences bool
	attributes                []string
	// closing are the steps that end access by suspending, in their order.
	closing []identity.SystemStepKind
}

// Mailboxes reports that accounts there are mailboxes, which are called by their addresses, as groups are.
func (s System) Mailboxes() bool { return s.traits.lock }

// Lacks reports that a field of accounts in conditions is one that accounts there never have.
func (s System) Lacks(field string) bool {
	switch field {
	case "groups":
		return !s.traits.groups
	case "roles":
		return s.traits.roles == ""
	case "licences":
		return !s.traits.licences
	case "container":
		return s.traits.container == ""
	}
	return slices.Contains(attributeNames, field) && !slices.Contains(s.traits.attributes, field)
}

// privileged are the kinds of what a name in privileged may mean.
func (t traits) privileged() (kinds []identity.SystemObjectKind) {
	for kind, has := range map[identity.SystemObjectKind]bool{
		identity.ObjectGroup: t.groups, identity.ObjectRole: t.roles != "", identity.ObjectProfile: t.profile,
	} {
		if has {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// known are the systems that a policy may name.
var known = map[string]traits{
	"google": {
		lock: true, addresses: true, container: "org_unit", groups: true, licences: true,
		attributes: []string{firstName, lastName, displayName, email, title, department, company, phone, mobile, location, managerOf},
		closing: []identity.SystemStepKind{
			identity.SystemSuspend, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote, identity.SystemRemoveGroups,
		},
	},
	"salesforce": {
		addresses: true, profile: true, roles: "permission_sets",
		attributes: []string{firstName, lastName, email, title, department, company, phone, mobile, managerOf},
		closing:    []identity.SystemStepKind{identity.SystemSuspend, identity.SystemEndSessions, identity.SystemRemoveRoles},
	},
	"ldap": {
		container: "container", groups: true,
		attributes: []string{firstName, lastName, displayName, email, title, department, company, phone, mobile, location, managerOf},
		closing:    []identity.SystemStepKind{identity.SystemSuspend, identity.SystemResetPassword, identity.SystemRemoveGroups},
	},
}

// locking are the steps that lock, in their order, before what they lock is handed over.
var locking = []identity.SystemStepKind{
	identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote, identity.SystemAutoReply,
	identity.SystemDelegate, identity.SystemRemoveGroups,
}

// anything is what a system is taken to have of which nothing is known: its section is read to the end.
var anything = traits{lock: true, container: "container", roles: "permission_sets", profile: true, groups: true, licences: true, attributes: attributeNames}

// attributeNames are all attributes in the order in which they are written.
var attributeNames = []string{firstName, lastName, displayName, email, title, department, company, phone, mobile, location, managerOf}

// Known are the names of the systems that a policy may have.
func Known() []string { return slices.Sorted(maps.Keys(known)) }

// valueOf is what an account says in an attribute.
func valueOf(a identity.SystemAccount, attribute string) string {
	if attribute == managerOf {
		return a.Manager
	}
	if field := FieldOf(&a.Document, attribute); field != nil {
		return *field
	}
	return ""
}

// put writes an attribute into what an account is made of. The manager is no part of it.
func put(d *identity.Account, attribute, value string) {
	if field := FieldOf(d, attribute); field != nil {
		*field = value
	}
}

// FieldOf is where a document has an attribute, by its name in the policy; nil if it has no such part.
func FieldOf(d *identity.Account, attribute string) *string {
	switch attribute {
	case firstName:
		return &d.FirstName
	case lastName:
		return &d.LastName
	case displayName:
		return &d.DisplayName
	case email:
		return &d.Email
	case title:
		return &d.Title
	case department:
		return &d.Department
	case company:
		return &d.Company
	case phone:
		return &d.Phone
	case mobile:
		return &d.Mobile
	case location:
		return &d.Location
	}
	return nil
}

// held is what an account holds of a kind.
func held(a identity.SystemAccount, kind identity.SystemObjectKind) []string {
	switch kind {
	case identity.ObjectGroup:
		return a.Groups
	case identity.ObjectRole:
		return a.Roles
	case identity.ObjectLicence:
		return a.Licences
	case identity.ObjectContainer, identity.ObjectProfile:
	}
	return nil
}
