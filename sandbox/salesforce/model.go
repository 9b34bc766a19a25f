package salesforce

import (
	"slices"
	"strings"
)

// The kinds of a field.
const (
	kindID        = "id"
	kindText      = "string"
	kindBool      = "boolean"
	kindInt       = "int"
	kindTime      = "datetime"
	kindReference = "reference"
)

// field is a field of an object.
type field struct {
	name, kind string
	length     int
	// create and update say that a client may set it, required that it must when it creates.
	create, update, required bool
	// to and relation are what a reference leads to and how SOQL calls the way.
	to, relation string
	// external says that it is an external id, unique that no two records may have the same value.
	external, unique bool
}

// object is a kind of record.
type object struct {
	name, prefix, label string
	fields              []field
	create, update, del bool
	// needs is the right without which the object does not exist for a user.
	needs string
}

func (o *object) field(name string) *field {
	for i := range o.fields {
		if strings.EqualFold(o.fields[i].name, name) {
			return &o.fields[i]
		}
	}
	return nil
}

func (o *object) relation(name string) *field {
	for i := range o.fields {
		if o.fields[i].relation != "" && strings.EqualFold(o.fields[i].relation, name) {
			return &o.fields[i]
		}
	}
	return nil
}

// Names of objects.
const (
	User                    = "User"
	UserLogin               = "UserLogin"
	AuthSession             = "AuthSession"
	Profile                 = "Profile"
	UserLicense             = "UserLicense"
	UserRole                = "UserRole"
	PermissionSet           = "PermissionSet"
	PermissionSetAssignment = "PermissionSetAssignment"
)

// ExternalID is the custom field of users that holds another system's id, and LegacyID one of the kind that nobody made unique.
const (
	ExternalID = "Gatehouse_Id__c"
	LegacyID   = "Legacy_Id__c"
)

func system(more ...field) []field {
	return slices.Concat([]field{{name: "Id", kind: kindID}}, more, []field{
		{name: "CreatedDate", kind: kindTime}, {name: "LastModifiedDate", kind: kindTime}, {name: "SystemModstamp", kind: kindTime},
	})
}

func writable(name string, length int) field {
	return field{name: name, kind: kindText, length: length, create: true, update: true}
}

func needed(name string, length int) field {
	f := writable(name, length)
	f.required = true
	return f
}

func reference(name, to, relation string) field {
	return field{name: name, kind: kindReference, length: 18, to: to, relation: relation}
}

func settable(f field, required bool) field {
	f.create, f.update, f.required = true, true, required
	return f
}

func fixed(name, kind string, length int) field { return field{name: name, kind: kind, length: length} }

// objects are the objects of the org. Source: Object Reference, with the lengths of its field reference.
func objects() []object {
	external := writable(ExternalID, 64)
	external.external, external.unique = true, true
	legacy := writable(LegacyID, 64)
	legacy.external = true
	federation := writable("FederationIdentifier", 512)
	federation.unique = true
	manager := settable(reference("ManagerId", User, "Manager"), false)
	return []object{
		{name: User, prefix: "005", label: "User", create: true, update: true, fields: system(
			needed("Username", 80), needed("LastName", 80), writable("FirstName", 40), fixed("Name", kindText, 121),
			needed("Email", 128), needed("Alias", 8), writable("CommunityNickname", 40), federation, external, legacy,
			writable("EmployeeNumber", 20), writable("Title", 80), writable("Department", 80), writable("Division", 80),
			writable("CompanyName", 80), writable("Phone", 40), writable("MobilePhone", 40), writable("Extension", 40), writable("City", 40),
			field{name: "IsActive", kind: kindBool, create: true, update: true}, manager,
			settable(reference("ProfileId", Profile, "Profile"), true), settable(reference("UserRoleId", UserRole, "UserRole"), false),
			needed("TimeZoneSidKey", 40), needed("LocaleSidKey", 40), needed("EmailEncodingKey", 40), needed("LanguageLocaleKey", 40),
			fixed("UserType", kindText, 40), field{name: "LastLoginDate", kind: kindTime},
		)},
		{name: UserLogin, prefix: "0Yw", label: "User Login", update: true, needs: ManageUsers, fields: system(
			reference("UserId", User, "User"), field{name: "IsFrozen", kind: kindBool, update: true},
			field{name: "IsPasswordLocked", kind: kindBool, update: true},
		)},
		{name: AuthSession, prefix: "0Ak", label: "Auth Session", del: true, needs: ManageUsers, fields: system(
			reference("UsersId", User, "Users"), fixed("SessionType", kindText, 40), fixed("LoginType", kindText, 40),
			fixed("SourceIp", kindText, 40), field{name: "NumSecondsValid", kind: kindInt},
		)},
		{name: Profile, prefix: "00e", label: "Profile", fields: system(
			fixed("Name", kindText, 255), reference("UserLicenseId", UserLicense, "UserLicense"), fixed("UserType", kindText, 40),
		)},
		{name: UserLicense, prefix: "100", label: "User License", fields: system(
			fixed("Name", kindText, 40), fixed("MasterLabel", kindText, 40), fixed("LicenseDefinitionKey", kindText, 40),
			fixed("Status", kindText, 40), field{name: "TotalLicenses", kind: kindInt}, field{name: "UsedLicenses", kind: kindInt},
		)},
		{name: UserRole, prefix: "00E", label: "Role", fields: system(fixed("Name", kindText, 80), reference("ParentRoleId", UserRole, ""))},
		{name: PermissionSet, prefix: "0PS", label: "Permission Set", fields: system(
			fixed("Name", kindText, 80), fixed("Label", kindText, 80), fixed("NamespacePrefix", kindText, 15), field{name: "IsOwnedByProfile", kind: kindBool},
			reference("ProfileId", Profile, "Profile"), fixed("Type", kindText, 40),
		)},
		{name: PermissionSetAssignment, prefix: "0Pa", label: "Permission Set Assignment", create: true, del: true, fields: system(
			field{name: "AssigneeId", kind: kindReference, length: 18, to: User, relation: "Assignee", create: true, required: true},
			field{name: "PermissionSetId", kind: kindReference, length: 18, to: PermissionSet, relation: "PermissionSet", create: true, required: true},
		)},
	}
}
