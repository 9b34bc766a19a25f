package ldap

import (
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

func TestObjectGUID(t *testing.T) {
	t.Parallel()
	// The example of MS-DTYP 2.3.4.3: bytes in the order of the wire, and the text that people write.
	raw := []byte{0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0x78, 0x56, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x28}
	const text = "12345678-1234-5678-1234-567812345628"
	e := goldap.NewEntry("cn=x", nil)
	e.Attributes = []*goldap.EntryAttribute{{Name: "objectGUID", ByteValues: [][]byte{raw}, Values: []string{string(raw)}}}
	require.Equal(t, text, objectGUID.of(e))
	require.True(t, objectGUID.valid(text))
	filter := objectGUID.filter(text)
	require.Equal(t, `(objectGUID=\78\56\34\12\34\12\78\56\12\34\56\78\12\34\56\28)`, filter)
	_, err := goldap.CompileFilter(filter)
	require.NoError(t, err)
	for _, wrong := range []string{"", "x", "12345678", `12345678-1234-5678-1234-56781234562*`, "12345678-1234-5678-1234-567812345628 ", "12345678-1234-5678-1234-56781234562G"} {
		require.False(t, objectGUID.valid(wrong), wrong)
	}
	e.Attributes[0].ByteValues = [][]byte{raw[:15]}
	require.Empty(t, objectGUID.of(e))
}

func TestDNsInParts(t *testing.T) {
	t.Parallel()
	for dn, want := range map[string][2]string{
		"uid=a,ou=p": {"uid=a", "ou=p"}, `cn=a\,b,ou=p,dc=x`: {`cn=a\,b`, "ou=p,dc=x"}, `cn=a\\,ou=p`: {`cn=a\\`, "ou=p"}, "dc=x": {"dc=x", ""}, "cn=a, ou=p": {"cn=a", "ou=p"},
	} {
		own, above := splitDN(dn)
		require.Equal(t, want, [2]string{own, above})
	}
	require.Equal(t, normalDN(`CN=a\,B, OU=P`), normalDN(`cn=a\2cb,ou=p`))
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"20261129233000Z": "2026-11-29T23:30:00Z", "20261129233000.0Z": "2026-11-29T23:30:00Z", "132539328000000000": "2021-01-01T00:00:00Z",
		"": "0001-01-01T00:00:00Z", "0": "0001-01-01T00:00:00Z", "soon": "0001-01-01T00:00:00Z",
	} {
		require.Equal(t, want, readTime(text).Format("2006-01-02T15:04:05Z07:00"), text)
	}
}
