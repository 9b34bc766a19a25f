package systems_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	sandboxldap "gatehouse/sandbox/ldap"
	sandbox "gatehouse/sandbox/salesforce"
)

// changing is a step that writes attributes, of each what it is, what it is to be, and its normal form.
func changing(all ...[3]string) identity.SystemStep {
	s := identity.SystemStep{Kind: identity.SystemWriteProfile}
	for _, c := range all {
		s.Changes = append(s.Changes, identity.SystemChange{Attribute: c[0], From: c[1], To: c[2], Normal: c[2]})
	}
	return s
}

// TestOneValueThatIsRefused is set aside, and everything else is written, each time.
func TestOneValueThatIsRefused(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	long := strings.Repeat("7", 60)
	in := w.in(salesforce.System, id, changing(
		[3]string{target.AttributeTitle, "Analyst", "Countess"}, [3]string{target.AttributePhone, "", long},
		[3]string{target.AttributeDepartment, "", "Sales"}, [3]string{target.AttributeManager, "", "0055g00000AAAAAAA0"},
	), false)
	for i := range 2 {
		state := w.carry(in)
		require.Equal(t, i == 0, state.Changed)
		require.Len(t, state.Left, 2)
		require.Contains(t, state.Left[0], "salesforce: it does not take the phone")
		require.Contains(t, state.Left[1], "manager")
		require.NotContains(t, strings.Join(state.Left, ""), "777")
		u, _ := site.ByID(id)
		require.Equal(t, "Countess", u.Title)
		require.Equal(t, "Sales", u.Department)
		require.Empty(t, u.Phone)
		values := w.shown(salesforce.System).Values
		require.Equal(t, w.l.ValueDigest(long), values[target.AttributePhone].Written, "so it is not written again")
		require.Equal(t, w.l.ValueDigest(""), values[target.AttributePhone].Seen)
		require.Equal(t, w.l.ValueDigest("Countess"), values[target.AttributeTitle].Seen)
	}
	// Alone it is set aside as well.
	state := w.carry(w.in(salesforce.System, id, changing([3]string{target.AttributePhone, "", long}), false))
	require.Len(t, state.Left, 1)
	// Its owner has corrected it.
	require.Empty(t, w.carry(w.in(salesforce.System, id, changing([3]string{target.AttributePhone, "", "030 1234"}), false)).Left)
	u, _ := site.ByID(id)
	require.Equal(t, "030 1234", u.Phone)
}

// TestAValueThatSomebodyChangedHoldsNoOthers: they are written, and that one is decided anew.
func TestAValueThatSomebodyChangedHoldsNoOthers(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("title", w.user, "Duchess")
	department, _ := w.attribute(target.AttributeDepartment)
	in := w.order(changing([3]string{target.AttributeTitle, "Analyst", "Countess"}, [3]string{target.AttributeDepartment, department, "Finance"}))
	for range 2 {
		w.fails(in, api.ErrSuperseded)
		has, _ := w.attribute(target.AttributeDepartment)
		require.Equal(t, "Finance", has)
		title, _ := w.attribute(target.AttributeTitle)
		require.Equal(t, "Duchess", title)
		require.NotContains(t, w.view().Values, target.AttributeTitle)
		require.Contains(t, w.view().Values, target.AttributeDepartment)
		require.Equal(t, "Duchess", w.view().Document.Title, "the next plan is made by what is there")
	}
}

// attribute is what the user's account shows.
func (w *works) attribute(name string) (string, bool) {
	w.t.Helper()
	a, err := w.s.Targets[google].Read(w.t.Context(), target.ReadRequest{ID: w.user})
	require.NoError(w.t, err)
	return a.Attribute(name)
}

// TestAnAddressThatIsTaken stays with whom it belongs to, and everything else is written.
func TestAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	was, other := w.account(), w.other()
	title, _ := w.attribute(target.AttributeTitle)
	in := w.order(changing([3]string{target.AttributeEmail, was.Email, other.Email}, [3]string{target.AttributeTitle, title, "Countess"}))
	for range 2 {
		require.Len(t, w.carry(in).Left, 1)
		require.Equal(t, was.Email, w.account().Email)
		require.Equal(t, other, *w.directory().User(other.ID), "nobody else's account has changed")
		now, _ := w.attribute(target.AttributeTitle)
		require.Equal(t, "Countess", now)
		require.NotEqual(t, w.view().Values[target.AttributeEmail].Written, w.view().Values[target.AttributeEmail].Seen)
	}
}

