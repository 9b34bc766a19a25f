package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestRenameTakesTheNextFreeName: a name that is taken in OneLogin, or was somebody else's once, goes to nobody else.
func TestRenameTakesTheNextFreeName(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	_, err := r.app.Ledger.People().ReserveUsername(t.Context(), "once.somebodys@acme.example", "workday-9")
	require.NoError(t, err)
	names := []string{r.account("workday-21003").Username, "once.somebodys@acme.example", "fresh.name@acme.example"}
	r.must(api.OneLoginEnsureRenamed, api.RenameInput{AccountInput: in, Usernames: names})
	require.Equal(t, "fresh.name@acme.example", r.account("workday-21002").Username)
	require.Equal(t, "fresh.name@acme.example", r.account("workday-21002").Email)
	_, err = r.run(api.OneLoginEnsureRenamed, api.RenameInput{AccountInput: in, Usernames: names[:2]})
	require.ErrorContains(t, err, "all 2 usernames of the naming rule are taken")
}

// TestKeptRolesEndWithTheGrant: what a mover keeps is a grant that ends by itself, and goes at once when they leave.
func TestKeptRolesEndWithTheGrant(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	known(r, "workday-21002")
	in := api.KeepRolesInput{OrderID: "overlap/1", Key: "workday-21002", Roles: []string{"GitHub"}, At: monday, Until: monday.Add(day)}
	for range 2 {
		r.must(api.PersonKeep, in)
	}
	d, _, err := r.app.Ledger.Dossier(t.Context(), in.Key)
	require.NoError(t, err)
	require.Len(t, d.Orders, 1)
	require.Equal(t, []string{"GitHub"}, d.Orders[0].Given)
	require.Equal(t, identity.RuleOverlap, d.Orders[0].Rule)
	r.hr("workday", "terminate", "21002", nil)
	require.Equal(t, identity.VerdictLeave, r.assess(in.Key).Plan.Verdict)
	d, _, err = r.app.Ledger.Dossier(t.Context(), in.Key)
	require.NoError(t, err)
	require.Empty(t, d.Orders, "somebody who comes back starts from policy")
}
