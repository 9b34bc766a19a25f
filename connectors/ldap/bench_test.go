package ldap_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/test/directories"
)

// BenchmarkList lists a company of 1,000, or of as many as GATEHOUSE_LDAP_PEOPLE says, at OpenLDAP's server.
func BenchmarkList(b *testing.B) {
	people := 1000
	if text := os.Getenv("GATEHOUSE_LDAP_PEOPLE"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(b, err)
		people = n
	}
	o := crowd(b, people)
	for b.Loop() {
		c, err := ldap.New(o)
		require.NoError(b, err)
		in, listed := target.ListRequest{}, 0
		for {
			page, err := c.List(b.Context(), in)
			require.NoError(b, err)
			if listed += len(page.Accounts); page.Next == "" {
				break
			}
			in.Cursor = page.Next
		}
		require.Equal(b, people, listed)
		c.Close()
	}
}

// crowd is a server that people were loaded into before it began.
func crowd(b *testing.B, people int) ldap.Options {
	b.Helper()
	d := &directory{}
	conf, dir := directories.SlapdFiles(b, d)
	var text strings.Builder
	fmt.Fprintf(&text, "dn: %[1]s\nobjectClass: dcObject\nobjectClass: organization\ndc: acme\no: Acme\n\ndn: ou=people,%[1]s\nobjectClass: organizationalUnit\nou: people\n\n", root)
	fmt.Fprintf(&text, "dn: ou=groups,%[1]s\nobjectClass: organizationalUnit\nou: groups\n\ndn: %[2]s\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: gatehouse\nuserPassword: %[3]s\n\n", root, d.BindDN, d.Password)
	for n := range people {
		fmt.Fprintf(&text, "dn: uid=p%[1]d,ou=people,%[2]s\nobjectClass: inetOrgPerson\nuid: p%[1]d\ncn: P %[1]d\nsn: P\nmail: p%[1]d@acme.example\nemployeeNumber: %[1]d\ntitle: Tester\n\n", n, root)
	}
	for n := range people/50 + 1 {
		fmt.Fprintf(&text, "dn: cn=g%d,ou=groups,%s\nobjectClass: groupOfNames\ncn: g%d\n", n, root, n)
		for m := range 100 {
			fmt.Fprintf(&text, "member: uid=p%d,ou=people,%s\n", (n*50+m)%max(people, 100), root)
		}
		text.WriteString("\n")
	}
	file := filepath.Join(dir, "crowd.ldif")
	require.NoError(b, os.WriteFile(file, []byte(text.String()), 0o600))
	out, err := exec.Command("/usr/sbin/slapadd", "-q", "-f", conf, "-l", file).CombinedOutput()
	require.NoError(b, err, "%s", out)
	encrypted := directories.SlapdRuns(b, d, conf)
	return ldap.Options{
		Kind: ldap.OpenLDAP, URL: fmt.Sprintf("ldaps://127.0.0.1:%d", encrypted), CA: d.CA, BindDN: d.BindDN, Password: d.Password,
		People: "ou=people," + root, Groups: "ou=groups," + root,
	}
}