// TestTheManagerAndTheAddressInSalesforce follow, by the id of the manager's user there.
func TestTheManagerAndTheAddressInSalesforce(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	boss, err := site.AddUser(sandbox.Person{Username: "grace@acme.example.crm", FirstName: "Grace", LastName: "Hopper"})
	require.NoError(t, err)
	was, _ := site.ByID(id)
	for i := range 2 {
		state := w.carry(w.in(salesforce.System, id, changing(
			[3]string{target.AttributeManager, "", boss}, [3]string{target.AttributeEmail, was.Email, "ada.king@acme.example"},
		), false))
		require.Equal(t, i == 0, state.Changed)
		require.Empty(t, state.Left)
		u, _ := site.ByID(id)
		require.Equal(t, boss, u.ManagerID)
		require.Equal(t, "ada.king@acme.example", u.Email)
		require.Equal(t, was.Username, u.Username)
		require.Equal(t, boss, w.shown(salesforce.System).Manager)
		require.Equal(t, "ada.king@acme.example", w.shown(salesforce.System).Document.Email)
	}
	// One's own manager is nobody.
	require.Len(t, w.carry(w.in(salesforce.System, id, changing([3]string{target.AttributeManager, boss, id}), false)).Left, 1)
	u, _ := site.ByID(id)
	require.Equal(t, boss, u.ManagerID)
}

// TestTheManagerAndTheAddressInTheDirectory follow, and a manager whose entry is gone is replaced.
func TestTheManagerAndTheAddressInTheDirectory(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	server, err := sandboxldap.Start(sandboxldap.Options{Implicit: true})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	people := "ou=people," + sandboxldap.Suffix
	add := func(uid string, more ...string) (dn, id string) {
		dn = "uid=" + uid + "," + people
		require.NoError(t, server.Add(dn, append([]string{"objectClass: inetOrgPerson", "uid: " + uid, "cn: " + uid, "sn: " + uid}, more...)...))
		e, _ := server.Look(dn)
		return dn, e["entryuuid"][0]
	}
	first, one := add("grace")
	second, two := add("edsger")
	ada, id := add("ada", "mail: ada@acme.example")
	require.NoError(t, server.Add("cn=sales,ou=groups,"+sandboxldap.Suffix, "objectClass: groupOfNames", "cn: sales", "member: "+ada))
	system, err := ldap.New(ldap.Options{
		Kind: ldap.OpenLDAP, URL: server.URL(), CA: server.CA, BindDN: sandboxldap.BindDN, Password: sandboxldap.Password,
		People: people, Groups: "ou=groups," + sandboxldap.Suffix,
	})
	require.NoError(t, err)
	t.Cleanup(system.Close)
	w.beside(ldap.System, system, id)
	write := func(all ...[3]string) {
		for range 2 {
			require.Empty(t, w.carry(w.in(ldap.System, id, changing(all...), false)).Left)
		}
	}
	entry := func() map[string][]string {
		e, _ := server.Look(ada)
		return e
	}
	write([3]string{target.AttributeManager, "", one}, [3]string{target.AttributeEmail, "ada@acme.example", "ada.king@acme.example"})
	require.Equal(t, []string{first}, entry()["manager"])
	require.Equal(t, []string{"ada.king@acme.example"}, entry()["mail"])
	require.Equal(t, one, w.shown(ldap.System).Manager)
	require.NoError(t, server.Remove(first))
	write([3]string{target.AttributeManager, one, two})
	require.Equal(t, []string{second}, entry()["manager"])
	require.NoError(t, server.Change(ada, "manager", first))
	write([3]string{target.AttributeManager, "", two}, [3]string{target.AttributeTitle, "", "Countess"})
	require.Equal(t, []string{second}, entry()["manager"])
	require.Equal(t, []string{"Countess"}, entry()["title"])
}
