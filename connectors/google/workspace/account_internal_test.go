package workspace

import (
	"testing"

	"github.com/stretchr/testify/require"
	admin "google.golang.org/api/admin/directory/v1"
)

// TestAUserCarriesEveryAddress: those that an administrator gave, and those that Google gives.
func TestAUserCarriesEveryAddress(t *testing.T) {
	t.Parallel()
	u := &admin.User{
		Id: "1", PrimaryEmail: "ada@acme.example", Aliases: []string{"king@acme.example", "Ada.Byron@acme.example"},
		NonEditableAliases: []string{"ada@acme.example.test-google-a.com", "ada@acme.example"},
	}
	a := (&Target{}).account(u, nil, true)
	require.Equal(t, []string{"ada.byron@acme.example", "ada@acme.example.test-google-a.com", "king@acme.example"}, a.Document.Aliases)
}
