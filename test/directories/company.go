package directories

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
)

// Employee is somebody who has an entry.
type Employee struct {
	// Name is what the entry is called, Key what it has as HR's id.
	Name, Key                            string
	First, Last, Mail, Title, Department string
}

// People is the DN below which a company has its accounts.
func (d *Directory) People() string { return "ou=people," + d.Root }

// Groups is the DN below which it has its groups.
func (d *Directory) Groups() string { return "ou=groups," + d.Root }

// Leavers is where the accounts of people go who have left.
func (d *Directory) Leavers() string { return "ou=leavers,ou=people," + d.Root }

// named are the attributes that kinds of directories call otherwise.
func (d *Directory) named() (login, external, department, people, group string) {
	if d.Kind == ldap.ActiveDirectory {
		return "sAMAccountName", "employeeID", "department", "user", "group"
	}
	return "uid", "employeeNumber", "departmentNumber", "inetOrgPerson", "groupOfNames"
}

// Found adds a company: its units, an entry for each employee, and a group for each of their departments.
func (d *Directory) Found(t testing.TB, staff []Employee) {
	t.Helper()
	conn := d.Admin(t)
	for _, dn := range []string{d.People(), d.Leavers(), d.Groups()} {
		AddEntry(t, conn, dn, "objectClass: organizationalUnit")
	}
	login, external, department, class, group := d.named()
	members := map[string][]string{}
	var order []string
	for _, e := range staff {
		lines := []string{
			"objectClass: " + class, login + ": " + e.Name, external + ": " + e.Key, "sn: " + e.Last, "givenName: " + e.First, "mail: " + e.Mail,
			department + ": " + e.Department, "title: " + e.Title,
		}
		dn := "uid=" + e.Name + "," + d.People()
		if d.Kind == ldap.ActiveDirectory {
			dn = "CN=" + e.Name + "," + d.People()
			lines = append(lines, "userAccountControl: 512", "unicodePwd: "+UTF16Quoted("A-long-Passw0rd!"))
		} else {
			lines = append(lines, "cn: "+e.First+" "+e.Last, "userPassword: A-long-Passw0rd!")
		}
		AddEntry(t, conn, dn, lines...)
		if members[e.Department] == nil {
			order = append(order, e.Department)
		}
		members[e.Department] = append(members[e.Department], "member: "+dn)
	}
	for _, name := range order {
		lines := append([]string{"objectClass: " + group}, members[name]...)
		if d.Kind == ldap.ActiveDirectory {
			lines = append(lines, "sAMAccountName: "+name)
		}
		AddEntry(t, conn, "cn="+name+","+d.Groups(), lines...)
	}
}

// Entry is an entry in words that are the same in every kind of directory.
type Entry struct {
	Disabled                                 bool
	Name, Key, Mail, Title, Department, Unit string
	First, Last, Phone                       string
	// Manager is the name of the manager's entry.
	Manager string
	Groups  []string
}

// Show finds the entries with HR's id of somebody.
func (d *Directory) Show(t testing.TB, key string) (all []Entry) {
	t.Helper()
	login, external, department, _, _ := d.named()
	conn := d.Admin(t)
	search := func(base, filter string, attributes ...string) []*goldap.Entry {
		found, err := conn.Search(goldap.NewSearchRequest(base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil))
		require.NoError(t, err)
		return found.Entries
	}
	for _, e := range search(d.People(), fmt.Sprintf("(%s=%s)", external, goldap.EscapeFilter(key)), "*", "pwdAccountLockedTime", "nsAccountLock") {
		value := e.GetEqualFoldAttributeValue
		control, _ := strconv.Atoi(value("userAccountControl"))
		out := Entry{
			Disabled: value("pwdAccountLockedTime") != "" || strings.EqualFold(value("nsAccountLock"), "true") || control&2 != 0,
			Name:     value(login), Key: value(external), Mail: value("mail"), Title: value("title"), Department: value(department),
			First: value("givenName"), Last: value("sn"), Phone: value("telephoneNumber"), Unit: first(after(e.DN)), Manager: first(value("manager")),
		}
		for _, g := range search(d.Groups(), fmt.Sprintf("(member=%s)", goldap.EscapeFilter(e.DN)), "cn") {
			out.Groups = append(out.Groups, g.GetEqualFoldAttributeValue("cn"))
		}
		slices.Sort(out.Groups)
		all = append(all, out)
	}
	return all
}

// after is the DN that an entry is right below, first the value that a DN begins with.
func after(dn string) string {
	_, parent, _ := strings.Cut(dn, ",")
	return parent
}

func first(dn string) string {
	head, _, _ := strings.Cut(dn, ",")
	_, value, _ := strings.Cut(head, "=")
	return strings.ToLower(value)
}
