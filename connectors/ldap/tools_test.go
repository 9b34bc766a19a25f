package ldap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sandbox "gatehouse/sandbox/ldap"
	"gatehouse/test/directories"
)

// TestOpenLDAPsOwnTools speaks to the sandbox with programs that nobody here wrote.
func TestOpenLDAPsOwnTools(t *testing.T) {
	t.Parallel()
	directories.Program(t, "ldap-utils", "/usr/bin/ldapsearch")
	server, err := sandbox.Start(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, server.CA, 0o600))
	tool := func(wantCode int, in, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command("/usr/bin/"+name, append([]string{"-x", "-ZZ", "-H", server.URL(), "-D", sandbox.BindDN, "-w", sandbox.Password}, args...)...)
		cmd.Env = []string{"LDAPTLS_CACERT=" + ca}
		cmd.Stdin = strings.NewReader(in)
		out, _ := cmd.CombinedOutput()
		require.Equal(t, wantCode, cmd.ProcessState.ExitCode(), "%s: %s", name, out)
		return string(out)
	}
	grace := "uid=grace," + sandbox.People
	tool(0, "dn: "+grace+"\nobjectClass: inetOrgPerson\nuid: grace\ncn:: R3LDpGNl\nsn: H\ntitle: Admiral\n\ndn: cn=navy,"+sandbox.Groups+"\nobjectClass: groupOfNames\ncn: navy\nmember: "+grace+"\n", "ldapadd")
	tool(68, "dn: "+grace+"\nobjectClass: inetOrgPerson\nuid: grace\ncn: G\nsn: H\n", "ldapadd")
	found := tool(0, "", "ldapsearch", "-LLL", "-b", sandbox.People, "-E", "pr=1/noprompt", "(&(uid=GRACE)(title=adm*))", "cn", "entryUUID")
	require.Contains(t, found, "dn: "+grace)
	require.Contains(t, found, "cn:: R3LDpGNl")
	require.Contains(t, found, "entryUUID: ")
	tool(0, "dn: "+grace+"\nchangetype: modify\ndelete: title\ntitle: Admiral\n-\nadd: title\ntitle: Rear Admiral\n-\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n", "ldapmodify")
	tool(16, "dn: "+grace+"\nchangetype: modify\ndelete: title\ntitle: Admiral\n", "ldapmodify")
	tool(17, "dn: "+grace+"\nchangetype: modify\nadd: shoeSize\nshoeSize: 7\n", "ldapmodify")
	require.Contains(t, tool(0, "", "ldapsearch", "-LLL", "-b", grace, "-s", "base", "+"), "pwdAccountLockedTime: 000001010000Z")
	tool(0, "", "ldappasswd", "-s", "a-long-password", grace)
	tool(1, "", "ldappasswd", "-s", "short", grace)
	tool(0, "", "ldapmodrdn", "-r", grace, "uid=hopper")
	tool(32, "", "ldapdelete", grace)
	tool(0, "", "ldapdelete", "uid=hopper,"+sandbox.People)
	tool(49, "", "ldapsearch", "-w", "wrong", "-b", sandbox.People)
}
