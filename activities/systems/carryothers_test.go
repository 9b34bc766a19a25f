package systems_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
	sandboxldap "gatehouse/sandbox/ldap"
	sandbox "gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/tenant"
)

// beside adds a system to the works, with an account of Ada's there.
func (w *works) beside(name string, system target.System, id string, objects ...ledgersystems.Object) {
	w.t.Helper()
	w.s.Targets[name] = system
	require.NoError(w.t, w.l.Inventory().LinkAccount(w.t.Context(), inventory.LinkAccount{
		Ref: identity.Ref{System: name, ID: id}, Person: ada, Use: identity.UsePrimary, By: "test",
	}))
	byKind := map[identity.SystemObjectKind][]ledgersystems.Object{}
	for _, o := range objects {
		byKind[o.Kind] = append(byKind[o.Kind], o)
	}
	for kind, some := range byKind {
		require.NoError(w.t, w.l.Systems().PutObjects(w.t.Context(), name, kind, w.now(), 0, some))
	}
}

// in is a step about Ada's account in a system.
func (w *works) in(system, id string, s identity.SystemStep, leaving bool) api.SystemInput {
	return api.SystemInput{Key: ada, Episode: 1, System: system, Account: id, Step: s, Leaving: leaving, At: w.now()}
}

// shown is what the ledger knows of Ada's account in a system.
func (w *works) shown(system string) identity.SystemAccount {
	w.t.Helper()
	views, err := w.l.Systems().Views(w.t.Context(), ada, 1, "", []string{system})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, views[0].Accounts)
	return views[0].Accounts[0]
}

// org is a Salesforce with a user of Ada's.
func org(t *testing.T) (w *works, site *sandbox.Salesforce, id string) {
	t.Helper()
	w = newWorks(t, "")
	ground := tenant.New(nil, 1)
	site = sandbox.New(ground, sandbox.Key{})
	server := httptest.NewServer(ground.Handler(site.Vendor()))
	t.Cleanup(server.Close)
	id, err := site.AddUser(sandbox.Person{
		Username: "ada@acme.example.crm", FirstName: "Ada", LastName: "Lovelace", Title: "Analyst", ExternalID: ada, Sets: []string{"Export Reports"},
	})
	require.NoError(t, err)
	client, err := salesforce.New(salesforce.Options{
		BaseURL: server.URL + "/salesforce", ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret,
		New: salesforce.Defaults{ProfileID: site.ProfileID(sandbox.ProfileStandard)},
	})
	require.NoError(t, err)
	objects := []ledgersystems.Object{{Kind: identity.ObjectProfile, ID: site.ProfileID(sandbox.ProfileSales), Name: "Sales User"}}
	for label, set := range site.SetIDs() {
		objects = append(objects, ledgersystems.Object{Kind: identity.ObjectRole, ID: set, Name: strings.ReplaceAll(label, " ", "_")})
	}
	w.beside(salesforce.System, salesforce.NewTarget(client), id, objects...)
	return w, site, id
}

// TestADeactivationThatIsRefused: whoever is frozen cannot sign in; what is left to do by hand is said, and said again.
func TestADeactivationThatIsRefused(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	require.NoError(t, site.Hold("ada@acme.example.crm", "something undocumented"))
	in := w.in(salesforce.System, id, identity.SystemStep{Kind: identity.SystemSuspend}, true)
	for range 2 {
		state := w.carry(in)
		require.Len(t, state.Left, 1)
		require.NotContains(t, strings.ToLower(state.Left[0]), "lovelace")
		require.Equal(t, "suspended", state.Status)
		u, _ := site.ByID(id)
		require.True(t, u.Frozen && u.Active)
		require.False(t, u.CanSignIn)
		require.True(t, w.shown(salesforce.System).SuspendedByUs)
		require.Equal(t, identity.AccountSuspended, w.shown(salesforce.System).Document.Status)
		require.Contains(t, w.shown(salesforce.System).Done, identity.SystemSuspend, "it is not asked for by itself again")
	}
	require.NoError(t, site.Hold("ada@acme.example.crm"))
	require.Empty(t, w.carry(in).Left)
	u, _ := site.ByID(id)
	require.False(t, u.Active)
}

// TestWhoIsFrozenIsDeactivated: an administrator froze the user before they left. Whose the freeze is does not change.
func TestWhoIsFrozenIsDeactivated(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	require.NoError(t, site.Freeze(id))
	w.carry(w.in(salesforce.System, id, identity.SystemStep{Kind: identity.SystemRemoveRoles, Names: []string{"Export_Reports"}}, true))
	require.True(t, w.shown(salesforce.System).Document.Frozen)
	require.True(t, w.carry(w.in(salesforce.System, id, identity.SystemStep{Kind: identity.SystemSuspend}, true)).Changed)
	u, _ := site.ByID(id)
	require.False(t, u.Active)
	require.False(t, w.shown(salesforce.System).Document.Frozen)
	require.False(t, w.shown(salesforce.System).SuspendedByUs)
}

