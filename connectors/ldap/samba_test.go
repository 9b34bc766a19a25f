package ldap_test

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

// samba starts an Active Directory domain controller with nothing but its directory. Its ports cannot be chosen, so that it
// has an address of loopback to itself.
func samba(t *testing.T) *directory {
	t.Helper()
	path := program(t, "samba samba-ad-dc", "/usr/sbin/samba")
	tool := program(t, "samba samba-ad-dc", "/usr/bin/samba-tool")
	if os.Getuid() != 0 {
		t.Skip("samba listens on port 636, which takes root")
	}
	var own [3]byte
	_, err := rand.Read(own[:])
	require.NoError(t, err)
	address := net.IPv4(127, 1+own[0]%250, own[1], 1+own[2]%250)
	pair, ca, certFile, keyFile := certificate(t, address)
	dir := t.TempDir()
	out, err := exec.Command(tool, "domain", "provision", "--realm=ACME.EXAMPLE", "--domain=ACME", "--server-role=dc", "--dns-backend=NONE",
		"--adminpass=Admin-Passw0rd", "--targetdir="+dir, "--host-ip=127.0.0.1", "--host-name=dc").CombinedOutput()
	require.NoError(t, err, "%s", out)
	conf := filepath.Join(dir, "smb.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, smbConf, dir, address, certFile, keyFile), 0o600))
	start(t, exec.Command(path, "-i", "-M", "single", "--debug-stdout", "-s", conf))
	d := &directory{
		kind: ldap.ActiveDirectory, root: "DC=acme,DC=example", pair: pair, ca: ca,
		bindDN: "CN=gatehouse,CN=Users,DC=acme,DC=example", password: "Gatehouse-Passw0rd",
		adminDN: "CN=Administrator,CN=Users,DC=acme,DC=example", adminPassword: "Admin-Passw0rd",
		startTLS: fmt.Sprintf("ldap://%s:389", address), dial: insecure(address.String() + ":636"),
	}
	d.await(t)
	d.add(t, d.bindDN, "objectClass: user", "sAMAccountName: gatehouse", "userAccountControl: 66048", "unicodePwd: "+utf16Quoted(d.password))
	conn := d.admin(t)
	for _, group := range []string{"CN=Account Operators,CN=Builtin,"} {
		require.NoError(t, conn.Modify(memberOf(group+d.root, d.bindDN)))
	}
	return d
}

func TestOnSamba(t *testing.T) {
	t.Parallel()
	held(t, samba(t), realTime)
}
