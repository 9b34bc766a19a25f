package directories

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
)

const smbConf = `[global]
netbios name = DC
realm = ACME.EXAMPLE
workgroup = ACME
server role = active directory domain controller
server services = ldap
interfaces = %[2]s/8
bind interfaces only = yes
private dir = %[1]s/private
state directory = %[1]s/state
cache directory = %[1]s/cache
lock directory = %[1]s
binddns dir = %[1]s/bind-dns
pid directory = %[1]s
log file = %[1]s/log.%%m
tls keyfile = %[4]s
tls certfile = %[3]s
tls cafile = %[3]s
ldap server require strong auth = yes
ldb:nosync = true

[sysvol]
path = %[1]s/state/sysvol
[netlogon]
path = %[1]s/state/sysvol/scripts
`

const sambaPackages = "samba samba-ad-dc samba-ad-provision"

// Samba starts an Active Directory domain controller with nothing but its directory. Its ports cannot be chosen, so that it
// has an address of loopback to itself.
func Samba(t testing.TB) *Directory {
	t.Helper()
	path := Program(t, sambaPackages, "/usr/sbin/samba")
	tool := Program(t, sambaPackages, "/usr/bin/samba-tool")
	Program(t, sambaPackages, "/usr/share/samba/setup/ad-schema")
	if os.Getuid() != 0 {
		t.Skip("samba listens on port 636, which takes root")
	}
	var own [3]byte
	_, err := rand.Read(own[:])
	require.NoError(t, err)
	address := net.IPv4(127, 1+own[0]%250, own[1], 1+own[2]%250)
	pair, ca, certFile, keyFile := Certificate(t, address)
	dir := t.TempDir()
	out, err := exec.Command(tool, "domain", "provision", "--realm=ACME.EXAMPLE", "--domain=ACME", "--server-role=dc", "--dns-backend=NONE",
		"--adminpass=Admin-Passw0rd", "--targetdir="+dir, "--host-ip=127.0.0.1", "--host-name=dc").CombinedOutput()
	require.NoError(t, err, "%s", out)
	conf := filepath.Join(dir, "smb.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, smbConf, dir, address, certFile, keyFile), 0o600))
	Start(t, exec.Command(path, "-i", "-M", "single", "--debug-stdout", "-s", conf))
	d := &Directory{
		Kind: ldap.ActiveDirectory, Root: "DC=acme,DC=example", Pair: pair, CA: ca,
		BindDN: "CN=gatehouse,CN=Users,DC=acme,DC=example", Password: "Gatehouse-Passw0rd",
		AdminDN: "CN=Administrator,CN=Users,DC=acme,DC=example", AdminPassword: "Admin-Passw0rd",
		StartTLS: fmt.Sprintf("ldap://%s:389", address), Dial: Insecure(address.String() + ":636"),
	}
	d.await(t)
	d.Add(t, d.BindDN, "objectClass: user", "sAMAccountName: gatehouse", "userAccountControl: 66048", "unicodePwd: "+UTF16Quoted(d.Password))
	conn := d.Admin(t)
	for _, group := range []string{"CN=Account Operators,CN=Builtin,"} {
		require.NoError(t, conn.Modify(MemberOf(group+d.Root, d.BindDN)))
	}
	return d
}
