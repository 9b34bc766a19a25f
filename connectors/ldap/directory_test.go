package ldap_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/test/directories"
)

type directory = directories.Directory

// house is a subtree of a directory for one case, with people and groups.
type house struct {
	t     *testing.T
	d     *directory
	conn  *goldap.Conn
	proxy *proxy
	base  string
	key   string
	added int
}

// A house has more people than go on two pages.
const (
	inHouse  = 12
	pageSize = 5
)

func newHouse(t *testing.T, d *directory) *house {
	t.Helper()
	h := &house{t: t, d: d, conn: d.Admin(t)}
	h.proxy = startProxy(t, d.Pair, d.Dial)
	h.base = fmt.Sprintf("ou=house%d,%s", d.Cases.Add(1), d.Root)
	h.key = map[ldap.Kind]string{ldap.OpenLDAP: "entryUUID", ldap.DirectoryServer: "nsUniqueId", ldap.ActiveDirectory: "objectGUID"}[d.Kind]
	directories.AddEntry(t, h.conn, h.base, "objectClass: organizationalUnit")
	for _, ou := range []string{"people", "leavers", "groups"} {
		parent := h.base
		if ou == "leavers" {
			parent = "ou=people," + h.base
		}
		directories.AddEntry(t, h.conn, "ou="+ou+","+parent, "objectClass: organizationalUnit")
	}
	for range inHouse {
		h.person()
	}
	for i := range 5 {
		h.group(i)
	}
	return h
}

// unique makes names of one house differ from those of another in the same domain.
func (h *house) unique(n int) string {
	return strings.TrimPrefix(strings.Split(h.base, ",")[0], "ou=") + "-p" + strconv.Itoa(n)
}

func (h *house) person() string {
	n := h.added
	h.added++
	name := h.unique(n)
	lines := []string{"sn: Person" + strconv.Itoa(n), "givenName: Zoë", "mail: " + name + "@acme.example", "title: Tester", "telephoneNumber: +1 555 0100"}
	dn := "uid=" + name + ",ou=people," + h.base
	if h.d.Kind == ldap.ActiveDirectory {
		dn = "CN=" + name + ",ou=people," + h.base
		lines = append(lines, "objectClass: user", "description: never expires", "sAMAccountName: "+name, "userAccountControl: 66048", "employeeID: e-"+name,
			"unicodePwd: "+directories.UTF16Quoted("A-long-Passw0rd!"+name))
	} else {
		lines = append(lines, "objectClass: inetOrgPerson", "uid: "+name, "cn: Zoë Person", "employeeNumber: e-"+name,
			"userPassword: A-long-Passw0rd!")
	}
	directories.AddEntry(h.t, h.conn, dn, lines...)
	return dn
}

// group is one of the house's. The first three hold the first two people, the fourth the third person and the last but one nobody they know.
func (h *house) group(i int) {
	name := h.unique(i) + "-group"
	dn := "cn=" + name + ",ou=groups," + h.base
	members := []string{h.dn(0), h.dn(1), h.dn(4)}
	if i >= 3 {
		members = []string{h.dn(4)}
	}
	var lines []string
	attribute := "member"
	switch {
	case h.d.Kind == ldap.ActiveDirectory:
		lines = []string{"objectClass: group", "sAMAccountName: " + name}
	case i == 1:
		lines, attribute = []string{"objectClass: groupOfUniqueNames"}, "uniqueMember"
	case i == 2:
		lines, attribute = []string{"objectClass: posixGroup", "gidNumber: 5000"}, "memberUid"
	default:
		lines = []string{"objectClass: groupOfNames"}
	}
	for _, m := range members {
		if attribute == "memberUid" {
			m = strings.TrimPrefix(strings.Split(m, ",")[0], "uid=")
		}
		lines = append(lines, attribute+": "+m)
	}
	directories.AddEntry(h.t, h.conn, dn, lines...)
}

