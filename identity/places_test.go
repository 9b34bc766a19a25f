package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestPlacesOfATree(t *testing.T) {
	t.Parallel()
	require.True(t, identity.SamePlace("ou=People,dc=Acme", "OU = people, DC=acme"))
	require.True(t, identity.SamePlace("/Sales/", "/sales"))
	require.False(t, identity.SamePlace("/Sales", "/Sales/EMEA"))
	require.False(t, identity.SamePlace("ou=a,dc=b", "ou=ab,dc="))
}
