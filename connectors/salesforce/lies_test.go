package salesforce_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	sandbox "gatehouse/sandbox/salesforce"
)

func TestARightThatWasLost(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	lost := func(what ...string) { require.NoError(t, o.site.SetSettings(sandbox.Settings{Lost: what})) }
	for _, what := range []string{sandbox.ManageUsers, "User.FederationIdentifier", "User.IsActive", "User." + sandbox.ExternalID, "UserLogin.IsFrozen"} {
		lost(what)
		_, err := o.target().Read(t.Context(), target.ReadRequest{ID: id})
		e := kindOf(t, err)
		require.Equal(t, [2]string{string(connectors.KindUnauthorized), "right_missing"}, [2]string{string(e.Kind), e.Code}, what)
		require.Contains(t, err.Error(), "docs/salesforce.md")
		_, err = o.target().List(t.Context(), target.ListRequest{})
		require.Equal(t, connectors.KindUnauthorized, kindOf(t, err).Kind, what)
	}
	// What only reads does not hold up the end of access, where no account can be protected.
	open := salesforce.NewTarget(o.client(func(o *salesforce.Options) { o.Protected = nil }))
	for i, what := range []string{"User.FederationIdentifier", "UserLogin.IsFrozen", sandbox.ViewSetup} {
		lost(what)
		leaver := o.add(fmt.Sprint("leaver", i))
		_, err := open.Suspend(t.Context(), target.Write{ID: leaver})
		require.NoError(t, err, what)
		require.False(t, o.look(leaver).CanSignIn, what)
	}
	lost(sandbox.ViewSetup)
	a, err := o.target().Read(t.Context(), target.ReadRequest{ID: id})
	require.NoError(t, err)
	require.False(t, a.Whole, "nobody has no permission set, not even that of the profile")
	lost(sandbox.AssignPermissionSets)
	a, err = o.target().Read(t.Context(), target.ReadRequest{ID: id})
	require.NoError(t, err)
	require.True(t, a.Whole)
	err = o.target().Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: id}, From: a.Memberships})
	require.Equal(t, connectors.KindUnauthorized, kindOf(t, err).Kind)
	lost(sandbox.ViewAllUsers)
	_, err = o.target().Read(t.Context(), target.ReadRequest{ID: id})
	require.Equal(t, connectors.KindNotFound, kindOf(t, err).Kind, "as Salesforce says it: one such answer is no proof")
}

func TestListsThatLie(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		o.add(name)
	}
	everybody := o.all()
	whole := 0
	walk := func() (ids []string, total int, err error) {
		whole = 0
		in, org := target.ListRequest{}, o.target()
		for range 100 {
			page, err := org.List(t.Context(), in)
			if err != nil {
				return nil, 0, err
			}
			for _, a := range page.Accounts {
				if a.Whole {
					require.ElementsMatch(t, o.look(a.Ref.ID).Memberships, a.Memberships)
					whole++
				}
				ids = append(ids, a.Ref.ID)
			}
			if in.Cursor = page.Next; in.Cursor == "" {
				return ids, page.Total, nil
			}
		}
		t.Fatal("no end")
		return nil, 0, nil
	}
	const page = 4
	for name, lie := range map[string]sandbox.Settings{
		"none": {PageSize: page}, "first page": {PageSize: 4, FirstPage: true}, "first page, silently": {PageSize: 4, FirstPage: true, Silent: true},
	} {
		require.NoError(t, o.site.SetSettings(lie))
		ids, total, err := walk()
		if err != nil {
			require.Equal(t, connectors.KindMalformed, kindOf(t, err).Kind, name)
			continue
		}
		require.Equal(t, everybody, ids, name)
		require.Equal(t, len(everybody), total, name)
		require.Equal(t, name == "none", whole == len(everybody), "what is cut off is not whole")
	}
	for name, lie := range map[string]sandbox.Settings{
		"doubled pages": {PageSize: 4, Doubled: true}, "no users": {Empty: []string{sandbox.User}},
	} {
		require.NoError(t, o.site.SetSettings(lie))
		_, _, err := walk()
		require.Equal(t, connectors.KindMalformed, kindOf(t, err).Kind, name)
	}
	for _, empty := range []string{sandbox.UserLogin, sandbox.PermissionSetAssignment} {
		require.NoError(t, o.site.SetSettings(sandbox.Settings{Empty: []string{empty}}))
		got, err := o.target().List(t.Context(), target.ListRequest{})
		require.NoError(t, err)
		for _, a := range got.Accounts {
			require.False(t, a.Whole, "without %s nothing is whole", empty)
		}
	}
}

func TestWhatWasChangedLately(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	frozen, given, untouched := o.add("frozen"), o.add("given"), o.add("untouched")
	o.ground.Advance(time.Hour)
	since := o.ground.Now().Add(-time.Minute)
	require.NoError(t, o.site.Freeze(frozen))
	require.NoError(t, o.target().Give(t.Context(), target.GiveRequest{Write: target.Write{ID: given}, Roles: []string{o.site.SetIDs()["Edit Opportunities"]}}))
	changed := []string{frozen, given}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		changed = append(changed, o.add(name))
	}
	require.NoError(t, o.site.SetSettings(sandbox.Settings{PageSize: 3}))
	got, err := o.target().List(t.Context(), target.ListRequest{Since: since})
	require.NoError(t, err)
	var ids []string
	for _, a := range got.Accounts {
		ids = append(ids, a.Ref.ID)
	}
	require.ElementsMatch(t, changed, ids, "neither changes the user")
	require.NotContains(t, ids, untouched)
	require.Equal(t, len(changed), got.Total)
}

func TestARequestLimit(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	require.NoError(t, o.site.SetSettings(sandbox.Settings{DailyRequests: 1000}))
	o.site.SetUsed(750)
	org := o.target()
	_, err := org.Read(t.Context(), target.ReadRequest{ID: id})
	require.NoError(t, err)
	_, err = org.List(t.Context(), target.ListRequest{})
	e := kindOf(t, err)
	require.Equal(t, connectors.KindRateLimited, e.Kind, "nobody waits for a list")
	require.Positive(t, e.RetryAfter)
	_, err = org.Suspend(t.Context(), target.Write{ID: id})
	require.NoError(t, err, "what ends access is always sent")
	o.site.SetUsed(1000)
	_, err = org.Read(t.Context(), target.ReadRequest{ID: id})
	require.Equal(t, [2]string{string(connectors.KindRateLimited), "REQUEST_LIMIT_EXCEEDED"}, [2]string{string(kindOf(t, err).Kind), kindOf(t, err).Code})
}
