package settle

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// aliased adds a user to Google who has an address as an alias, which the account of who had before is rid of.
func (h *house) aliased(who, email, given, family string) (other string) {
	mail := h.oneLogin(who).Email
	id := h.user(h.inGoogle(who)).ID
	h.google("PATCH", "users/"+id, `{"primaryEmail":"gone-for-good@acme.example"}`, "admin.directory.user")
	h.google("DELETE", "users/"+id+"/aliases/"+mail, "", "admin.directory.user")
	h.hand("delete", id, "")
	other, err := h.sandbox.GoogleHand(h.t.Context(), control.GoogleOrder{Do: "add", Person: control.GooglePerson{Email: email, Given: given, Family: family}})
	require.NoError(h.t, err)
	h.google("POST", "users/"+other+"/aliases", fmt.Sprintf(`{"alias":%q}`, mail), "admin.directory.user")
	return other
}

// boundToDirectory is a connection to the directory with the rights of Gatehouse.
func (h *house) boundToDirectory() *ldap.Conn {
	c := h.config.Systems.LDAP
	pem, err := os.ReadFile(c.CAFile)
	require.NoError(h.t, err)
	trusted := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	trusted.RootCAs.AppendCertsFromPEM(pem)
	conn, err := ldap.DialURL(c.URL, ldap.DialWithTLSConfig(trusted))
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = conn.Close() })
	if strings.HasPrefix(c.URL, "ldap://") {
		require.NoError(h.t, conn.StartTLS(trusted))
	}
	require.NoError(h.t, conn.Bind(c.BindDN, c.Password.Reveal()))
	return conn
}

// TestAnAliasThatIsALeaversAddressIsAskedAbout: Google keeps the old address of whoever was renamed as an alias, while OneLogin and HR
// know the old one.
func TestAnAliasThatIsALeaversAddressIsAskedAbout(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	other := h.aliased(who, "esther.married@acme.example", "Esther", "Married")
	h.pass()
	h.leaves(who)
	h.days()
	require.True(t, h.told(other), "the account with the leaver's own address as alias is open, and nobody was told")
	require.True(t, h.user(other).OwnPassword, "an alias proves nothing: the account is not closed by it")
}

// TestASecondMailAddressOfALeaverIsAskedAbout: an entry that nobody has matched has the leaver's address beside another one.
func TestASecondMailAddressOfALeaverIsAskedAbout(t *testing.T) {
	h := newHouse(t)
	who := h.of("Marketing")
	conn := h.boundToDirectory()
	server, err := h.sandbox.LDAP(t.Context())
	require.NoError(t, err)
	dn := "uid=q7," + server.People
	add := ldap.NewAddRequest(dn, nil)
	add.Attribute("objectClass", []string{"inetOrgPerson"})
	add.Attribute("uid", []string{"q7"})
	add.Attribute("cn", []string{"Q Seven"})
	add.Attribute("sn", []string{"Seven"})
	add.Attribute("mail", []string{"q7@acme.example", h.oneLogin(who).Email})
	require.NoError(t, conn.Add(add))
	h.pass()
	h.leaves(who)
	h.days()
	entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
	require.NoError(t, err)
	require.True(t, h.told(entry["entryuuid"][0]), "an entry with the leaver's address is open, and nobody was told")
	require.Empty(t, entry["pwdaccountlockedtime"], "a further address proves nothing: the entry is not closed by it")
}

// TestAManagerWhoGetsALeaversMailIsNotAskedAbout: the leaver's address becomes an alias of the manager's account, whose it stays.
func TestAManagerWhoGetsALeaversMailIsNotAskedAbout(t *testing.T) {
	h := newHouse(t)
	boss, who := "workday-21001", h.of("Marketing")
	id := h.user(h.inGoogle(boss)).ID
	mail := h.oneLogin(who).Email
	h.pass()
	h.leaves(who)
	h.days()
	gone := h.user(h.inGoogle(who)).ID
	h.google("PATCH", "users/"+gone, `{"primaryEmail":"gone-for-good@acme.example"}`, "admin.directory.user")
	h.google("DELETE", "users/"+gone+"/aliases/"+mail, "", "admin.directory.user")
	h.google("POST", "users/"+id+"/aliases", fmt.Sprintf(`{"alias":%q}`, mail), "admin.directory.user")
	h.days()
	row, _, err := h.app.Ledger.Inventory().Account(t.Context(), identity.Ref{System: "google", ID: id})
	require.NoError(t, err)
	require.Contains(t, row.Document.Aliases, mail)
	require.Equal(t, boss, row.Person)
	require.Equal(t, identity.AccountLinked, row.State)
	require.True(t, h.user(id).OwnPassword)
	require.False(t, h.told("google/"+id))
	require.False(t, h.told("google:"+id))
}
