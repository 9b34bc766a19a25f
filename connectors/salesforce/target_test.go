package salesforce_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	sandbox "gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/tenant"
)

// org is a simulated org, and who looks at it from outside.
type org struct {
	t         *testing.T
	ground    *tenant.Tenant
	site      *sandbox.Salesforce
	base      string
	protected string
	fresh     int
}

const people = 130

func newOrg(t *testing.T) *org {
	t.Helper()
	ground := tenant.New(nil, 1)
	o := &org{t: t, ground: ground, site: sandbox.New(ground, sandbox.Key{})}
	server := httptest.NewServer(ground.Handler(o.site.Vendor()))
	t.Cleanup(server.Close)
	o.base = server.URL + "/salesforce"
	require.NoError(t, o.site.SetLicences("Salesforce", 500))
	return o
}

// add makes a user with three permission sets who is signed in.
func (o *org) add(name string) string {
	o.t.Helper()
	id, err := o.site.AddUser(sandbox.Person{
		Username: name + "@acme.example.crm", FirstName: "Ada", LastName: "Lovelace", Title: "Analyst", ExternalID: "workday-" + name,
		Sets: []string{"Export Reports", "Manage Campaigns", "View Forecasts"},
	})
	require.NoError(o.t, err)
	_, err = o.site.SignIn(name + "@acme.example.crm")
	require.NoError(o.t, err)
	return id
}

func (o *org) client(adjust ...func(*salesforce.Options)) *salesforce.Client {
	o.t.Helper()
	options := salesforce.Options{
		BaseURL: o.base, ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret,
		New: salesforce.Defaults{ProfileID: o.site.ProfileID(sandbox.ProfileStandard)},
		Protected: func(a target.Account) string {
			if a.Ref.ID == o.protected {
				return "accounts.break_glass"
			}
			return ""
		},
	}
	for _, a := range adjust {
		a(&options)
	}
	c, err := salesforce.New(options)
	require.NoError(o.t, err)
	return c
}

func (o *org) target() *salesforce.Target { return salesforce.NewTarget(o.client()) }

func (o *org) look(id string) conformance.Seen {
	o.t.Helper()
	u, found := o.site.ByID(id)
	require.True(o.t, found)
	return conformance.Seen{
		CanSignIn: u.CanSignIn, Sessions: u.Sessions, Memberships: u.SetIDs, ExternalID: u.ExternalID, Email: u.Email, Username: u.Username,
		Title: u.Title, Phone: u.Phone, Manager: u.ManagerID,
	}
}

// count counts requests, or what was changed. A suspension and its end are two writes each, of which freezing is left out.
func (o *org) count(effects bool) (n int) {
	for _, e := range o.ground.Journal.List(tenant.Filter{System: sandbox.Name, Effects: effects}) {
		if !effects || !strings.HasPrefix(e.Effect, "IsFrozen") {
			n++
		}
	}
	return n
}

func (o *org) fault(f tenant.Fault) {
	o.t.Helper()
	_, err := o.ground.Faults.Add(f)
	require.NoError(o.t, err)
}

// loseReply loses the reply to the next write of each kind but freezing, which is never the only one.
func (o *org) loseReply() {
	for _, f := range []tenant.Fault{
		{Method: "PATCH", Path: "/services/data/*/sobjects/User/*"},
		{Method: "PATCH", Path: "/services/data/*/sobjects/User/*/*"},
		{Method: "DELETE"},
		{Method: "POST", Path: "/services/data/*/sobjects/PermissionSetAssignment"},
	} {
		f.When, f.Style = "after", "drop"
		o.fault(f)
	}
}

func (o *org) all() (ids []string) {
	for _, u := range o.site.State().Users {
		ids = append(ids, u.ID)
	}
	return ids
}

// newcomer is somebody whom the org does not have.
func (o *org) newcomer() identity.Account {
	o.fresh++
	name := fmt.Sprintf("new%d", o.fresh)
	return identity.Account{
		Username: name + "@acme.example.crm", Email: name + "@acme.example", ExternalID: "workday-" + name, FirstName: "Grace", LastName: "Hopper",
		Title: "Admiral", UserPrincipalName: name + "@sso.acme.example",
	}
}

func bench(t *testing.T) conformance.TargetBench {
	t.Helper()
	_, b := benchIn(t)
	return b
}

