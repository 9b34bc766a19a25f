package ldap_test

import (
	"encoding/binary"
	"maps"
	"strconv"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/test/directories"
)

func TestOnSamba(t *testing.T) {
	t.Parallel()
	d := directories.Samba(t)
	more := map[string]string{"remove/one refused of three": "Active Directory lets a group be empty: activePrimaryGroup has one that is refused"}
	maps.Copy(more, realTime)
	held(t, d, more, map[string]string{"changes/of one that is deleted": "the bind account may not replicate: activeDeletions has one that may"})
	t.Run("status", func(t *testing.T) { activeStatus(t, newHouse(t, d)) })
	t.Run("addresses", func(t *testing.T) { activeAddresses(t, newHouse(t, d)) })
	t.Run("flags", func(t *testing.T) { activeFlags(t, newHouse(t, d)) })
	t.Run("members in pieces", func(t *testing.T) { activePieces(t, newHouse(t, d)) })
	t.Run("primary group", func(t *testing.T) { activePrimaryGroup(t, newHouse(t, d)) })
	t.Run("sign-in", func(t *testing.T) { activeSignIn(t, newHouse(t, d)) })
	t.Run("deletions", func(t *testing.T) { activeDeletions(t, newHouse(t, d)) })
}

func (h *house) change(dn, attribute string, values ...string) {
	h.t.Helper()
	req := goldap.NewModifyRequest(dn, nil)
	req.Replace(attribute, values)
	require.NoError(h.t, h.conn.Modify(req))
}

func (h *house) status(n int) identity.AccountStatus {
	h.t.Helper()
	a, err := h.connector().Read(h.t.Context(), target.ReadRequest{ID: h.id(h.dn(n))})
	require.NoError(h.t, err)
	require.True(h.t, a.Whole)
	return a.Document.Status
}

// activeStatus is why somebody cannot sign in.
func activeStatus(t *testing.T, h *house) {
	require.Equal(t, identity.AccountActive, h.status(2))
	h.change(h.dn(2), "accountExpires", "116444736000000000")
	require.Equal(t, identity.AccountLocked, h.status(2))
	h.change(h.dn(2), "accountExpires", "0")
	require.Equal(t, identity.AccountActive, h.status(2))
	h.change(h.dn(2), "userAccountControl", "512")
	h.change(h.dn(2), "pwdLastSet", "0")
	require.Equal(t, identity.AccountPasswordExpired, h.status(2))
	h.change(h.dn(2), "userAccountControl", "514")
	require.Equal(t, identity.AccountSuspended, h.status(2))
}

// activeAddresses are those that mail comes under beside the one of mail.
func activeAddresses(t *testing.T, h *house) {
	h.change(h.dn(2), "proxyAddresses", "SMTP:Former@acme.example", "smtp:old@acme.example", "sip:old@voice.example")
	a, err := h.connector().Read(t.Context(), target.ReadRequest{ID: h.id(h.dn(2))})
	require.NoError(t, err)
	require.Equal(t, []string{"former@acme.example", "old@acme.example"}, a.Document.Aliases)
}

// activeFlags are those of an account that keeps them through a suspension.
func activeFlags(t *testing.T, h *house) {
	c, flags := h.connector(), []string{"66048", "512", "544", "4260352", "328192"}
	for i, before := range flags {
		n := 5 + i
		h.change(h.dn(n), "userAccountControl", before)
		in := target.Write{ID: h.id(h.dn(n))}
		_, err := c.Suspend(t.Context(), in)
		require.NoError(t, err)
		was, err := strconv.Atoi(before)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(was|2), h.whose(in.ID).GetAttributeValue("userAccountControl"))
		_, err = c.Resume(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, before, h.whose(in.ID).GetAttributeValue("userAccountControl"))
	}
}

