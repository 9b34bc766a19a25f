package systems_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// refuses has Google answer as often as times says that its caller may not do something.
func (w *works) refuses(method, path string, times int) {
	w.t.Helper()
	w.fault(control.Fault{
		Method: method, Path: path, Status: 403, Times: times, ContentType: "application/json",
		Body: `{"error":{"code":403,"message":"Not Authorized to access this resource/api",` +
			`"errors":[{"message":"Not Authorized to access this resource/api","domain":"global","reason":"forbidden"}]}}`,
	})
}

// refused carries a step out of which Google refuses a part, and returns what the run is told of it.
func (w *works) refused(in api.SystemInput) string {
	w.t.Helper()
	_, err := w.s.Carry(w.t.Context(), in)
	require.Error(w.t, err)
	var app *temporal.ApplicationError
	require.ErrorAs(w.t, step.ToApplicationErrorSoon(w.t.Context(), err), &app)
	require.Equal(w.t, api.ErrUnauthorized, app.Type())
	var told api.Refused
	require.NoError(w.t, app.Details(&told))
	require.Contains(w.t, app.Message(), told.Objects+": google: ", "the text names it as well")
	return told.Objects
}

// memberOf are the groups of the user, with their ids by their addresses.
func (w *works) memberOf() (addresses []string, ids map[string]string) {
	w.t.Helper()
	u, ids := w.account(), map[string]string{}
	for _, g := range w.directory().Groups {
		if slices.Contains(u.GroupIDs, g.ID) {
			addresses, ids[g.Email] = append(addresses, g.Email), g.ID
		}
	}
	require.Greater(w.t, len(addresses), 2)
	return addresses, ids
}

// TestGroupsBesideARefusedOneAreTakenAndGivenBack: what is done is on record, what is refused is named by its address, and the next
// attempt is about that one alone.
func TestGroupsBesideARefusedOneAreTakenAndGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	groups, ids := w.memberOf()
	stays := groups[0]
	w.refuses("DELETE", "/admin/directory/v1/groups/"+ids[stays]+"/members/**", 2)
	take := w.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: groups})
	require.Equal(t, stays, w.refused(take))
	require.Equal(t, []string{stays}, w.account().Groups)
	require.Equal(t, []string{stays}, w.view().Groups, "the ledger knows what is done")
	mark := w.mark()
	w.open()
	require.Equal(t, stays, w.refused(take))
	require.Empty(t, w.effects(mark))
	w.carry(take)
	require.Empty(t, w.account().Groups)

	w.refuses("POST", "/admin/directory/v1/groups/"+ids[stays]+"/members", 2)
	back := w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: groups, Back: true})
	require.Equal(t, stays, w.refused(back))
	require.ElementsMatch(t, groups[1:], w.account().Groups)
	require.ElementsMatch(t, groups[1:], w.view().Groups)
	mark = w.mark()
	require.Equal(t, stays, w.refused(back))
	require.Empty(t, w.effects(mark))
	w.carry(back)
	require.ElementsMatch(t, groups, w.account().Groups)
}

// TestGroupsBesideARefusedOneAreGiven, and are known to be Gatehouse's.
func TestGroupsBesideARefusedOneAreGiven(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	groups, ids := w.memberOf()
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: groups}))
	w.refuses("POST", "/admin/directory/v1/groups/"+ids[groups[1]]+"/members", 2)
	give := w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: groups})
	given := slices.Delete(slices.Clone(groups), 1, 2)
	for range 2 {
		require.Equal(t, groups[1], w.refused(give))
		require.ElementsMatch(t, given, w.account().Groups)
		require.ElementsMatch(t, given, w.view().Groups)
		require.Subset(t, w.view().Given[identity.ObjectGroup], given)
	}
	w.carry(give)
	require.ElementsMatch(t, groups, w.account().Groups)
	require.ElementsMatch(t, groups, w.view().Given[identity.ObjectGroup])
}

// TestALicenceBesideARefusedOneIsGiven: what is refused is named as the policy names it.
func TestALicenceBesideARefusedOneIsGiven(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}}))
	w.refuses("POST", "/apps/licensing/v1/product/Google-Apps/sku/1010020020/user", -1)
	give := w.order(identity.SystemStep{Kind: identity.SystemAssignLicences, Names: []string{"Enterprise", "Starter"}})
	for range 2 {
		require.Equal(t, "Enterprise", w.refused(give))
		require.Equal(t, []string{"1010020027"}, w.account().Licences)
		require.Contains(t, w.view().Given[identity.ObjectLicence], "Starter")
	}
}

// TestRecoveryBesideARefusedTokenHasThePasswordSetOnceMore: the person may have set one by it, and a token that is refused forever must
// neither keep that nor have it repeated forever.
func TestRecoveryBesideARefusedTokenHasThePasswordSetOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("recovery", w.user, "me@home.example")
	w.hand("grant", w.user, "crm")
	w.hand("app_password", w.user, "printer")
	w.hand("sign_in", w.user, "")
	w.refuses("DELETE", "/admin/directory/v1/users/"+w.user+"/tokens/**", 2)
	revoke := w.leaving(identity.SystemStep{Kind: identity.SystemRevokeGrants})
	before := w.account().Passwords
	for range 2 {
		require.Equal(t, "app crm.apps.googleusercontent.com", w.refused(revoke))
		u := w.account()
		require.Empty(t, u.AppPasswords)
		require.Zero(t, u.Sessions)
		require.Equal(t, before+1, u.Passwords)
		require.NotContains(t, w.view().Done, identity.SystemRevokeGrants, "a part is left to do")
	}
	require.True(t, w.carry(revoke).Recovery, "IT hears of it once the step is done")
	require.Empty(t, w.account().Apps)
	require.Equal(t, before+1, w.account().Passwords)
	require.Contains(t, w.view().Done, identity.SystemRevokeGrants)
}

// TestAProfileAndAPlaceThatAreRefusedAreNamed: nobody may change that user, such as an administrator, whose groups may be changed. A credential
// that is not taken says nothing about the user.
func TestAProfileAndAPlaceThatAreRefusedAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("title", w.user, "Analyst")
	for _, method := range []string{"PUT", "PATCH"} {
		w.refuses(method, "/admin/directory/v1/users/*", -1)
	}
	change := identity.SystemStep{Kind: identity.SystemWriteProfile, Changes: []identity.SystemChange{{
		Attribute: target.AttributeTitle, From: "Analyst", To: "Countess", Normal: "countess",
	}}}
	require.Equal(t, target.AttributeTitle, w.refused(w.order(change)))
	require.Equal(t, "/People", w.refused(w.order(identity.SystemStep{Kind: identity.SystemMove, To: "/People"})))

	require.NoError(t, w.sandbox.ClearFaults(t.Context()))
	for _, method := range []string{"PUT", "PATCH"} {
		w.fault(control.Fault{Method: method, Path: "/admin/directory/v1/users/*", Status: 401, Times: -1})
	}
	_, err := w.s.Carry(t.Context(), w.order(change))
	require.True(t, connectors.IsKind(err, connectors.KindUnauthorized))
	require.NotErrorAs(t, err, new(*connectors.Refusals))
}
