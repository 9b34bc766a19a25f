package systems_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/salesforce"
	"gatehouse/identity"
)

// TestAnAccountIsMadeWithoutWhatIsRefused of its values, as far as the system does not demand it, and says so as often as it is asked for.
func TestAnAccountIsMadeWithoutWhatIsRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("of everything ", 12)
	for name, tt := range map[string]struct {
		title, department string
		without           string
		hasDepartment     string
	}{
		"nothing is refused": {title: "Analyst", department: "Sales", hasDepartment: "Sales"},
		"one value":          {title: long, department: "Sales", without: "it does not take the title", hasDepartment: "Sales"},
		"two values":         {title: long, department: long, without: "something of title, department, phone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, site, _ := org(t)
			in := api.SystemInput{Key: w.newcomer().Key, Episode: 1, System: salesforce.System, Step: identity.SystemStep{
				Kind: identity.SystemCreate, Profile: "Sales User", Account: &identity.Account{
					Username: "grace@acme.example.crm", Email: "grace@acme.example", FirstName: "Grace", LastName: "Hopper",
					Title: tt.title, Department: tt.department, Phone: "+49 30 1",
				},
			}}
			var id string
			for range 2 {
				state := w.carry(in)
				require.True(t, id == "" || state.Ref.ID == id, "one account")
				id = state.Ref.ID
				if tt.without == "" {
					require.Empty(t, state.Left)
				} else {
					require.Len(t, state.Left, 1)
					require.Contains(t, state.Left[0], tt.without)
					require.NotContains(t, state.Left[0], "everything", "values are people's")
				}
			}
			u, found := site.ByID(id)
			require.True(t, found)
			require.Equal(t, tt.hasDepartment, u.Department)
			row, _, err := w.l.Inventory().Account(t.Context(), identity.Ref{System: salesforce.System, ID: id})
			require.NoError(t, err)
			require.True(t, row.CreatedByUs)
		})
	}
}

// TestNoAccountIsMadeWithoutWhatIsDemanded, and what is said is about the whole document.
func TestNoAccountIsMadeWithoutWhatIsDemanded(t *testing.T) {
	t.Parallel()
	w, site, _ := org(t)
	before := len(site.State().Users)
	w.fails(api.SystemInput{Key: w.newcomer().Key, Episode: 1, System: salesforce.System, Step: identity.SystemStep{
		Kind: identity.SystemCreate, Profile: "Sales User", Account: &identity.Account{
			Username: "grace@acme.example.crm", Email: "grace@acme.example", FirstName: "Grace", LastName: strings.Repeat("Hopper", 20), Title: "Admiral",
		},
	}}, api.ErrInvalid)
	require.Len(t, site.State().Users, before)
}
