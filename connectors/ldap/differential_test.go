package ldap_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	sandbox "gatehouse/sandbox/ldap"
	"gatehouse/test/directories"
)

// question is something that is asked of both directories. It says what came of it, without what differs by nature.
type question struct {
	name string
	ask  func(*goldap.Conn) string
}

const root = "dc=acme,dc=example"

// answer is the result of an operation.
func answer(err error) string {
	var e *goldap.Error
	switch {
	case err == nil:
		return "0"
	case errors.As(err, &e):
		return fmt.Sprintf("%d matched %q", e.ResultCode, e.MatchedDN)
	}
	return err.Error()
}

func add(dn string, lines ...string) question {
	return question{"add " + dn, func(c *goldap.Conn) string {
		req := goldap.NewAddRequest(dn, nil)
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			req.Attribute(name, strings.Split(value, "|"))
		}
		return answer(c.Add(req))
	}}
}

func del(dn string) question {
	return question{"delete " + dn, func(c *goldap.Conn) string { return answer(c.Del(goldap.NewDelRequest(dn, nil))) }}
}

// modify takes changes such as "+title: x|y", "-title: x", "-title" and "=title: x".
func modify(dn string, changes ...string) question {
	return question{"modify " + dn + " " + strings.Join(changes, " "), func(c *goldap.Conn) string {
		req := goldap.NewModifyRequest(dn, nil)
		for _, one := range changes {
			name, value, some := strings.Cut(one[1:], ": ")
			var values []string
			if some {
				values = strings.Split(value, "|")
			}
			switch one[0] {
			case '+':
				req.Add(name, values)
			case '-':
				req.Delete(name, values)
			default:
				req.Replace(name, values)
			}
		}
		return answer(c.Modify(req))
	}}
}

func rename(dn, own string, deleteOld bool, above string) question {
	return question{fmt.Sprintf("rename %s to %s %v %s", dn, own, deleteOld, above), func(c *goldap.Conn) string {
		return answer(c.ModifyDN(goldap.NewModifyDNRequest(dn, own, deleteOld, above)))
	}}
}

func password(dn, value string) question {
	return question{"password of " + dn, func(c *goldap.Conn) string {
		_, err := c.PasswordModify(goldap.NewPasswordModifyRequest(dn, "", value))
		return answer(err)
	}}
}

// changing are attributes whose values differ by nature: only that they are there is compared.
var changing = []string{"entryuuid", "createtimestamp", "modifytimestamp", "userpassword", "pwdchangedtime", "pwdfailuretime", "entrycsn"}

func search(base string, scope int, filter string, attributes ...string) question {
	return searchFor(base, scope, 0, filter, attributes...)
}

func searchFor(base string, scope, size int, filter string, attributes ...string) question {
	return question{fmt.Sprintf("search %s %d %s %v", base, scope, filter, attributes), func(c *goldap.Conn) string {
		found, err := c.Search(goldap.NewSearchRequest(base, scope, goldap.NeverDerefAliases, size, 0, false, filter, attributes, nil))
		if found == nil {
			return answer(err)
		}
		return answer(err) + "\n" + shown(found.Entries)
	}}
}

