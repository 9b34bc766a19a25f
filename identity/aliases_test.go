package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestAliases(t *testing.T) {
	t.Parallel()
	a := identity.Account{Username: "ada", Email: "Ada@acme.example", UserPrincipalName: "ada@corp.acme.example"}
	shown := []string{"z@acme.example", "ada@ACME.example", " B@acme.example", "b@acme.example", "", "ada@corp.acme.example"}
	require.Equal(t, []string{"b@acme.example", "z@acme.example"}, identity.Aliases(a, shown))
	require.Empty(t, identity.Aliases(a, []string{"ada@acme.example"}))
}
