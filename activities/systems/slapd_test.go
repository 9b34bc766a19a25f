package systems_test

import (
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
	"gatehouse/test/directories"
)

const (
	slapdRoot    = "dc=acme,dc=example"
	slapdPeople  = "ou=people," + slapdRoot
	slapdGroups  = "ou=groups," + slapdRoot
	slapdBind    = "cn=gatehouse," + slapdRoot
	slapdAdmin   = "cn=root," + slapdRoot
	slapdNobody  = "cn=nobody," + slapdRoot
	slapdRights  = "ou=rights," + slapdRoot
	seesPeople   = "cn=people," + slapdRights
	seesBranch   = "cn=branch," + slapdRights
	seesGroups   = "cn=groups," + slapdRights
	seesMembers  = "cn=members," + slapdRights
	slapdPersons = 120
)

// slapdConf lets Gatehouse see people, those of a branch, groups, and who is in them by groups of rights: a right that is taken is a lie, for the server then
// answers with success and shows less.
const slapdConf = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload syncprov
pidfile %[1]s/slapd.pid
disallow bind_anon
TLSCertificateFile %[2]s
TLSCertificateKeyFile %[3]s
database mdb
suffix dc=acme,dc=example
rootdn cn=root,dc=acme,dc=example
rootpw root-password
directory %[1]s
dbnosync
index objectClass,entryUUID,uid,mail,employeeNumber,member eq
access to attrs=userPassword by anonymous auth
access to dn.children="ou=people,dc=acme,dc=example" filter="(l=Branch)" by group.exact="cn=branch,ou=rights,dc=acme,dc=example" write by * none
access to dn.children="ou=people,dc=acme,dc=example" by group.exact="cn=people,ou=rights,dc=acme,dc=example" write by * none
access to dn.children="ou=groups,dc=acme,dc=example" attrs=member by group.exact="cn=members,ou=rights,dc=acme,dc=example" write by * none
access to dn.children="ou=groups,dc=acme,dc=example" by group.exact="cn=groups,ou=rights,dc=acme,dc=example" write by * none
access to * by dn.exact="cn=gatehouse,dc=acme,dc=example" write
overlay syncprov
syncprov-sessionlog 10000
`

// openldap is a real server of this test.
type openldap struct {
	t    *testing.T
	root *goldap.Conn
	ca   []byte
	url  string
}

// startSlapd starts OpenLDAP's server on loopback with people and groups.
func startSlapd(t *testing.T) *openldap {
	t.Helper()
	program := directories.Program(t, "slapd", "/usr/sbin/slapd")
	_, ca, cert, key := directories.Certificate(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "slapd.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, slapdConf, dir, cert, key), 0o600))
	d := &openldap{t: t, ca: ca, url: fmt.Sprintf("ldaps://127.0.0.1:%d", directories.FreePort(t))}
	directories.Start(t, exec.Command(program, "-f", conf, "-h", d.url, "-d", "0"))
	require.Eventually(t, func() bool {
		conn, err := goldap.DialURL(d.url, goldap.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true})) //nolint:gosec // A server of this test.
		if err == nil {
			d.root, err = conn, conn.Bind(slapdAdmin, "root-password")
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond)
	t.Cleanup(func() { _ = d.root.Close() })
	d.fill()
	return d
}

// fill makes people, half of them of the branch, and groups in which everybody is.
func (d *openldap) fill() {
	d.add(slapdRoot, "objectClass: dcObject", "objectClass: organization", "dc: acme", "o: Acme")
	d.add(slapdBind, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: gatehouse", "userPassword: gatehouse-password")
	d.add(slapdNobody, "objectClass: organizationalRole", "cn: nobody")
	for _, unit := range []string{slapdPeople, slapdGroups, slapdRights} {
		d.add(unit, "objectClass: organizationalUnit")
	}
	for _, right := range []string{seesPeople, seesBranch, seesGroups, seesMembers} {
		d.add(right, "objectClass: groupOfNames", "member: "+slapdNobody, "member: "+slapdBind)
	}
	everybody := []string{"objectClass: groupOfNames"}
	for n := range slapdPersons {
		d.add(slapdPerson(n), "objectClass: inetOrgPerson", fmt.Sprint("cn: No ", n), "sn: Tester", fmt.Sprintf("mail: p%02d@acme.example", n),
			"title: Tester", fmt.Sprint("employeeNumber: e", n), "l: "+[]string{"Berlin", "Branch"}[n%2])
		everybody = append(everybody, "member: "+slapdPerson(n))
	}
	for _, group := range []string{"red", "blue"} {
		d.add("cn="+group+","+slapdGroups, everybody...)
	}
}

func slapdPerson(n int) string { return fmt.Sprintf("uid=p%02d,%s", n, slapdPeople) }

func (d *openldap) add(dn string, lines ...string) {
	d.t.Helper()
	directories.AddEntry(d.t, d.root, dn, lines...)
}

// change takes a value away from an entry, or adds it.
func (d *openldap) change(dn, attribute, value string, add bool) {
	d.t.Helper()
	req := goldap.NewModifyRequest(dn, nil)
	if add {
		req.Add(attribute, []string{value})
	} else {
		req.Delete(attribute, []string{value})
	}
	require.NoError(d.t, d.root.Modify(req))
}

// id is the entryUUID of a person.
func (d *openldap) id(n int) string {
	d.t.Helper()
	found, err := d.root.Search(goldap.NewSearchRequest(slapdPerson(n), goldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"entryUUID"}, nil))
	require.NoError(d.t, err)
	return found.Entries[0].GetAttributeValue("entryUUID")
}

// onSlapd is a reading of that server, and the people with accounts there by their numbers.
func onSlapd(t *testing.T) (d *openldap, r *reading, keys []string) {
	t.Helper()
	d = startSlapd(t)
	now := time.Now
	system, err := ldap.New(ldap.Options{
		Kind: ldap.OpenLDAP, URL: d.url, CA: d.ca, BindDN: slapdBind, Password: "gatehouse-password", People: slapdPeople, Groups: slapdGroups,
		PageSize: 50, EmptyMember: slapdNobody, Clock: func() time.Time { return now() },
	})
	require.NoError(t, err)
	t.Cleanup(system.Close)
	r = newReading(t, ldap.System, system)
	now = r.now
	out := r.sweep()
	require.Empty(t, out.Why)
	require.EqualValues(t, slapdPersons, out.Seen)
	var ids []string
	for n := range 6 {
		ids = append(ids, d.id(n))
	}
	keys = r.link(ids...)
	require.Empty(t, r.sweep().Why)
	for _, groups := range r.held(keys) {
		require.ElementsMatch(t, []string{"red", "blue"}, groups)
	}
	r.hints.take()
	return d, r, keys
}

// TestSlapdIsReadBetweenByWhatItNames changes a real directory by hand: its overlay tells, and each account is read.
func TestSlapdIsReadBetweenByWhatItNames(t *testing.T) {
	t.Parallel()
	d, r, keys := onSlapd(t)
	d.change(slapdPerson(1), "title", "Tester", false)
	d.change(slapdPerson(1), "title", "By hand", true)
	d.change("cn=red,"+slapdGroups, "member", slapdPerson(2), false)
	require.NoError(t, d.root.Del(goldap.NewDelRequest(slapdPerson(3), nil)))
	out := r.read(false)
	require.Equal(t, "changes", out.Kind)
	require.Empty(t, out.Why)
	require.Equal(t, "By hand", r.account(keys[1]).Document.Title)
	require.Equal(t, []string{keys[1]}, r.hints.take())
	require.ElementsMatch(t, []string{"red", "blue"}, r.account(keys[2]).Groups, "what is gone is believed until its date")
	require.EqualValues(t, 1, out.Held)
	require.Equal(t, slapdPersons, r.accounts(), "and so is an account")

	r.offset += time.Hour
	require.EqualValues(t, 1, r.sweep().Missing)
	r.offset += 25 * time.Hour
	out = r.sweep()
	require.Empty(t, out.Why)
	require.EqualValues(t, 1, out.Dropped)
	require.Equal(t, slapdPersons-1, r.accounts())
	require.Equal(t, []string{"blue"}, r.account(keys[2]).Groups)
	require.Subset(t, r.hints.take(), []string{keys[2], keys[3]})

	d.change("cn=red,"+slapdGroups, "member", slapdPerson(2), true)
	require.Equal(t, "changes", r.read(false).Kind)
	require.ElementsMatch(t, []string{"red", "blue"}, r.account(keys[2]).Groups)
	require.Equal(t, []string{keys[2]}, r.hints.take())
	require.Len(t, r.items(""), 1)
	require.Len(t, r.items(accountsGone), 1, "somebody's account is gone")
}

// TestNobodyLosesAnythingWhereSlapdShowsLess takes rights from Gatehouse: a real server then answers with success and shows less.
func TestNobodyLosesAnythingWhereSlapdShowsLess(t *testing.T) {
	t.Parallel()
	for name, right := range map[string]string{"a branch": seesPeople, "all but a branch": seesBranch, "no group": seesGroups} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, r, keys := onSlapd(t)
			before := r.held(keys)
			d.change(right, "member", slapdBind, false)
			d.change("cn=red,"+slapdGroups, "member", slapdPerson(0), false)
			for _, full := range []bool{true, false, true} {
				r.offset += 4 * time.Hour
				out := r.read(full)
				require.Equal(t, before, r.held(keys), "nobody loses anything by a lie")
				require.Equal(t, slapdPersons, r.accounts())
				require.Zero(t, out.Dropped)
				require.Len(t, r.items(notBelieved), 1, "full %v: %+v", full, out)
			}
			d.change(right, "member", slapdBind, true)
			r.offset += time.Hour
			out := r.sweep()
			require.Empty(t, out.Why)
			require.Empty(t, r.items(""), "it recovers by itself")
			require.Equal(t, before, r.held(keys))
			r.offset += 25 * time.Hour
			require.Empty(t, r.sweep().Why)
			require.Equal(t, []string{"blue"}, r.held(keys)[keys[0]], "the true removal is carried out")
			for _, key := range keys[1:] {
				require.Equal(t, before[key], r.held(keys)[key])
			}
		})
	}
}