func shown(entries []*goldap.Entry) string {
	var all []string
	for _, e := range entries {
		var b strings.Builder
		b.WriteString(e.DN)
		slices.SortFunc(e.Attributes, func(x, y *goldap.EntryAttribute) int { return strings.Compare(x.Name, y.Name) })
		for _, a := range e.Attributes {
			values := slices.Sorted(slices.Values(a.Values))
			if slices.Contains(changing, strings.ToLower(a.Name)) {
				values = []string{fmt.Sprint(len(values))}
			}
			fmt.Fprintf(&b, " %s=%q", a.Name, values)
		}
		all = append(all, b.String())
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// paged walks a list in pages, and says how long they were.
func paged(base, filter string, size uint32) question {
	return question{fmt.Sprintf("pages of %d of %s", size, filter), func(c *goldap.Conn) string {
		control := goldap.NewControlPaging(size)
		var lengths []int
		for {
			found, err := c.Search(goldap.NewSearchRequest(base, 2, 0, 0, 0, false, filter, []string{"1.1"}, []goldap.Control{control}))
			if err != nil {
				return answer(err)
			}
			lengths = append(lengths, len(found.Entries))
			next, ok := goldap.FindControl(found.Controls, goldap.ControlTypePaging).(*goldap.ControlPaging)
			if !ok || len(next.Cookie) == 0 {
				return fmt.Sprint(lengths)
			}
			control.SetCookie(next.Cookie)
		}
	}}
}

// questions are asked one after the other.
func questions() []question {
	people, groups := "ou=crowd,"+root, "ou=teams,"+root
	ada, bob := "uid=ada,"+people, "uid=bob,"+people
	person := []string{"objectClass: inetOrgPerson", "cn: Ada L", "sn: L", "givenName: Ada"}
	all := []question{
		add(people, "objectClass: organizationalUnit", "ou: crowd"),
		add(groups, "objectClass: organizationalUnit"),
		add(people, "objectClass: organizationalUnit"),
		add(ada, append(person, "uid: ada", "mail: ada@acme.example", "employeeNumber: 7")...),
		add(ada, person...), add("uid=x,ou=nowhere,"+root, person...), add("uid=x,dc=elsewhere", person...), add("nonsense", person...),
		add("uid=x,"+people, "objectClass: inetOrgPerson", "cn: X"), add("uid=x,"+people, append(person, "shoeSize: 7")...),
		add("uid=x,"+people, append(person, "memberUid: a")...), add("uid=x,"+people, append(person, "employeeNumber: 1|2")...),
		add("uid=x,"+people, append(person, "mail: ä@acme.example")...), add("uid=x,"+people, append(person, "manager: nobody")...),
		add("uid=x,"+people, append(person, "title: a|A")...), add("uid=x,"+people, "cn: X", "sn: X"),
		add("uid=x,"+people, "objectClass: person|organizationalUnit", "cn: X", "sn: X"), add("uid=x,"+people, "objectClass: nothing", "cn: X"),
		add("uid=x,"+people, append(person, "entryUUID: 00000000-0000-0000-0000-000000000000")...),
		add("uid=x,"+people, append(person, "userPassword: short")...),
		add(`uid=b\2cob\ "x\",`+people, person...),
		add(bob, append(person, "uid: bob", "manager: "+ada, "telephoneNumber: +1 555-0100", "pwdAccountLockedTime: 000001010000Z", "userPassword: a-long-password")...),
		add("uid=ada2+cn=Ada Two,"+people, append(person, "uid: ada2")...),
		add(`uid=c\,d\+e=\"f\",`+people, person...), add("cn=empty,"+groups, "objectClass: groupOfNames"),
		add("cn=team,"+groups, "objectClass: groupOfNames", "member: "+ada), add("cn=unix,"+groups, "objectClass: posixGroup", "gidNumber: 7", "memberUid: ada"),
		add("cn=unix2,"+groups, "objectClass: posixGroup", "gidNumber: seven"),
		modify(ada, "+title: Engineer"), modify(ada, "+title: engineer"), modify(ada, "+title: ENGINEER  "), modify(ada, "-title: Engineer", "+title: Chief"),
		modify(ada, "-title: Engineer", "+title: Chief"), modify(ada, "-title: nothing"), modify(ada, "-pager"), modify(ada, "=pager"),
		modify(ada, "=title: One|Two"), modify(ada, "-title: One"), modify(ada, "=shoeSize: 7"), modify(ada, "+employeeNumber: 8"), modify(ada, "=employeeNumber: 8|9"),
		modify(ada, "=sn"), modify(ada, "-sn"), modify(ada, "=uid: eve"), modify(ada, "-uid: ada"), modify(ada, "+uid: countess"),
		modify(ada, "=title: Three", "=mail: ä"), modify(ada, "=memberUid: x"), modify(ada, "=entryUUID: 00000000-0000-0000-0000-000000000000"),
		modify(ada, "+objectClass: organizationalUnit"), modify(ada, "-objectClass: inetOrgPerson"), modify(ada, "=objectClass: person"),
		modify(ada, "=manager: nobody"), modify(ada, "=manager: uid=nobody,dc=nowhere"), modify(ada, "+pager"), modify("uid=nobody,"+people, "=title: x"),
		modify(ada, "+pwdAccountLockedTime: 000001010000Z"), modify(ada, "+pwdAccountLockedTime: 000001010000Z"), modify(ada, "+pwdAccountLockedTime: 20260101000000Z"),
		modify(ada, "=pwdAccountLockedTime: whenever"), modify(ada, "=pwdReset: maybe"), modify(ada, "=telephoneNumber: +1 555 0101"), modify(ada, "+telephoneNumber: +15550101"),
		modify("cn=team,"+groups, "+member: "+bob), modify("cn=team,"+groups, "+member: UID=Bob, OU=Crowd,"+root), modify("cn=team,"+groups, "-member: UID=ADA,"+people),
		modify("cn=team,"+groups, "-member: "+bob), modify("cn=team,"+groups, "-member: "+ada), modify("cn=team,"+groups, "=member"),
		modify("cn=unix,"+groups, "+memberUid: ADA"), modify("cn=unix,"+groups, "-memberUid: ada"), modify("cn=unix,"+groups, "-memberUid: ADA"), modify("cn=unix,"+groups, "=gidNumber: 08"),
		search(ada, 0, "(objectClass=*)", "*", "pwdAccountLockedTime", "pwdReset"),
		password(ada, "another-long-password"), search(ada, 0, "(objectClass=*)", "pwdAccountLockedTime", "userPassword", "pwdChangedTime"),
		modify(ada, "+pwdAccountLockedTime: 000001010000Z"), modify(ada, "-pwdAccountLockedTime: 000001010000Z", "=userPassword: a-third-long-password", "+pwdAccountLockedTime: 000001010000Z"),
		search(ada, 0, "(objectClass=*)", "pwdAccountLockedTime"), modify(ada, "=userPassword: a-fourth-long-password", "=pwdAccountLockedTime: 000001010000Z"),
		search(ada, 0, "(objectClass=*)", "pwdAccountLockedTime"), password(ada, "short"), password("uid=nobody,"+people, "another-long-password"), password("nonsense", "another-long-password"),
		modify(ada, "=userPassword: short"), modify(ada, "=userPassword: {SSHA}c29tZXRoaW5nIG9yIG90aGVyIQ=="), modify(ada, "=userPassword"),
	}
	return append(all, reading(people, groups, ada, bob)...)
}

func reading(people, groups, ada, bob string) []question {
	all := []question{
		search("ou=nowhere,"+root, 2, "(objectClass=*)"), search("nonsense", 2, "(objectClass=*)"), search("uid=x,"+ada, 0, "(objectClass=*)"),
		search(people, 2, "(objectClass=*)"), search(people, 1, "(objectClass=*)", "uid"), search(people, 0, "(objectClass=*)", "+", "ou"), search(bob, 0, "(objectClass=*)", "+"),
		search(people, 2, "(objectClass=*)", "1.1"), search(people, 2, "(objectClass=*)", "1.1", "uid"), search(people, 2, "(objectClass=*)", "UID", "shoeSize"), search(bob, 0, "(objectClass=*)", "userid", "surname"),
		searchFor(people, 2, 1, "(objectClass=*)", "1.1"), searchFor(people, 2, 100, "(objectClass=*)", "1.1"),
		paged(people, "(objectClass=*)", 2), paged(people, "(objectClass=*)", 5), paged(people, "(objectClass=*)", 100), paged(people, "(uid=nobody)", 2),
		rename(ada, "uid=countess", true, ""), rename("uid=countess,"+people, "uid=ada", false, ""), rename(ada, "uid=bob", true, ""), rename("uid=nobody,"+people, "uid=x", true, ""),
		rename(ada, "uid=ada", true, "ou=nowhere,"+root), rename(ada, "uid=ada", true, groups), rename("uid=ada,"+groups, "uid=ada", true, people), rename(ada, "nonsense", true, ""),
		rename(ada, "shoeSize=7", true, ""), rename(people, "ou=crowd", true, ada), rename(people, "ou=many", true, ""), search("ou=many,"+root, 2, "(uid=*)", "1.1"), rename("ou=many,"+root, "ou=crowd", true, ""),
		del("uid=nobody," + people), del(people), del("nonsense"), del(`uid=c\,d\+e=\"f\",` + people), del("uid=x,ou=nowhere," + root),
		search(ada, 0, "(objectClass=*)"),
	}
	for _, filter := range []string{
		"(uid=ADA)", "(uid=ada )", "(uid=a*)", "(uid=*d*)", "(uid=*A)", "(uid=b*b)", "(&(uid=*)(!(uid=ada)))", "(!(shoeSize=7))", "(|(shoeSize=7)(uid=ada))", "(&(shoeSize=7)(uid=ada))",
		"(!(title=Two))", "(objectClass=person)", "(objectClass=INETORGPERSON)", "(objectClass=nothing)", "(objectClass=top)", "(manager=UID=ada, OU=crowd," + root + ")", "(manager=nonsense)", "(manager=uid*)",
		"(telephoneNumber=+15550100)", "(telephoneNumber=+1 555 01*)", "(mail=ADA@acme.example)", "(employeeNumber=7)", "(employeeNumber>=1)", "(pwdAccountLockedTime=*)",
		"(pwdAccountLockedTime=000001010000Z)", "(createTimestamp>=20200101000000Z)", "(createTimestamp<=20200101000000Z)", "(modifyTimestamp>=20990101000000Z)", "(createTimestamp>=nonsense)",
		"(entryUUID=nonsense)", "(entryUUID=00000000-0000-0000-0000-000000000000)", "(entryUUID>=00000000-0000-0000-0000-000000000000)", "(cn=Ada  L)", "(cn=ada*l)", "(sn~=l)", "(userPassword=a-long-password)", "(uid=)", "(&)", "(|)",
		`(uid=b\2cob "x")`, "(description=*)", "(cn=Ada Two)", "(employeeNumber=*)", "(pwdReset=TRUE)", "(pwdReset=true)",
	} {
		all = append(all, search(people, 2, filter, "1.1"))
	}
	for _, filter := range []string{"(member=" + bob + ")", "(memberUid=ada)", "(memberUid=ADA)", "(memberUid=A*)", "(gidNumber>=5)", "(gidNumber=07)", "(uniqueMember=" + ada + ")"} {
		all = append(all, search(groups, 2, filter, "1.1"))
	}
	return all
}

// TestTheSandboxAnswersAsSlapdDoes asks both the same, and compares.
func TestTheSandboxAnswersAsSlapdDoes(t *testing.T) {
	t.Parallel()
	real := directories.Slapd(t)
	simulated, _ := simulated(t)
	var conns [2]*goldap.Conn
	for i, d := range []*directory{real, simulated} {
		raw, err := d.Dial()
		require.NoError(t, err)
		conns[i] = goldap.NewConn(raw, true)
		conns[i].Start()
		t.Cleanup(func() { _ = conns[i].Close() })
		require.NoError(t, conns[i].Bind(d.BindDN, d.Password))
	}
	for _, q := range questions() {
		want, got := q.ask(conns[0]), q.ask(conns[1])
		if want != got {
			t.Errorf("%s\nslapd:   %s\nsandbox: %s", q.name, want, got)
		}
	}
}

// TestTheSandboxLetsInAsSlapdDoes compares who is let in, and what is said before.
func TestTheSandboxLetsInAsSlapdDoes(t *testing.T) {
	t.Parallel()
	real := directories.Slapd(t)
	simulated, err := sandbox.Start(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(simulated.Close)
	dials := []func() *goldap.Conn{
		func() *goldap.Conn { return plain(t, real.StartTLS) }, func() *goldap.Conn { return plain(t, simulated.URL()) },
	}
	admins := []func() *goldap.Conn{func() *goldap.Conn { return real.Admin(t) }, func() *goldap.Conn {
		c := plain(t, simulated.URL())
		require.NoError(t, c.StartTLS(&tls.Config{InsecureSkipVerify: true})) //nolint:gosec // A server of this test.
		require.NoError(t, c.Bind(sandbox.BindDN, sandbox.Password))
		return c
	}}
	eve := "uid=eve," + root
	for _, make := range admins {
		directories.AddEntry(t, make(), eve, "objectClass: inetOrgPerson", "cn: Eve", "sn: E", "userPassword: a-long-password")
	}
	bind := func(dn, password string) question {
		return question{"bind " + dn, func(c *goldap.Conn) string {
			_, err := c.SimpleBind(&goldap.SimpleBindRequest{Username: dn, Password: password, AllowEmptyPassword: true})
			return answer(err)
		}}
	}
	// slapd stamps a lock by a clock that can be some milliseconds ahead of the one that it reads the stamp by: right after a second has
	// begun, it takes the lock for one of the future, and lets in (account_locked of ppolicy.c). That neither lifts the lock nor lasts.
	locked := question{"bind " + eve + " until it is locked", func(c *goldap.Conn) (said string) {
		for range 1000 {
			if said = bind(eve, "a-long-password").ask(c); said != "0" {
				break
			}
		}
		return said
	}}
	everything := search(root, 2, "(objectClass=*)", "1.1")
	encrypt := question{"encrypt", func(c *goldap.Conn) string {
		return answer(c.StartTLS(&tls.Config{InsecureSkipVerify: true})) //nolint:gosec // A server of this test.
	}}
	for _, conversation := range [][]question{
		{everything, bind(eve, "a-long-password"), bind("", ""), modify(eve, "=title: x"), encrypt, everything},
		{encrypt, everything, add("uid=x,"+root, "objectClass: inetOrgPerson", "cn: X", "sn: X"), modify(eve, "=title: x"), del(eve), rename(eve, "uid=x", true, ""), password(eve, "another-long-password")},
		{encrypt, bind("", ""), everything},
		{encrypt, bind(eve, ""), everything},
		{encrypt, bind("", "x"), everything},
		{encrypt, bind("nonsense", "x")},
		{encrypt, bind("uid=nobody,"+root, "x")},
		{encrypt, bind("ou=nowhere,"+root, "x")},
		{encrypt, bind("dc=elsewhere", "x")},
		{encrypt, bind(root, "x")},
		{encrypt, bind(eve, "a-long-password"), everything, search(eve, 0, "(objectClass=*)"), modify(eve, "=title: x"), modify("uid=nobody,"+root, "=title: x"), del(eve), add("uid=x,"+root, "objectClass: inetOrgPerson", "cn: X", "sn: X")},
		{encrypt, bind(eve, "wrong"), bind(eve, "a-long-password"), bind(eve, "wrong"), bind(eve, "wrong"), bind(eve, "wrong"), locked},
	} {
		var conns [2]*goldap.Conn
		for i, dial := range dials {
			conns[i] = dial()
		}
		for i, q := range conversation {
			want := q.ask(conns[0])
			// slapd refuses to encrypt until it has put away the request before, which it has answered (starttls.c: "cannot start TLS when
			// operations are outstanding"). Nothing reads such a connection of go-ldap's any more.
			for range 20 {
				if q.name != encrypt.name || want != unready {
					break
				}
				conns[0] = dials[0]()
				for _, before := range conversation[:i] {
					before.ask(conns[0])
				}
				want = q.ask(conns[0])
			}
			got := q.ask(conns[1])
			if want != got {
				t.Errorf("%d of %s: %s\nslapd:   %s\nsandbox: %s", i, conversation[0].name, q.name, want, got)
			}
		}
	}
}

// unready is the answer to a request that comes at the wrong time.
var unready = answer(goldap.NewError(goldap.LDAPResultOperationsError, errors.New("")))

// plain connects without encryption.
func plain(t *testing.T, url string) *goldap.Conn {
	t.Helper()
	conn, err := goldap.DialURL(url)
	require.NoError(t, err)
	conn.SetTimeout(20 * time.Second)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
