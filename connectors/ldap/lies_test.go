package ldap_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	sandbox "gatehouse/sandbox/ldap"
	"gatehouse/test/directories"
)

// company is the sandbox's directory with people in it, and a connector that speaks to it directly.
type company struct {
	t      *testing.T
	server *sandbox.Server
	*ldap.Target
}

func newCompany(t *testing.T, people int, change ...func(*ldap.Options)) *company {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	c := &company{t: t, server: server}
	for n := range people {
		name := fmt.Sprintf("p%02d", n)
		require.NoError(t, server.Add(c.dn(n), "objectClass: inetOrgPerson", "cn: Zoë "+name, "sn: Quist", "mail: "+name+"@acme.example",
			"employeeNumber: e"+name, "title: Tester", "userPassword: a-long-password"))
	}
	for n := range 6 {
		require.NoError(t, server.Add(fmt.Sprintf("cn=g%d,%s", n, sandbox.Groups), "objectClass: groupOfNames", "member: "+c.dn(0), "member: "+c.dn(1)))
	}
	o := ldap.Options{
		Kind: ldap.OpenLDAP, URL: server.URL(), CA: server.CA, BindDN: sandbox.BindDN, Password: sandbox.Password,
		People: sandbox.People, Groups: sandbox.Groups, PageSize: pageSize,
	}
	for _, one := range change {
		one(&o)
	}
	c.Target, err = ldap.New(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func (c *company) dn(n int) string { return fmt.Sprintf("uid=p%02d,%s", n, sandbox.People) }

func (c *company) id(n int) string {
	c.t.Helper()
	attrs, ok := c.server.Look(c.dn(n))
	require.True(c.t, ok)
	return attrs["entryuuid"][0]
}

func (c *company) writes() (n int) {
	for _, e := range c.server.Journal() {
		if e.Effect {
			n++
		}
	}
	return n
}

// list walks all accounts.
func (c *company) list() (ids []string, err error) {
	in := target.ListRequest{}
	for {
		page, err := c.List(c.t.Context(), in)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Accounts {
			ids = append(ids, a.Ref.ID)
		}
		if page.Next == "" {
			require.Equal(c.t, len(ids), page.Total)
			return ids, nil
		}
		in.Cursor = page.Next
	}
}

func kindOf(t *testing.T, err error) connectors.Kind {
	t.Helper()
	var e *connectors.Error
	require.ErrorAs(t, err, &e)
	return e.Kind
}

// TestADirectoryThatShowsNothingIsNotBelieved covers a bind that has lost its rights, and a server that has lost its data.
func TestADirectoryThatShowsNothingIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, lie := range []sandbox.Lie{sandbox.Empty, sandbox.LostRights} {
		t.Run(string(lie), func(t *testing.T) {
			t.Parallel()
			c := newCompany(t, 12)
			id, groups := c.id(0), memberships(t, c, 0)
			require.NoError(t, c.server.Lie(lie))
			calls := map[string]func() error{
				"read":    func() error { _, err := c.Read(t.Context(), target.ReadRequest{ID: id}); return err },
				"find":    func() error { _, err := c.Find(t.Context(), target.FindRequest{ExternalID: "ep00"}); return err },
				"list":    func() error { _, err := c.list(); return err },
				"groups":  func() error { _, err := c.Groups(t.Context(), target.GroupsRequest{}); return err },
				"members": func() error { _, err := c.Members(t.Context(), target.MembersRequest{Group: groups[0]}); return err },
				"suspend": func() error { _, err := c.Suspend(t.Context(), target.Write{ID: id}); return err },
				"remove": func() error {
					return c.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: id}, From: groups})
				},
				"delete":   func() error { return c.Delete(t.Context(), target.Write{ID: id}) },
				"password": func() error { return c.ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: id}}) },
				"create": func() error {
					_, err := c.Create(t.Context(), target.CreateRequest{Document: identity.Account{ExternalID: "new", Username: "new", LastName: "New"}})
					return err
				},
			}
			for name, call := range calls {
				require.Equal(t, connectors.KindUnavailable, kindOf(t, call()), name)
			}
			require.Zero(t, c.writes())
			require.NoError(t, c.server.Lie(sandbox.Honest))
			ids, err := c.list()
			require.NoError(t, err)
			require.Len(t, ids, 12)
		})
	}
}

func memberships(t *testing.T, c *company, n int) []string {
	t.Helper()
	a, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(n)})
	require.NoError(t, err)
	require.True(t, a.Whole)
	require.Len(t, a.Memberships, 6)
	return a.Memberships
}

func TestMissingGroupsAreNoMemberships(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 12)
	groups := memberships(t, c, 0)
	require.NoError(t, c.server.Lie(sandbox.NoGroups))
	a, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
	require.NoError(t, err)
	require.False(t, a.Whole, "nobody knows which groups it has")
	require.True(t, a.CanSignIn())
	in := target.Write{ID: c.id(0)}
	require.Equal(t, connectors.KindUnavailable, kindOf(t, c.Remove(t.Context(), target.RemoveRequest{Write: in, From: groups})))
	require.Equal(t, connectors.KindUnavailable, kindOf(t, c.Add(t.Context(), target.AddRequest{Write: in, To: groups})))
	suspended, err := c.Suspend(t.Context(), in)
	require.NoError(t, err, "what ends access does not wait for groups")
	require.False(t, suspended.CanSignIn())
	require.NoError(t, c.server.Lie(sandbox.Honest))
	require.NoError(t, c.Remove(t.Context(), target.RemoveRequest{Write: in, From: groups}))
	a, err = c.Read(t.Context(), target.ReadRequest{ID: c.id(0)})
	require.NoError(t, err)
	require.Empty(t, a.Memberships)
	require.True(t, a.Whole)
}

