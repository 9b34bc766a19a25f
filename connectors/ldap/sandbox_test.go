package ldap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
	sandbox "gatehouse/sandbox/ldap"
	"gatehouse/test/directories"
)

// simulated starts the sandbox's directory.
func simulated(t *testing.T) (*directory, *sandbox.Server) {
	t.Helper()
	d := &directory{}
	server, err := sandbox.Start(sandbox.Options{Implicit: true, Clock: d.Now, TokenLength: 3})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	pair, ca, _, _ := directories.Certificate(t)
	d.Kind, d.Root, d.BindDN, d.Password, d.AdminDN, d.AdminPassword = ldap.OpenLDAP, sandbox.Suffix, sandbox.BindDN, sandbox.Password, sandbox.BindDN, sandbox.Password
	d.Pair, d.CA, d.Dial = pair, ca, directories.Insecure(server.URL()[len("ldaps://"):])
	return d, server
}

func TestOnTheSandbox(t *testing.T) {
	t.Parallel()
	d, _ := simulated(t)
	held(t, d, nil, byStamps)
	t.Run("passwords without parts of names", func(t *testing.T) { passwordsWithoutNames(t, newHouse(t, d)) })
}
