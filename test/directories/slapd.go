package directories

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
)

// FreePort is a port of this machine that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok)
	return address.Port
}

// Program is the path of a server, or skips the test where its package is missing.
func Program(t testing.TB, pkg string, paths ...string) string {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed: apt-get install %s", filepath.Base(paths[0]), pkg)
	return ""
}

const slapdConf = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload syncprov
pidfile %[1]s/slapd.pid
disallow bind_anon
security tls=128
TLSCertificateFile %[2]s
TLSCertificateKeyFile %[3]s
database mdb
suffix dc=acme,dc=example
rootdn cn=root,dc=acme,dc=example
rootpw root-password
directory %[1]s
dbnosync
maxsize 2147483648
index objectClass,entryUUID,uid,mail,employeeNumber,member,uniqueMember,memberUid eq
access to attrs=userPassword by dn.exact=cn=gatehouse,dc=acme,dc=example write by anonymous auth
access to * by dn.exact=cn=gatehouse,dc=acme,dc=example write
limits dn.exact=cn=gatehouse,dc=acme,dc=example size=unlimited
overlay ppolicy
ppolicy_default cn=policy,dc=acme,dc=example
ppolicy_hash_cleartext
overlay syncprov
syncprov-sessionlog 10000
`

// Slapd starts OpenLDAP's server on loopback, with nothing but its root and the account that Gatehouse binds as.
func Slapd(t testing.TB) *Directory {
	t.Helper()
	d := &Directory{}
	conf, _ := SlapdFiles(t, d)
	SlapdRuns(t, d, conf)
	d.Add(t, "dc=acme,dc=example", "objectClass: dcObject", "objectClass: organization", "dc: acme", "o: Acme")
	d.Add(t, d.BindDN, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: gatehouse", "userPassword: "+d.Password)
	d.Add(t, "cn=policy,dc=acme,dc=example", "objectClass: organizationalRole", "objectClass: pwdPolicy", "cn: policy",
		"pwdAttribute: userPassword", "pwdMinLength: 12", "pwdCheckQuality: 2", "pwdLockout: TRUE", "pwdMaxFailure: 3")
	return d
}

// SlapdFiles writes what a server needs, and says whose it is to be.
func SlapdFiles(t testing.TB, d *Directory) (conf, dir string) {
	t.Helper()
	Program(t, "slapd", "/usr/sbin/slapd")
	pair, ca, certFile, keyFile := Certificate(t)
	dir = t.TempDir()
	conf = filepath.Join(dir, "slapd.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, slapdConf, dir, certFile, keyFile), 0o600))
	d.Kind, d.Root, d.BindDN, d.Password = ldap.OpenLDAP, "dc=acme,dc=example", "cn=gatehouse,dc=acme,dc=example", "gatehouse-password"
	d.AdminDN, d.AdminPassword, d.Pair, d.CA = "cn=root,dc=acme,dc=example", "root-password", pair, ca
	return conf, dir
}

// SlapdRuns starts it, and returns its encrypted port.
func SlapdRuns(t testing.TB, d *Directory, conf string) (port int) {
	t.Helper()
	plain, encrypted := FreePort(t), FreePort(t)
	urls := fmt.Sprintf("ldap://127.0.0.1:%d ldaps://127.0.0.1:%d", plain, encrypted)
	Start(t, exec.Command("/usr/sbin/slapd", "-f", conf, "-h", urls, "-d", "0"))
	d.StartTLS, d.Dial = fmt.Sprintf("ldap://localhost:%d", plain), Insecure(fmt.Sprintf("127.0.0.1:%d", encrypted))
	d.await(t)
	return encrypted
}

// Start runs a server until the test ends.
func Start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		gone := make(chan error, 1)
		go func() { gone <- cmd.Wait() }()
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-gone
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("the server said: %s", text[max(0, len(text)-3000):])
		}
		_ = log.Close()
	})
}

// Insecure connects to a server of this test that made its own certificate.
func Insecure(address string) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // A server of this test.
		return dialer.DialContext(context.Background(), "tcp", address)
	}
}