// TestWhatIsNotShownIsNotConcluded: the org shows no permission set any more. What is held there all the same is not taken for taken, and
// is not given a second time as Gatehouse's own.
func TestWhatIsNotShownIsNotConcluded(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	step := func(kind identity.SystemStepKind) api.SystemInput {
		return w.in(salesforce.System, id, identity.SystemStep{Kind: kind, Names: []string{"View_Forecasts"}}, false)
	}
	w.carry(step(identity.SystemAddRoles))
	require.NoError(t, site.SetSettings(sandbox.Settings{Empty: []string{"PermissionSetAssignment"}}))
	w.fails(step(identity.SystemRemoveRoles), api.ErrUnavailable)
	require.Equal(t, []string{"View_Forecasts"}, w.shown(salesforce.System).Given[identity.ObjectRole])
	other := step(identity.SystemAddRoles)
	other.Step.Names = []string{"Export_Reports"}
	w.fails(other, api.ErrUnavailable)
	require.Equal(t, []string{"View_Forecasts"}, w.shown(salesforce.System).Given[identity.ObjectRole])

	require.NoError(t, site.SetSettings(sandbox.Settings{}))
	w.carry(step(identity.SystemRemoveRoles))
	require.Empty(t, w.shown(salesforce.System).Given)
	u, _ := site.ByID(id)
	require.Equal(t, []string{"Export Reports"}, u.Sets)
}

// TestPermissionSetsAndProfiles are given by their names.
func TestPermissionSetsAndProfiles(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	for range 2 {
		w.carry(w.in(salesforce.System, id, identity.SystemStep{Kind: identity.SystemAddRoles, Names: []string{"View_Forecasts", "Export_Reports"}}, false))
		w.carry(w.in(salesforce.System, id, identity.SystemStep{Kind: identity.SystemWriteProfile, Changes: []identity.SystemChange{
			{Attribute: target.AttributeProfile, To: "Sales User", Normal: "Sales User"}, {Attribute: target.AttributeTitle, From: "Analyst", To: "Countess", Normal: "Countess"},
		}}, false))
		u, _ := site.ByID(id)
		require.ElementsMatch(t, []string{"View Forecasts", "Export Reports"}, u.Sets)
		require.Equal(t, sandbox.ProfileSales, u.Profile)
		require.Equal(t, "Countess", u.Title)
		require.Equal(t, []string{"View_Forecasts"}, w.shown(salesforce.System).Given[identity.ObjectRole])
		require.ElementsMatch(t, []string{"View_Forecasts", "Export_Reports"}, w.shown(salesforce.System).Roles)
	}
	for range 2 {
		w.carry(w.in(salesforce.System, id, identity.SystemStep{Kind: identity.SystemRemoveRoles, Names: []string{"View_Forecasts", "Export_Reports"}}, true))
		u, _ := site.ByID(id)
		require.Empty(t, u.Sets)
		require.Empty(t, w.shown(salesforce.System).Given)
	}
	made := w.carry(api.SystemInput{Key: w.newcomer().Key, Episode: 1, System: salesforce.System, Step: identity.SystemStep{
		Kind: identity.SystemCreate, Profile: "Sales User", Account: &identity.Account{
			Username: "grace@acme.example.crm", Email: "grace@acme.example", FirstName: "Grace", LastName: "Hopper",
		},
	}})
	u, _ := site.ByID(made.Ref.ID)
	require.Equal(t, sandbox.ProfileSales, u.Profile)
	require.Equal(t, grace, u.ExternalID)
}

// TestTheDirectoryFollows: a person is closed, moved and taken out of groups there, each twice, with replies that are lost.
func TestTheDirectoryFollows(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	server, err := sandboxldap.Start(sandboxldap.Options{Implicit: true})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	people, groups := "ou=people,"+sandboxldap.Suffix, "ou=groups,"+sandboxldap.Suffix
	require.NoError(t, server.Add("ou=leavers,"+people, "objectClass: organizationalUnit"))
	entry := "uid=ada," + people
	require.NoError(t, server.Add(entry, "objectClass: inetOrgPerson", "uid: ada", "cn: Ada Lovelace", "sn: Lovelace", "mail: ada@acme.example"))
	require.NoError(t, server.Add("cn=sales,"+groups, "objectClass: groupOfNames", "cn: sales", "member: cn=nobody", "member: "+entry))
	look := func(dn, name string) []string {
		e, found := server.Look(dn)
		require.True(t, found, dn)
		return e[strings.ToLower(name)]
	}
	system, err := ldap.New(ldap.Options{
		Kind: ldap.OpenLDAP, URL: server.URL(), CA: server.CA, BindDN: sandboxldap.BindDN, Password: sandboxldap.Password, People: people, Groups: groups,
	})
	require.NoError(t, err)
	t.Cleanup(system.Close)
	id, group := look(entry, "entryUUID")[0], look("cn=sales,"+groups, "entryUUID")[0]
	w.beside(ldap.System, system, id, ledgersystems.Object{Kind: identity.ObjectGroup, ID: group, Name: "sales"})

	for _, s := range []identity.SystemStep{
		{Kind: identity.SystemSuspend},
		{Kind: identity.SystemResetPassword},
		{Kind: identity.SystemRemoveGroups, Names: []string{"sales"}},
		{Kind: identity.SystemMove, To: "ou=leavers," + people},
	} {
		require.NoError(t, server.Fail(sandboxldap.Fault{Op: "modify", After: true}))
		in := w.in(ldap.System, id, s, true)
		for range 3 {
			if _, err = w.s.Carry(t.Context(), in); err == nil {
				break
			}
		}
		require.NoError(t, err, s.Kind)
		w.carry(in)
	}
	moved := "uid=ada,ou=leavers," + people
	require.Equal(t, []string{"000001010000Z"}, look(moved, "pwdAccountLockedTime"))
	require.NotContains(t, strings.Join(look("cn=sales,"+groups, "member"), " "), "ada")
	shown := w.shown(ldap.System)
	require.True(t, shown.SuspendedByUs)
	require.Empty(t, shown.Groups)
	require.Equal(t, "ou=leavers,"+people, shown.Container)
	require.Contains(t, shown.Done, identity.SystemResetPassword)
	w.fails(w.in(ldap.System, id, identity.SystemStep{Kind: identity.SystemEndSessions}, true), api.ErrInvalid)
}