func (h *house) dn(n int) string {
	if h.d.Kind == ldap.ActiveDirectory {
		return "CN=" + h.unique(n) + ",ou=people," + h.base
	}
	return "uid=" + h.unique(n) + ",ou=people," + h.base
}

func (h *house) groupDN(i int) string { return "cn=" + h.unique(i) + "-group,ou=groups," + h.base }

func (h *house) search(base, filter string, attributes ...string) []*goldap.Entry {
	h.t.Helper()
	found, err := h.conn.SearchWithPaging(goldap.NewSearchRequest(
		base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil), 100)
	require.NoError(h.t, err)
	return found.Entries
}

// id is the key of an entry.
func (h *house) id(dn string) string {
	h.t.Helper()
	found, err := h.conn.Search(goldap.NewSearchRequest(dn, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{h.key}, nil))
	require.NoError(h.t, err, dn)
	require.Len(h.t, found.Entries, 1)
	return h.keyOf(found.Entries[0])
}

func (h *house) keyOf(e *goldap.Entry) string {
	raw := e.GetEqualFoldRawAttributeValue(h.key)
	if h.d.Kind != ldap.ActiveDirectory {
		return strings.ToLower(string(raw))
	}
	return fmt.Sprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%x-%x", raw[3], raw[2], raw[1], raw[0], raw[5], raw[4], raw[7], raw[6], raw[8:10], raw[10:])
}

// whose finds the entry of a key by reading all.
func (h *house) whose(id string) *goldap.Entry {
	for _, e := range h.search(h.base, "(objectClass=*)", "*", h.key, "pwdAccountLockedTime", "nsAccountLock") {
		if h.keyOf(e) == id {
			return e
		}
	}
	return nil
}

func (h *house) look(id string) conformance.Seen {
	h.t.Helper()
	e := h.whose(id)
	require.NotNil(h.t, e, "the account is there")
	first := e.GetEqualFoldAttributeValue
	seen := conformance.Seen{Email: first("mail"), Title: first("title"), Phone: first("telephoneNumber")}
	switch h.d.Kind {
	case ldap.ActiveDirectory:
		control, err := strconv.Atoi(first("userAccountControl"))
		require.NoError(h.t, err)
		require.Equal(h.t, first("description") == "never expires", control&0x10000 != 0, "no other flag goes or comes")
		seen.CanSignIn, seen.ExternalID, seen.Username = control&2 == 0, first("employeeID"), first("sAMAccountName")
	default:
		seen.CanSignIn = first("pwdAccountLockedTime") == "" && !strings.EqualFold(first("nsAccountLock"), "true")
		seen.ExternalID, seen.Username = first("employeeNumber"), first("uid")
	}
	for _, g := range h.search("ou=groups,"+h.base, "(objectClass=*)", "*", h.key) {
		for _, attribute := range []string{"member", "uniqueMember", "memberUid"} {
			for _, v := range g.GetEqualFoldAttributeValues(attribute) {
				if strings.EqualFold(v, e.DN) || v == seen.Username {
					seen.Memberships = append(seen.Memberships, h.keyOf(g))
				}
			}
		}
	}
	slices.Sort(seen.Memberships)
	if manager := first("manager"); manager != "" {
		seen.Manager = h.id(manager)
	}
	_, seen.Container, _ = strings.Cut(e.DN, ",")
	return seen
}

// signIn tries a password as the person would.
func (h *house) signIn(id, password string) bool {
	h.t.Helper()
	raw, err := h.d.Dial()
	require.NoError(h.t, err)
	conn := goldap.NewConn(raw, false)
	conn.Start()
	defer func() { _ = conn.Close() }()
	return conn.Bind(h.whose(id).DN, password) == nil
}

