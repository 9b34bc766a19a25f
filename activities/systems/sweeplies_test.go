package systems_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	sandboxldap "gatehouse/sandbox/ldap"
	sandboxforce "gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/server"
	"gatehouse/sandbox/tenant"
)

const notBelieved = "system_not_believed"

// liar is a system of the sandbox with the lies that it can tell.
type liar struct {
	name   string
	system target.System
	// ids are accounts with memberships.
	ids []string
	// take takes a membership from an account by hand, remove deletes an account.
	take, remove func(id string)
	// lies are told by name; honest ends them.
	lies   map[string]func()
	honest func()
	// silent are lies that change nothing by which they could be told from the truth.
	silent []string
}

var liars = map[string]func(*testing.T) liar{"google": googleLiar, "salesforce": salesforceLiar, "ldap": ldapLiar}

// onEveryLiar tests readings of every system.
func onEveryLiar(t *testing.T, test func(t *testing.T, l liar, r *reading)) {
	t.Helper()
	for name, start := range liars {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t)
			test(t, l, newReading(t, l.name, l.system))
		})
	}
}

// title writes an account's title.
func (l liar) title(t *testing.T, id, title string) target.Account {
	t.Helper()
	before, err := l.system.Read(t.Context(), target.ReadRequest{ID: id})
	require.NoError(t, err)
	after, err := l.system.(target.ProfileWriter).WriteProfile(t.Context(), target.ProfileRequest{
		Write: target.Write{ID: id}, Changes: []target.Change{{Attribute: target.AttributeTitle, From: before.Document.Title, To: title}},
	})
	require.NoError(t, err)
	return after
}

func googleLiar(t *testing.T) liar {
	t.Helper()
	company := server.New(server.Options{People: 40, Seed: 7})
	site := httptest.NewServer(company.Handler())
	t.Cleanup(func() { site.Close(); company.Close() })
	c := control.New(site.URL)
	key, err := c.GoogleKey(t.Context())
	require.NoError(t, err)
	system, err := workspace.New(workspace.Options{
		Credentials: httpx.Secret(key), Admin: "gatehouse-admin@acme.example", Domain: "acme.example", BaseURL: site.URL + "/google", PageSize: 20,
		SKUs: []string{"Google-Apps/1010020020", "Google-Apps/1010020027"},
	})
	require.NoError(t, err)
	state, err := c.GoogleDirectory(t.Context())
	require.NoError(t, err)
	l := liar{name: workspace.System, system: system, silent: []string{"yesterday"}}
	for _, u := range state.Users {
		if len(u.GroupIDs) > 0 && len(l.ids) < 5 {
			l.ids = append(l.ids, u.ID)
		}
	}
	l.take = func(id string) {
		a, err := system.Read(t.Context(), target.ReadRequest{ID: id})
		require.NoError(t, err)
		require.NoError(t, system.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: id}, From: a.Memberships[:1]}))
	}
	l.remove = func(id string) {
		_, err := c.GoogleHand(t.Context(), control.GoogleOrder{Do: "delete", User: id})
		require.NoError(t, err)
	}
	lie := func(lies map[string]string) func() {
		return func() { require.NoError(t, c.Directory(t.Context(), control.DirectorySettings{Lies: lies})) }
	}
	l.honest = lie(nil)
	l.lies = map[string]func(){
		"empty": lie(map[string]string{"users": "empty"}), "first page": lie(map[string]string{"users": "first_page"}),
		"doubled": lie(map[string]string{"users": "doubled_pages"}), "missing": lie(map[string]string{"users": "missing"}),
		"no groups": lie(map[string]string{"groups": "empty"}), "groups missing": lie(map[string]string{"groups": "missing"}),
		"no members": lie(map[string]string{"members": "empty"}), "members missing": lie(map[string]string{"members": "missing"}),
		"lost rights": lie(map[string]string{"rights": "lost"}),
		"yesterday":   lie(map[string]string{"users": "yesterday", "groups": "yesterday", "members": "yesterday"}),
	}
	return l
}

