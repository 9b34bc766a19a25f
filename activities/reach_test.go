package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestFirstDepartureReadsEachAccountOnce: the search of everything known reads nothing again that was read a moment ago.
func TestFirstDepartureReadsEachAccountOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21002"
	account := r.account(key)
	newUser(r, onelogin.NewUser{Username: "adm-x@acme.example", Email: account.Email, FirstName: account.FirstName, LastName: account.LastName})
	r.setStatus(account.ID, 2)
	roles, err := r.vendors.Catalog.RoleIDs(t.Context(), account.Roles)
	require.NoError(t, err)
	require.NoError(t, r.vendors.OneLogin.RemoveRoles(t.Context(), account.ID, roles))
	r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today", "involuntary": true})
	mark := r.mark()
	a := r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict, "the further account is theirs: %v", codes(a))
	require.Equal(t, 2, r.calls(mark, "onelogin.get_user"))
}