func benchIn(t *testing.T) (*org, conformance.TargetBench) {
	t.Helper()
	o := newOrg(t)
	id := o.add("usual")
	o.protected = o.add("guarded")
	for i := range people {
		o.add(fmt.Sprintf("person%d", i))
	}
	require.NoError(t, o.site.SetSettings(sandbox.Settings{PageSize: 50}))
	sets := o.site.SetIDs()
	// Another one of the same label, as packages bring them along.
	o.site.AddPermissionSet("acme", "Export_Reports", "Export Reports")
	o.site.AddPermissionSet("", "Export_Reports_2", "Export Reports")
	return o, conformance.TargetBench{
		Target: o.target(), Restart: func() target.System { return o.target() },
		ID: id, Protected: o.protected, Missing: "005Ac0009999999IAA", Wrong: "forty-two",
		Look:    o.look,
		Effects: func() int { return o.count(true) }, Requests: func() int { return o.count(false) },
		LoseReply: o.loseReply,
		Deny: func() {
			o.fault(tenant.Fault{Method: "GET", When: "before", Style: "status", Status: 404, Body: "<html>not here</html>", ContentType: "text/html"})
		},
		All:    o.all,
		Delete: o.site.Vanish,
		Add:    func() string { return o.add("added") },
		Touch:  func(id string) { require.NoError(t, o.site.Edit(id, map[string]any{"Title": "Chief Tester"})) },
		Age: func() time.Time {
			o.ground.Advance(time.Hour)
			return o.ground.Now()
		},
		Fresh:  o.newcomer,
		Group:  func() string { return sets["Edit Opportunities"] },
		SignIn: func(id, password string) bool { return o.site.TryPassword(id, password) },
		Weak:   "short",
		Kind:   o.site.ProfileID(sandbox.ProfileSales),
	}
}

// TestTarget holds Salesforce to the contracts of package target, against the sandbox.
func TestTarget(t *testing.T) {
	t.Parallel()
	s := conformance.TargetSubject{System: salesforce.System, New: bench}
	accessed := s
	accessed.NotApplicable = map[string]string{
		"remove/one refused of three": "one request takes all, and the sandbox's org refuses none of them: TestOneRefusedOfThree has an answer that does",
	}
	t.Run("access", func(t *testing.T) { t.Parallel(); conformance.RunTarget(t, accessed) })
	t.Run("roles", func(t *testing.T) { t.Parallel(); conformance.RunRoles(t, s) })
	watched := s
	watched.NotApplicable = map[string]string{
		"changes/of one that is deleted": "users are never deleted",
		"changes/of who is in a group":   "that a permission set was taken shows nowhere: TestChanges gives one",
	}
	t.Run("changes", func(t *testing.T) { t.Parallel(); conformance.RunWatch(t, watched) })
	t.Run("licences", func(t *testing.T) { t.Parallel(); licences(t) })
	const groups, tree, deletes = "roles are permission sets, and groups are left to whoever shares records", "Salesforce has no tree of accounts", "users are never deleted"
	managed := s
	managed.NotApplicable = map[string]string{
		"groups/to the end": groups, "groups/who is in them": groups, "groups/in each other": groups, "groups/that do not exist": groups,
		"move/nothing else": tree, "move/there already": tree, "move/broken off": tree, "move/to nowhere": tree,
		"containers/all of them": tree, "create/in a container": tree,
		"delete/from groups too": deletes, "delete/twice": deletes, "delete/after a lost reply": deletes, "delete/a protected account": deletes,
	}
	for _, promise := range []string{"twice", "after a lost reply", "missing", "an impossible id", "a protected account"} {
		managed.NotApplicable["add/"+promise] = groups
	}
	for _, promise := range []string{"missing", "an impossible id", "a protected account"} {
		managed.NotApplicable["move/"+promise] = tree
	}
	t.Run("management", func(t *testing.T) { t.Parallel(); conformance.RunManagement(t, managed) })
}

func licences(t *testing.T) {
	t.Helper()
	var of sync.Map // The org of each bench, by its implementer.
	s := conformance.TargetSubject{System: salesforce.System, New: func(t *testing.T) conformance.TargetBench {
		o, b := benchIn(t)
		of.Store(b.Target, o)
		return b
	}}
	conformance.RunLicences(t, s, func(b *conformance.TargetBench) map[string][2]int {
		o, _ := of.Load(b.Target)
		out := map[string][2]int{}
		for _, l := range o.(*org).site.State().Licences {
			out[l.Name] = [2]int{l.Total, l.Used}
		}
		return out
	})
}

// TestChanges are those beside a user: a permission set that is given, and a freeze.
func TestChanges(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	given, frozen := o.add("given"), o.add("frozen")
	c := o.target()
	now, err := c.Changes(t.Context(), target.ChangesRequest{})
	require.NoError(t, err)
	require.Empty(t, now.Accounts)
	hint := func(id string) {
		next, err := c.Changes(t.Context(), target.ChangesRequest{Cookie: now.Cookie})
		require.NoError(t, err)
		require.Contains(t, next.Accounts, id)
		now = next
	}
	require.NoError(t, c.Give(t.Context(), target.GiveRequest{Write: target.Write{ID: given}, Roles: []string{o.site.SetIDs()["Edit Opportunities"]}}))
	hint(given)
	o.ground.Advance(time.Minute)
	require.NoError(t, o.site.Freeze(frozen))
	hint(frozen)
	o.ground.Advance(time.Minute)
	require.NoError(t, o.site.Freeze(given))
	hint(given)
}
