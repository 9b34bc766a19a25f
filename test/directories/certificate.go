package directories

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/socket"
)

// Certificate makes one for this machine, with its key, and writes both as files too.
func Certificate(t testing.TB, addresses ...net.IP) (pair tls.Certificate, ca []byte, certFile, keyFile string) {
	t.Helper()
	pair, ca, err := socket.SelfSigned("localhost", addresses...)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(certFile, ca, 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return pair, ca, certFile, keyFile
}

// UTF16Quoted is a password as Active Directory takes it.
func UTF16Quoted(password string) string {
	var b strings.Builder
	for _, c := range `"` + password + `"` {
		b.WriteByte(byte(c))
		b.WriteByte(0)
	}
	return b.String()
}

// MemberOf puts one DN into a group.
func MemberOf(group, member string) *goldap.ModifyRequest {
	req := goldap.NewModifyRequest(group, nil)
	req.Add("member", []string{member})
	return req
}
