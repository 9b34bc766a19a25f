package systems_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	sandboxldap "gatehouse/sandbox/ldap"
)

// mailed is a directory in which entries get further addresses.
type mailed struct {
	*reading
	conn *goldap.Conn
	ids  map[string]string
}

func newMailed(t *testing.T, uids ...string) *mailed {
	t.Helper()
	s, err := sandboxldap.Start(sandboxldap.Options{})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	m := &mailed{ids: map[string]string{}}
	for _, uid := range uids {
		dn := "uid=" + uid + "," + sandboxldap.People
		require.NoError(t, s.Add(dn, "objectClass: inetOrgPerson", "cn: Zoe "+uid, "sn: Quist", "mail: "+uid+"@acme.example", "employeeNumber: e"+uid))
		entry, _ := s.Look(dn)
		m.ids[uid] = entry["entryuuid"][0]
	}
	group := []string{"objectClass: groupOfNames"}
	for _, uid := range uids {
		group = append(group, "member: uid="+uid+","+sandboxldap.People)
	}
	require.NoError(t, s.Add("cn=all,"+sandboxldap.Groups, group...))
	system, err := ldap.New(ldap.Options{
		Kind: ldap.OpenLDAP, URL: s.URL(), CA: s.CA, BindDN: sandboxldap.BindDN, Password: sandboxldap.Password,
		People: sandboxldap.People, Groups: sandboxldap.Groups,
	})
	require.NoError(t, err)
	t.Cleanup(system.Close)
	trusted := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	trusted.RootCAs.AppendCertsFromPEM(s.CA)
	m.conn, err = goldap.DialURL(s.URL(), goldap.DialWithTLSConfig(trusted))
	require.NoError(t, err)
	t.Cleanup(func() { _ = m.conn.Close() })
	require.NoError(t, m.conn.StartTLS(trusted))
	require.NoError(t, m.conn.Bind(sandboxldap.BindDN, sandboxldap.Password))
	m.reading = newReading(t, ldap.System, system)
	return m
}

// give adds an address to an entry.
func (m *mailed) give(uid, address string) {
	m.t.Helper()
	req := goldap.NewModifyRequest("uid="+uid+","+sandboxldap.People, nil)
	req.Add("mail", []string{address})
	require.NoError(m.t, m.conn.Modify(req))
}

func (m *mailed) row(uid string) inventory.Account {
	m.t.Helper()
	return storetest.Account(m.t, m.l, identity.Ref{System: ldap.System, ID: m.ids[uid]})
}

func (m *mailed) whose(uid string) [2]string {
	m.t.Helper()
	return [2]string{m.row(uid).Person, string(m.row(uid).State)}
}

// again reads everything an hour later.
func (m *mailed) again() (asked int) {
	m.t.Helper()
	m.offset += time.Hour
	out := m.sweep()
	require.Empty(m.t, out.Why)
	return out.Asked
}

// TestALeaversMailOnAnAccountIsAskedAboutOnce: an account that is somebody's stays theirs, one that is declared is not asked about, and one
// that was refused is not asked about again when it is given somebody else's mail.
func TestALeaversMailOnAnAccountIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	m := newMailed(t, "boss", "desk", "team")
	boss := storetest.Admit(t, m.l, "workday", "eboss", storetest.Digests(m.l, "boss@acme.example", "", ""))
	first := storetest.Admit(t, m.l, "workday", "900", storetest.Digests(m.l, "first@acme.example", "", ""))
	second := storetest.Admit(t, m.l, "workday", "901", storetest.Digests(m.l, "second@acme.example", "", ""))
	require.Zero(t, m.again())
	require.NoError(t, m.l.Inventory().DeclareAccount(t.Context(), inventory.Declaration{
		Ref: m.row("team").Ref, Kind: identity.KindShared, Owner: boss, Purpose: "sales", By: "ops",
	}))
	for _, uid := range []string{"boss", "desk", "team"} {
		m.give(uid, "First@acme.example")
	}
	require.Equal(t, 1, m.again())
	require.Equal(t, [2]string{boss, string(identity.AccountLinked)}, m.whose("boss"), "neither a candidate nor disputed")
	require.Equal(t, [2]string{first, string(identity.AccountCandidate)}, m.whose("desk"))
	require.NotEqual(t, string(identity.AccountCandidate), m.whose("team")[1])
	require.Equal(t, []string{"first@acme.example"}, m.row("desk").Document.Aliases)

	require.NoError(t, m.l.Inventory().RefuseAccount(t.Context(), m.row("desk").Ref, first, m.s.Person.EvidenceOf(m.row("desk").Document), "ops"))
	require.Zero(t, m.again())
	m.give("desk", "second@acme.example")
	require.Equal(t, 1, m.again())
	require.Equal(t, [2]string{second, string(identity.AccountCandidate)}, m.whose("desk"), "it is asked about for the next leaver, and not for the first")
	require.Equal(t, 1, m.again())
}

// TestAnAddressAtOneLoginIsAFurtherOneElsewhere: HR has no address of theirs, OneLogin has.
func TestAnAddressAtOneLoginIsAFurtherOneElsewhere(t *testing.T) {
	t.Parallel()
	m := newMailed(t, "desk")
	who := storetest.Admit(t, m.l, "workday", "900", storetest.Digests(m.l, "", "", ""))
	require.NoError(t, m.l.Inventory().NoteAccount(t.Context(), m.now(), inventory.Account{
		Ref: identity.OneLoginRef(9), Document: identity.Account{ID: 9, Email: "who@acme.example", Username: "who@acme.example", Status: identity.AccountActive},
	}))
	require.NoError(t, m.l.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{Ref: identity.OneLoginRef(9), Person: who}))
	m.give("desk", "who@acme.example")
	require.Equal(t, 1, m.again())
	require.Equal(t, [2]string{who, string(identity.AccountCandidate)}, m.whose("desk"))
}