func salesforceLiar(t *testing.T) liar {
	t.Helper()
	ground := tenant.New(nil, 1)
	site := sandboxforce.New(ground, sandboxforce.Key{})
	front := httptest.NewServer(ground.Handler(site.Vendor()))
	t.Cleanup(front.Close)
	require.NoError(t, site.SetLicences("Salesforce", 500))
	client, err := salesforce.New(salesforce.Options{
		BaseURL: front.URL + "/salesforce", ClientID: sandboxforce.ClientID, ClientSecret: sandboxforce.ClientSecret,
		New: salesforce.Defaults{ProfileID: site.ProfileID(sandboxforce.ProfileStandard)},
	})
	require.NoError(t, err)
	system := salesforce.NewTarget(client)
	l := liar{name: salesforce.System, system: system, silent: []string{"yesterday"}}
	for i := range 12 {
		id, err := site.AddUser(sandboxforce.Person{
			Username: fmt.Sprintf("u%d@acme.example.crm", i), FirstName: "Ada", LastName: fmt.Sprint("No", i), ExternalID: fmt.Sprint("workday-9", i),
			Sets: []string{"Export Reports", "Manage Campaigns"},
		})
		require.NoError(t, err)
		if i < 5 {
			l.ids = append(l.ids, id)
		}
	}
	l.take = func(id string) {
		a, err := system.Read(t.Context(), target.ReadRequest{ID: id})
		require.NoError(t, err)
		require.NoError(t, system.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: id}, From: a.Memberships[:1]}))
	}
	l.remove = site.Vanish
	lie := func(s sandboxforce.Settings) func() { return func() { require.NoError(t, site.SetSettings(s)) } }
	l.honest = lie(sandboxforce.Settings{})
	l.lies = map[string]func(){
		"empty":       lie(sandboxforce.Settings{Empty: []string{sandboxforce.User}}),
		"first page":  lie(sandboxforce.Settings{PageSize: 4, FirstPage: true}),
		"doubled":     lie(sandboxforce.Settings{PageSize: 4, Doubled: true}),
		"no groups":   lie(sandboxforce.Settings{Empty: []string{sandboxforce.PermissionSetAssignment}}),
		"lost rights": lie(sandboxforce.Settings{Lost: []string{sandboxforce.ManageUsers}}),
		"unseen":      lie(sandboxforce.Settings{Lost: []string{sandboxforce.ViewSetup}}),
		"yesterday":   lie(sandboxforce.Settings{Yesterday: true}),
	}
	return l
}

func ldapLiar(t *testing.T) liar {
	t.Helper()
	s, err := sandboxldap.Start(sandboxldap.Options{})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	dn := func(n int) string { return fmt.Sprintf("uid=p%02d,%s", n, sandboxldap.People) }
	for n := range 12 {
		name := fmt.Sprintf("p%02d", n)
		require.NoError(t, s.Add(dn(n), "objectClass: inetOrgPerson", "cn: Zoe "+name, "sn: Quist", "mail: "+name+"@acme.example", "employeeNumber: e"+name))
	}
	for n := range 6 {
		lines := []string{"objectClass: groupOfNames"}
		for of := range 12 {
			lines = append(lines, "member: "+dn(of))
		}
		require.NoError(t, s.Add(fmt.Sprintf("cn=g%d,%s", n, sandboxldap.Groups), lines...))
	}
	system, err := ldap.New(ldap.Options{
		Kind: ldap.OpenLDAP, URL: s.URL(), CA: s.CA, BindDN: sandboxldap.BindDN, Password: sandboxldap.Password,
		People: sandboxldap.People, Groups: sandboxldap.Groups, PageSize: 5,
	})
	require.NoError(t, err)
	t.Cleanup(system.Close)
	l := liar{name: ldap.System, system: system, silent: []string{"yesterday", "doubled"}}
	names := map[string]string{}
	for n := range 5 {
		attrs, ok := s.Look(dn(n))
		require.True(t, ok)
		l.ids = append(l.ids, attrs["entryuuid"][0])
		names[attrs["entryuuid"][0]] = dn(n)
	}
	l.take = func(id string) {
		a, err := system.Read(t.Context(), target.ReadRequest{ID: id})
		require.NoError(t, err)
		require.NoError(t, system.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: id}, From: a.Memberships[:1]}))
	}
	l.remove = func(id string) { require.NoError(t, s.Remove(names[id])) }
	lie := func(one sandboxldap.Lie) func() { return func() { require.NoError(t, s.Lie(one)) } }
	l.honest = lie(sandboxldap.Honest)
	l.lies = map[string]func(){
		"empty": lie(sandboxldap.Empty), "first page": lie(sandboxldap.FirstPage), "no groups": lie(sandboxldap.NoGroups),
		"lost rights": lie(sandboxldap.LostRights), "doubled": lie(sandboxldap.Doubled), "yesterday": lie(sandboxldap.Yesterday),
	}
	return l
}

