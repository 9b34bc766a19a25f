package ldap

import (
	"regexp"

	"gatehouse/connectors/target"
)

// attributeName is what a name of an attribute looks like. Names are never made from what somebody typed about a person.
var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// flavour is what differs between kinds of server.
type flavour struct {
	// key is the attribute that stays with an entry for life.
	key keyAttribute
	// people and groups are filters for entries of these kinds.
	people, groups string
	// username and external are attributes; names translates those of a profile.
	username, external string
	names              map[string]string
	created, changed   string
	// lastLogin is an attribute, "" if the server keeps none.
	lastLogin string
	// status are the attributes that say whether an account can sign in.
	status []string
	// member are the attributes by which groups hold an account: by its DN, or by its username.
	members []string
	byName  string
	lock    lock
	// ranged says that long lists of values come in pieces.
	ranged bool
	// classes are those of a new account.
	classes []string
}

// common are the attributes of a profile that all kinds have under one name (RFC 4519, RFC 2798).
func common(own map[string]string) map[string]string {
	names := map[string]string{
		target.AttributeFirstName: "givenName", target.AttributeLastName: "sn", target.AttributeDisplayName: "displayName",
		target.AttributeEmail: "mail", target.AttributeTitle: "title", target.AttributePhone: "telephoneNumber",
		target.AttributeMobile: "mobile", target.AttributeLocation: "l", target.AttributeManager: "manager",
	}
	for name, attribute := range own {
		names[name] = attribute
	}
	return names
}

var unixNames = common(map[string]string{target.AttributeDepartment: "departmentNumber", target.AttributeCompany: "o"})

const unixGroups = "(|(objectClass=groupOfNames)(objectClass=groupOfMembers)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))"

var unixClasses = []string{"top", "person", "organizationalPerson", "inetOrgPerson"}

var flavours = map[Kind]flavour{
	OpenLDAP: {
		key: entryUUID, people: "(objectClass=person)", groups: unixGroups, username: "uid", external: "employeeNumber", names: unixNames,
		created: "createTimestamp", changed: "modifyTimestamp", lastLogin: "pwdLastSuccess", status: []string{"pwdAccountLockedTime"},
		members: []string{"member", "uniqueMember"}, byName: "memberUid", lock: ppolicyLock{}, classes: unixClasses,
	},
	DirectoryServer: {
		key: nsUniqueID, people: "(objectClass=person)", groups: unixGroups, username: "uid", external: "employeeNumber", names: unixNames,
		created: "createTimestamp", changed: "modifyTimestamp", lastLogin: "lastLoginTime",
		status:  []string{"nsAccountLock", "accountUnlockTime"},
		members: []string{"member", "uniqueMember"}, byName: "memberUid", lock: nsAccountLock{}, classes: unixClasses,
	},
	ActiveDirectory: {
		key: objectGUID, people: "(&(objectCategory=person)(objectClass=user))", groups: "(objectClass=group)",
		username: "sAMAccountName", external: "employeeID",
		names: common(map[string]string{
			target.AttributeDepartment: "department", target.AttributeCompany: "company",
		}),
		created: "whenCreated", changed: "whenChanged", lastLogin: "lastLogonTimestamp",
		status:  []string{"userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires", "primaryGroupID", "objectSid"},
		members: []string{"member"}, lock: accountControl{}, ranged: true,
		classes: []string{"top", "person", "organizationalPerson", "user"},
	},
}