// activePieces reads a list of members that the server shows in pieces.
func activePieces(t *testing.T, h *house) {
	group, want := h.groupDN(4), []string{}
	for n := range inHouse {
		if n != 4 {
			h.put(group, h.dn(n))
		}
		want = append(want, h.id(h.dn(n)))
	}
	for _, of := range []int{0, 1, 5, inHouse - 1, inHouse, 100} {
		c := h.connector()
		c.ReadInPieces(of)
		got, err := c.Members(t.Context(), target.MembersRequest{Group: h.id(group)})
		require.NoError(t, err)
		require.ElementsMatch(t, want, got.Accounts, "in pieces of %d", of)
	}
}

// activePrimaryGroup holds an account that stands in no list of members.
func activePrimaryGroup(t *testing.T, h *house) {
	group, dn := h.groupDN(4), h.dn(4)
	found := h.search(group, "(objectClass=group)", "objectSid")
	sid := found[0].GetRawAttributeValue("objectSid")
	rid := binary.LittleEndian.Uint32(sid[len(sid)-4:])
	h.change(dn, "primaryGroupID", strconv.Itoa(int(rid)))
	require.NotContains(t, h.search(group, "(objectClass=group)", "member")[0].GetAttributeValues("member"), h.written(dn))
	c, in := h.connector(), target.Write{ID: h.id(dn)}
	a, err := c.Read(t.Context(), target.ReadRequest{ID: in.ID})
	require.NoError(t, err)
	require.Contains(t, a.Memberships, h.id(group), "it has access by it")
	others := []string{h.id(h.groupDN(0)), h.id(h.groupDN(1)), h.id(h.groupDN(3))}
	require.Subset(t, a.Memberships, others)
	err = c.Remove(t.Context(), target.RemoveRequest{Write: in, From: append(others, h.id(group))})
	var e *connectors.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, ldap.CodePrimaryGroup, e.Code)
	var refused *connectors.Refusals
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{h.id(group)}, refused.Objects())
	a, err = c.Read(t.Context(), target.ReadRequest{ID: in.ID})
	require.NoError(t, err)
	for _, other := range others {
		require.NotContains(t, a.Memberships, other, "it leaves the others")
	}
	require.NoError(t, c.Add(t.Context(), target.AddRequest{Write: in, To: []string{h.id(group)}}))
}

// activeSignIn has the bind account refused for a reason that the server names.
func activeSignIn(t *testing.T, h *house) {
	dn := h.dn(6)
	for what, change := range map[string]func(){
		"password is wrong": func() {},
		"is disabled":       func() { h.change(dn, "userAccountControl", "66050") },
	} {
		change()
		c := h.connector(func(o *ldap.Options) {
			o.BindDN, o.Password = dn, "wrong"
			if what == "is disabled" {
				o.Password = "A-long-Passw0rd!" + h.unique(6)
			}
		})
		_, err := c.List(t.Context(), target.ListRequest{})
		require.True(t, connectors.IsKind(err, connectors.KindUnauthorized), "%v", err)
		require.Contains(t, err.Error(), what)
		require.NotContains(t, err.Error(), h.unique(6))
	}
}

// activeDeletions are told to who may replicate.
func activeDeletions(t *testing.T, h *house) {
	c := h.connector(func(o *ldap.Options) { o.BindDN, o.Password = h.d.AdminDN, h.d.AdminPassword })
	first, err := c.Changes(t.Context(), target.ChangesRequest{})
	require.NoError(t, err)
	id := h.id(h.dn(7))
	require.NoError(t, h.conn.Del(goldap.NewDelRequest(h.dn(7), nil)))
	for range 2 {
		next, err := c.Changes(t.Context(), target.ChangesRequest{Cookie: first.Cookie})
		require.NoError(t, err)
		require.Contains(t, next.Accounts, id)
	}
	// A cookie of the one is none of the other kind of server's.
	other, err := ldap.New(ldap.Options{Kind: ldap.OpenLDAP, URL: "ldaps://" + h.proxy.listener.Addr().String(), CA: h.d.CA, BindDN: h.d.AdminDN, Password: h.d.AdminPassword, People: h.base})
	require.NoError(t, err)
	t.Cleanup(other.Close)
	_, err = other.Changes(t.Context(), target.ChangesRequest{Cookie: first.Cookie})
	require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%v", err)
}
