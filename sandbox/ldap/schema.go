package ldap

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rule is how values of an attribute are compared (RFC 4517 4.2).
type rule int

const (
	ignoreCase rule = iota
	exactCase
	ignoreCaseASCII
	exactCaseASCII
	telephone
	integer
	boolean
	dnMatch
	octets
	uuid
	generalizedTime
)

// attribute is a type of attribute.
type attribute struct {
	name   string
	rule   rule
	single bool
	// operational attributes are shown only to whom asks for them; fixed ones are the server's own.
	operational, fixed bool
	// noOrder attributes have no ordering rule, noSubstring ones cannot be searched in parts.
	noSubstring bool
}

func user(r rule, names ...string) (all []attribute) {
	for _, n := range names {
		all = append(all, attribute{name: n, rule: r})
	}
	return all
}

func single(r rule, names ...string) []attribute {
	all := user(r, names...)
	for i := range all {
		all[i].single = true
	}
	return all
}

func server(r rule, names ...string) []attribute {
	all := single(r, names...)
	for i := range all {
		all[i].operational, all[i].fixed = true, true
	}
	return all
}

// types are the attribute types by their names in lower case.
var types = func() map[string]attribute {
	all := slices.Concat(
		user(ignoreCase, "cn", "sn", "givenName", "title", "ou", "o", "l", "st", "street", "description", "uid", "employeeType",
			"departmentNumber", "carLicense", "initials", "roomNumber", "businessCategory", "postalCode", "postalAddress"),
		single(ignoreCase, "displayName", "employeeNumber", "preferredLanguage", "c"),
		user(ignoreCaseASCII, "mail"), single(ignoreCaseASCII, "dc"),
		user(exactCaseASCII, "memberUid"), single(exactCaseASCII, "homeDirectory", "loginShell", "gecos"),
		user(telephone, "telephoneNumber", "mobile", "pager", "homePhone", "facsimileTelephoneNumber"),
		user(dnMatch, "member", "uniqueMember", "manager", "secretary", "owner", "seeAlso", "roleOccupant"),
		single(integer, "uidNumber", "gidNumber"),
		user(octets, "userPassword"), user(ignoreCase, "objectClass"),
		server(uuid, "entryUUID"), server(generalizedTime, "createTimestamp", "modifyTimestamp", "pwdChangedTime"),
		server(dnMatch, "creatorsName", "modifiersName", "entryDN", "subschemaSubentry"), server(ignoreCase, "structuralObjectClass", "entryCSN"),
		server(boolean, "hasSubordinates"),
	)
	all = append(
		all,
		attribute{name: "pwdAccountLockedTime", rule: generalizedTime, single: true, operational: true},
		attribute{name: "pwdReset", rule: boolean, single: true, operational: true},
		attribute{name: "pwdFailureTime", rule: generalizedTime, operational: true, fixed: true},
	)
	m := map[string]attribute{}
	for _, a := range all {
		a.noSubstring = a.rule == dnMatch || a.rule == octets || a.rule == uuid || a.rule == boolean || a.name == "objectClass"
		m[strings.ToLower(a.name)] = a
	}
	m["surname"], m["commonname"], m["userid"] = m["sn"], m["cn"], m["uid"]
	return m
}()

// class is an object class.
type class struct {
	name, above string
	kind        int
	must, may   []string
}

const (
	structural = iota
	auxiliary
	abstract
)

var (
	personMay         = []string{"userpassword", "telephonenumber", "seealso", "description"}
	organizationalMay = []string{
		"title", "telephonenumber", "facsimiletelephonenumber", "street", "postalcode", "postaladdress", "ou", "st", "l",
	}
	inetMay = []string{
		"businesscategory", "carlicense", "departmentnumber", "displayname", "employeenumber", "employeetype", "givenname", "homephone",
		"initials", "mail", "manager", "mobile", "o", "pager", "roomnumber", "secretary", "uid", "preferredlanguage",
	}
	groupMay = []string{"businesscategory", "seealso", "owner", "ou", "o", "description"}
)

