package ldap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
	sandbox "gatehouse/sandbox/ldap"
)

// simulated starts the sandbox's directory.
func simulated(t *testing.T) (*directory, *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Implicit: true})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	pair, ca, _, _ := certificate(t)
	return &directory{
		kind: ldap.OpenLDAP, root: sandbox.Suffix, bindDN: sandbox.BindDN, password: sandbox.Password,
		adminDN: sandbox.BindDN, adminPassword: sandbox.Password, pair: pair, ca: ca,
		dial: insecure(server.URL()[len("ldaps://"):]),
	}, server
}

func TestOnTheSandbox(t *testing.T) {
	t.Parallel()
	d, _ := simulated(t)
	held(t, d, realTime)
}