// TestNobodyLosesAnythingByALie has every system tell every lie while somebody is really taken out of a group.
func TestNobodyLosesAnythingByALie(t *testing.T) {
	t.Parallel()
	for name, start := range liars {
		for _, lie := range liesOf(name) {
			t.Run(name+"/"+lie, func(t *testing.T) {
				t.Parallel()
				l := start(t)
				require.Contains(t, l.lies, lie)
				lies(t, l, lie)
			})
		}
	}
}

func liesOf(name string) []string {
	return map[string][]string{
		"google":     {"empty", "first page", "doubled", "missing", "no groups", "groups missing", "no members", "members missing", "lost rights", "yesterday"},
		"salesforce": {"empty", "first page", "doubled", "no groups", "lost rights", "unseen", "yesterday"},
		"ldap":       {"empty", "first page", "no groups", "lost rights", "doubled", "yesterday"},
	}[name]
}

func lies(t *testing.T, l liar, lie string) {
	r := newReading(t, l.name, l.system)
	out := r.sweep()
	require.True(t, out.Complete, out.Why)
	require.Empty(t, r.items(""), "an honest reading needs nobody")
	keys := r.link(l.ids...)
	require.Empty(t, r.sweep().Why)
	r.hints.take()
	before, accounts := r.held(keys), r.accounts()
	for _, key := range keys {
		require.NotEmpty(t, before[key])
	}

	r.offset += time.Hour
	l.lies[lie]()
	l.honestly(lie, func() { l.take(l.ids[0]) })
	silent := slices.Contains(l.silent, lie)
	for range 2 {
		out = r.sweep()
		require.Equal(t, before, r.held(keys), "nobody loses anything by a lie")
		require.Equal(t, accounts, r.accounts())
		require.Zero(t, out.Dropped)
		require.Len(t, r.items(notBelieved), map[bool]int{false: 1}[silent], "%s %v", out.Why, out)
		require.Len(t, r.items(""), map[bool]int{false: 1}[silent])
		r.offset += 5 * time.Hour
	}
	r.hints.take()

	l.honest()
	if lie == "yesterday" {
		l.take(l.ids[0])
	}
	out = r.sweep()
	require.True(t, out.Complete, out.Why)
	require.Empty(t, r.items(""), "it recovers by itself")
	require.Equal(t, before, r.held(keys), "what is really gone is believed until its date")
	require.EqualValues(t, 1, out.Held)

	r.offset += 25 * time.Hour
	out = r.sweep()
	require.True(t, out.Complete, out.Why)
	after := r.held(keys)
	require.Len(t, after[keys[0]], len(before[keys[0]])-1, "the true removal is carried out")
	require.Contains(t, r.hints.take(), keys[0])
	for _, key := range keys[1:] {
		require.Equal(t, before[key], after[key])
	}
}

// honestly does something by hand between lies, where the lie leaves no other way.
func (l liar) honestly(lie string, then func()) {
	if lie == "yesterday" {
		return
	}
	l.honest()
	then()
	l.lies[lie]()
}