var classes = map[string]class{
	"top":                  {name: "top", kind: abstract, must: []string{"objectclass"}},
	"dcobject":             {name: "dcObject", above: "top", kind: auxiliary, must: []string{"dc"}},
	"organization":         {name: "organization", above: "top", must: []string{"o"}, may: append([]string{"userpassword"}, organizationalMay...)},
	"organizationalunit":   {name: "organizationalUnit", above: "top", must: []string{"ou"}, may: append([]string{"userpassword"}, append(organizationalMay, "description")...)},
	"organizationalrole":   {name: "organizationalRole", above: "top", must: []string{"cn"}, may: append([]string{"roleoccupant", "description", "seealso"}, organizationalMay...)},
	"simplesecurityobject": {name: "simpleSecurityObject", above: "top", kind: auxiliary, must: []string{"userpassword"}},
	"person":               {name: "person", above: "top", must: []string{"sn", "cn"}, may: personMay},
	"organizationalperson": {name: "organizationalPerson", above: "person", may: organizationalMay},
	"inetorgperson":        {name: "inetOrgPerson", above: "organizationalperson", may: inetMay},
	"groupofnames":         {name: "groupOfNames", above: "top", must: []string{"member", "cn"}, may: groupMay},
	"groupofuniquenames":   {name: "groupOfUniqueNames", above: "top", must: []string{"uniquemember", "cn"}, may: groupMay},
	"posixgroup":           {name: "posixGroup", above: "top", must: []string{"cn", "gidnumber"}, may: []string{"userpassword", "memberuid", "description"}},
	"posixaccount": {
		name: "posixAccount", above: "top", kind: auxiliary, must: []string{"cn", "uid", "uidnumber", "gidnumber", "homedirectory"},
		may: []string{"userpassword", "loginshell", "gecos", "description"},
	},
}

var (
	integerForm = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	timeForm    = regexp.MustCompile(`^[0-9]{10}([0-9]{2}([0-9]{2})?)?([.,][0-9]+)?(Z|[+-][0-9]{2}([0-9]{2})?)$`)
	uuidForm    = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	phoneForm   = regexp.MustCompile(`^[ -~]+$`)
)

// valid reports whether a value has the attribute's syntax.
func (a attribute) valid(value string) bool {
	switch a.rule {
	case integer:
		return integerForm.MatchString(value)
	case boolean:
		return value == "TRUE" || value == "FALSE"
	case dnMatch:
		_, ok := parseDN(value)
		return ok
	case uuid:
		return uuidForm.MatchString(value)
	case generalizedTime:
		return timeForm.MatchString(value)
	case telephone:
		return phoneForm.MatchString(value)
	case ignoreCaseASCII, exactCaseASCII:
		return !strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII })
	case octets:
		return true
	case ignoreCase, exactCase:
	}
	return value != "" && utf8.ValidString(value)
}

// normal is a value as it is compared.
func (a attribute) normal(value string) string {
	switch a.rule {
	case ignoreCase, ignoreCaseASCII, boolean, uuid:
		return strings.ToLower(collapse(value))
	case exactCase, exactCaseASCII:
		return collapse(value)
	case telephone:
		return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(value))
	case dnMatch:
		if dn, ok := parseDN(value); ok {
			return dn.normal()
		}
	case integer, octets, generalizedTime:
	}
	return value
}

// before compares by order.
func (a attribute) before(x, y string) bool {
	if a.rule == integer {
		i, _ := strconv.ParseInt(x, 10, 64) // Syntax was checked; what is too large is not ordered.
		j, _ := strconv.ParseInt(y, 10, 64)
		return i < j
	}
	return a.normal(x) < a.normal(y)
}

// collapse leaves one blank where there are several, and none at the ends (RFC 4518 2.6.1).
func collapse(value string) string { return strings.Join(strings.Fields(value), " ") }

// chain are a class and those above it.
func chain(name string) (all []class) {
	for name != "" {
		c, ok := classes[strings.ToLower(name)]
		if !ok {
			return all
		}
		all = append(all, c)
		name = c.above
	}
	return all
}