// connector is one that speaks to the house through the proxy.
func (h *house) connector(change ...func(*ldap.Options)) *ldap.Target {
	h.t.Helper()
	protected := h.id(h.dn(1))
	o := ldap.Options{
		Kind: h.d.Kind, URL: "ldaps://" + h.proxy.listener.Addr().String(), CA: h.d.CA, BindDN: h.d.BindDN, Password: h.d.Password,
		People: "ou=people," + h.base, Groups: "ou=groups," + h.base, PageSize: pageSize, Timeout: 20 * time.Second,
		Protected: func(a target.Account) string {
			if a.Ref.ID == protected {
				return "accounts.break_glass"
			}
			return ""
		},
	}
	for _, c := range change {
		c(&o)
	}
	c, err := ldap.New(o)
	require.NoError(h.t, err)
	h.t.Cleanup(c.Close)
	c.ListApart(0)
	return c
}

func (h *house) bench() conformance.TargetBench {
	h.t.Helper()
	missing, wrong := "00000000-0000-0000-0000-000000000000", h.dn(0)
	if h.d.Kind == ldap.DirectoryServer {
		missing = "00000000-00000000-00000000-00000000"
	}
	return conformance.TargetBench{
		Target: h.connector(), Restart: func() target.System { return h.connector() },
		ID: h.id(h.dn(0)), Protected: h.id(h.dn(1)), Missing: missing, Wrong: wrong,
		Look: h.look,
		Effects: func() int {
			_, writes := h.proxy.counted()
			return writes
		},
		Requests: func() int {
			requests, _ := h.proxy.counted()
			return requests
		},
		LoseReply: func() { h.proxy.order(func(p *proxy) { p.loseReply = true }) },
		Deny:      func() { h.proxy.order(func(p *proxy) { p.empty = 2 }) },
		Refuse: func(string) string {
			req := goldap.NewModifyRequest(h.groupDN(0), nil)
			req.Replace("member", []string{h.dn(0)})
			require.NoError(h.t, h.conn.Modify(req))
			return h.id(h.groupDN(0))
		},
		All: func() (ids []string) {
			filter := "(objectClass=person)"
			for _, e := range h.search("ou=people,"+h.base, filter, h.key) {
				ids = append(ids, h.keyOf(e))
			}
			return ids
		},
		Delete: func(id string) { require.NoError(h.t, h.conn.Del(goldap.NewDelRequest(h.whose(id).DN, nil))) },
		Add:    func() string { return h.id(h.person()) },
		Touch: func(id string) {
			req := goldap.NewModifyRequest(h.whose(id).DN, nil)
			req.Replace("title", []string{"Chief Tester"})
			require.NoError(h.t, h.conn.Modify(req))
		},
		Age: func() time.Time {
			h.d.Ahead.Add(int64(time.Hour))
			return h.d.Now()
		},
		Fresh: func() identity.Account {
			n := h.added
			h.added++
			name := h.unique(n)
			return identity.Account{Username: name, Email: name + "@acme.example", FirstName: "New", LastName: "One, \"the\" first+1", ExternalID: "e-" + name, Title: "Tester"}
		},
		Group: func() string { return h.id(h.groupDN(3)) },
		Nested: func() (top string, accounts, groups []string) {
			inner, outer := h.groupDN(3), h.groupDN(4)
			h.put(inner, outer)
			h.put(outer, inner)
			h.put(inner, h.dn(0))
			return h.id(outer), []string{h.id(h.dn(0)), h.id(h.dn(4))}, []string{h.id(inner)}
		},
		SignIn: h.signIn, Weak: "short",
		Elsewhere: h.written("ou=leavers,ou=people," + h.base), Nowhere: "ou=nowhere,ou=people," + h.base,
	}
}

// written is a DN as the server writes it.
func (h *house) written(dn string) string {
	h.t.Helper()
	found, err := h.conn.Search(goldap.NewSearchRequest(dn, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"1.1"}, nil))
	require.NoError(h.t, err)
	return found.Entries[0].DN
}

// put makes one DN a member of a group.
func (h *house) put(group, member string) {
	h.t.Helper()
	require.NoError(h.t, h.conn.Modify(directories.MemberOf(group, member)))
}