// TestASuspensionDoesNotWaitForGroups has groups that cannot be read at all.
func TestASuspensionDoesNotWaitForGroups(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 3, func(o *ldap.Options) { o.Groups = "ou=nowhere," + sandbox.Suffix })
	in := target.Write{ID: c.id(0)}
	_, err := c.Read(t.Context(), target.ReadRequest{ID: in.ID})
	require.Equal(t, connectors.KindUnavailable, kindOf(t, err))
	for range 2 {
		a, err := c.Suspend(t.Context(), in)
		require.NoError(t, err)
		require.False(t, a.CanSignIn())
		require.False(t, a.Whole)
	}
	a, err := c.Resume(t.Context(), in)
	require.NoError(t, err)
	require.True(t, a.CanSignIn())
}

func TestAListThatEndsEarlyIsNotBelieved(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 12)
	require.NoError(t, c.server.Lie(sandbox.FirstPage))
	_, err := c.list()
	require.Equal(t, connectors.KindMalformed, kindOf(t, err))
	_, err = c.Groups(t.Context(), target.GroupsRequest{})
	require.Equal(t, connectors.KindMalformed, kindOf(t, err))
	require.NoError(t, c.server.Lie(sandbox.Honest))
	for _, people := range []int{1, pageSize, 2 * pageSize, 12} {
		c := newCompany(t, people)
		ids, err := c.list()
		require.NoError(t, err, "a list may end where a page does")
		require.Len(t, ids, people)
	}
}

func TestADoubledListHasEverybodyOnce(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 12)
	require.NoError(t, c.server.Lie(sandbox.Doubled))
	ids, err := c.list()
	require.NoError(t, err)
	require.Len(t, ids, 12)
}

// TestYesterdaysCopyOverwritesNothing covers a replica that lags.
func TestYesterdaysCopyOverwritesNothing(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 3)
	require.NoError(t, c.server.Lie(sandbox.Yesterday))
	require.NoError(t, c.server.Change(c.dn(0), "title", "Chief"))
	in := target.Write{ID: c.id(0)}
	_, err := c.WriteProfile(t.Context(), target.ProfileRequest{Write: in, Changes: []target.Change{{Attribute: target.AttributeTitle, From: "Tester", To: "Boss"}}})
	require.Equal(t, connectors.KindConflict, kindOf(t, err))
	now, _ := c.server.Look(c.dn(0))
	require.Equal(t, []string{"Chief"}, now["title"])

	a, err := c.Suspend(t.Context(), in)
	require.NoError(t, err)
	require.True(t, a.CanSignIn(), "it says what the directory shows, so that whoever reads back goes on asking")
	now, _ = c.server.Look(c.dn(0))
	require.Equal(t, []string{"000001010000Z"}, now["pwdaccountlockedtime"])
	_, err = c.Suspend(t.Context(), in)
	require.Equal(t, connectors.KindConflict, kindOf(t, err))
	require.NoError(t, c.server.Lie(sandbox.Honest))
	a, err = c.Suspend(t.Context(), in)
	require.NoError(t, err)
	require.False(t, a.CanSignIn())
}

// TestTheLastMemberOfAGroup has a schema that demands one.
func TestTheLastMemberOfAGroup(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"", "cn=nobody," + sandbox.Suffix} {
		c := newCompany(t, 3, func(o *ldap.Options) { o.EmptyMember = empty })
		group := "cn=lonely," + sandbox.Groups
		require.NoError(t, c.server.Add(group, "objectClass: groupOfNames", "member: "+c.dn(2)))
		a, err := c.Read(t.Context(), target.ReadRequest{ID: c.id(2)})
		require.NoError(t, err)
		err = c.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: c.id(2)}, From: a.Memberships})
		now, _ := c.server.Look(group)
		if empty == "" {
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, connectors.KindConflict, e.Kind)
			require.Equal(t, ldap.CodeLastMember, e.Code)
			require.Equal(t, []string{c.dn(2)}, now["member"])
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []string{empty}, now["member"])
		members, err := c.Members(t.Context(), target.MembersRequest{Group: a.Memberships[0]})
		require.NoError(t, err)
		require.Empty(t, members.Accounts)
		require.Zero(t, members.Unknown)
	}
}

// TestALockThatLapses is one that too many wrong passwords made: it is no suspension, and becomes one.
func TestALockThatLapses(t *testing.T) {
	t.Parallel()
	simulated, _ := simulated(t)
	for _, d := range []*directory{simulated, directories.Slapd(t)} {
		h := newHouse(t, d)
		c, in := h.connector(), target.Write{ID: h.id(h.dn(0))}
		for range 3 {
			require.False(t, h.signIn(in.ID, "wrong"))
		}
		a, err := c.Read(t.Context(), target.ReadRequest{ID: in.ID})
		require.NoError(t, err)
		require.Equal(t, identity.AccountLocked, a.Document.Status)
		a, err = c.Suspend(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, identity.AccountSuspended, a.Document.Status)
		require.Equal(t, "000001010000Z", h.whose(in.ID).GetAttributeValue("pwdAccountLockedTime"))
		a, err = c.Resume(t.Context(), in)
		require.NoError(t, err)
		require.True(t, a.CanSignIn())
		require.True(t, h.signIn(in.ID, "A-long-Passw0rd!"))
	}
}
