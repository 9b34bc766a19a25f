package ldap

import (
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

// TestAnEntryCarriesEveryAddress: further values of mail, and of what Exchange delivers under only the addresses of mail.
func TestAnEntryCarriesEveryAddress(t *testing.T) {
	t.Parallel()
	e := goldap.NewEntry("cn=ada", map[string][]string{
		"Mail":           {"ada@acme.example", "old@acme.example"},
		"proxyAddresses": {"SMTP:ada@acme.example", "smtp:king@acme.example", "sip:ada@voice.example", "X500:/o=acme/cn=ada", "odd"},
	})
	require.Equal(t, []string{"ada@acme.example", "old@acme.example", "ada@acme.example", "king@acme.example"}, addressesOf(e))
}
