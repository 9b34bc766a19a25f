// Package directories starts real directories for tests, on loopback and from Debian's packages: OpenLDAP's slapd, samba's Active
// Directory and 389 Directory Server. A test whose package is missing is skipped in a line that names it.
package directories

import (
	"crypto/tls"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
)

// Directory is a server of this test, and who looks at it from outside.
type Directory struct {
	Kind ldap.Kind
	// Root is the DN that everything is below.
	Root                   string
	BindDN, Password       string
	AdminDN, AdminPassword string
	// StartTLS is a URL of the server itself.
	StartTLS string
	// Pair and CA are a certificate for whoever stands between the server and its client.
	Pair tls.Certificate
	CA   []byte
	// Dial connects to the server, encrypted or as good as that.
	Dial func() (net.Conn, error)

	// Cases counts the subtrees that tests have taken for themselves.
	Cases atomic.Int64
	// Ahead is how far the clock of a simulated one has been moved.
	Ahead atomic.Int64
}

// Now is the time of the server.
func (d *Directory) Now() time.Time { return time.Now().Add(time.Duration(d.Ahead.Load())) }

// Admin is a connection of the administrator's.
func (d *Directory) Admin(t testing.TB) *goldap.Conn {
	t.Helper()
	conn, err := d.connect()
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (d *Directory) connect() (*goldap.Conn, error) {
	raw, err := d.Dial()
	if err != nil {
		return nil, err
	}
	conn := goldap.NewConn(raw, false)
	conn.Start()
	conn.SetTimeout(20 * time.Second)
	return conn, conn.Bind(d.AdminDN, d.AdminPassword)
}

// await waits until the server lets the administrator in.
func (d *Directory) await(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool {
		conn, err := d.connect()
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond)
}

// Add adds an entry, with lines such as "sn: Person".
func (d *Directory) Add(t testing.TB, dn string, lines ...string) {
	t.Helper()
	AddEntry(t, d.Admin(t), dn, lines...)
}

// AddEntry adds an entry, with lines such as "sn: Person".
func AddEntry(t testing.TB, conn *goldap.Conn, dn string, lines ...string) {
	t.Helper()
	req := goldap.NewAddRequest(dn, nil)
	values, order := map[string][]string{}, []string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		if values[name] == nil {
			order = append(order, name)
		}
		values[name] = append(values[name], value)
	}
	for _, name := range order {
		req.Attribute(name, values[name])
	}
	require.NoError(t, conn.Add(req), dn)
}
