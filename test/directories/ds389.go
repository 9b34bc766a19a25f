package directories

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"crypto/sha1" //nolint:gosec // The form is the server's.

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
)

// nightly has the tests run that are for the night.
const nightly = "GATEHOUSE_NIGHTLY"

// DS389 starts 389 Directory Server from its own template. Its installer wants systemd and the machine's directories. It is
// spoken to by its socket, which it takes for as safe as an encrypted connection. Its tests are for the night.
func DS389(t testing.TB) *Directory {
	t.Helper()
	if os.Getenv(nightly) == "" {
		t.Skip("389 Directory Server is for the night: make nightly-directories")
	}
	path := Program(t, "389-ds-base", "/usr/sbin/ns-slapd")
	template, err := os.ReadFile("/usr/share/dirsrv/data/template-dse.ldif")
	require.NoError(t, err)
	dir := t.TempDir()
	socket := filepath.Join(dir, "socket")
	if len(socket) > 100 {
		t.Skip("the path of temporary directories is too long for a socket")
	}
	values := map[string]string{
		"fqdn": "localhost", "ds_port": "0", "ds_user": "root", "rootdn": "cn=Directory Manager", "ds_passwd": salted("Directory-Passw0rd"),
		"ldapi_enabled": "on", "ldapi": socket, "ldapi_autobind": "off", "ds_suffix": "dc=acme,dc=example", "config_dir": dir, "db_lib": "bdb",
		"inst_dir": dir, "run_dir": dir, "db_home_dir": filepath.Join(dir, "db"),
	}
	for _, sub := range []string{"schema", "lock", "tmp", "cert", "ldif", "bak", "log", "db"} {
		values[sub+"_dir"] = filepath.Join(dir, sub)
		require.NoError(t, os.MkdirAll(values[sub+"_dir"], 0o700))
	}
	dse := regexp.MustCompile(`%([a-z_]+)%`).ReplaceAllStringFunc(string(template), func(name string) string { return values[strings.Trim(name, "%")] })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dse.ldif"), []byte(dse), 0o600))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "schema-of-package"), os.DirFS("/etc/dirsrv/schema")))
	require.NoError(t, os.Remove(values["schema_dir"]))
	require.NoError(t, os.Rename(filepath.Join(dir, "schema-of-package"), values["schema_dir"]))
	for _, name := range []string{"slapd-collations.conf", "certmap.conf"} {
		text, err := os.ReadFile("/etc/dirsrv/config/" + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	Start(t, exec.Command(path, "-D", dir, "-i", filepath.Join(dir, "pid"), "-d", "0"))
	pair, ca, _, _ := Certificate(t)
	d := &Directory{
		Kind: ldap.DirectoryServer, Root: "dc=acme,dc=example", Pair: pair, CA: ca,
		BindDN: "cn=gatehouse,dc=acme,dc=example", Password: "gatehouse-password",
		AdminDN: "cn=Directory Manager", AdminPassword: "Directory-Passw0rd",
		Dial: func() (net.Conn, error) { return (&net.Dialer{}).DialContext(context.Background(), "unix", socket) },
	}
	d.await(t)
	d.Add(t, "cn=userRoot,cn=ldbm database,cn=plugins,cn=config", "objectClass: top", "objectClass: extensibleObject", "objectClass: nsBackendInstance",
		"cn: userRoot", "nsslapd-suffix: dc=acme,dc=example")
	d.Add(t, `cn=dc\3Dacme\2Cdc\3Dexample,cn=mapping tree,cn=config`, "objectClass: top", "objectClass: extensibleObject", "objectClass: nsMappingTree",
		"cn: dc=acme,dc=example", "nsslapd-state: backend", "nsslapd-backend: userRoot")
	d.Add(t, "dc=acme,dc=example", "objectClass: domain", "dc: acme",
		fmt.Sprintf(`aci: (targetattr="* || nsAccountLock")(version 3.0; acl "gatehouse"; allow (all) userdn="ldap:///%s";)`, d.BindDN))
	d.Add(t, d.BindDN, "objectClass: person", "cn: gatehouse", "sn: gatehouse", "userPassword: "+d.Password)
	req := goldap.NewModifyRequest("cn=config", nil)
	req.Replace("passwordCheckSyntax", []string{"on"})
	req.Replace("passwordMinLength", []string{"12"})
	require.NoError(t, d.Admin(t).Modify(req))
	return d
}

// salted is a password as the server's configuration wants it.
func salted(password string) string {
	const salt = "salt"
	sum := sha1.Sum([]byte(password + salt)) //nolint:gosec // The form is the server's.
	return "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], salt...))
}
