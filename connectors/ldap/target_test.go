package ldap_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/test/directories"
)

// notThere says which cases do not apply to any directory.
var notThere = map[string]string{
	"end sessions/ends them and nothing else": "a directory has no sessions",
	"end sessions/where there are none":       "a directory has no sessions",
	"end sessions/twice":                      "a directory has no sessions",
	"end sessions/after a lost reply":         "a directory has no sessions",
	"end sessions/missing":                    "a directory has no sessions",
	"end sessions/an impossible id":           "a directory has no sessions",
	"end sessions/a protected account":        "a directory has no sessions",
}

// held holds the connector to the contracts of package target, against one kind of directory.
func held(t *testing.T, d *directory, more, blind map[string]string) {
	t.Helper()
	skip := map[string]string{}
	for _, from := range []map[string]string{notThere, more} {
		for name, why := range from {
			skip[name] = why
		}
	}
	bench := func(t *testing.T) conformance.TargetBench { return newHouse(t, d).bench() }
	t.Run("since", func(t *testing.T) {
		c := newHouse(t, d).connector()
		for since, want := range map[time.Duration]int{-time.Hour: inHouse, time.Hour: 0} {
			page, err := c.List(t.Context(), target.ListRequest{Since: d.Now().Add(since)})
			require.NoError(t, err)
			require.Equal(t, want, page.Total)
		}
	})
	t.Run("groups of one name", func(t *testing.T) { groupsOfOneName(t, newHouse(t, d)) })
	t.Run("lists by whatever way", func(t *testing.T) { listsByWhateverWay(t, newHouse(t, d)) })
	t.Run("changes", func(t *testing.T) {
		conformance.RunWatch(t, conformance.TargetSubject{System: "ldap", New: bench, NotApplicable: blind})
	})
	t.Run("access", func(t *testing.T) {
		conformance.RunTarget(t, conformance.TargetSubject{System: "ldap", New: bench, NotApplicable: skip})
	})
	t.Run("management", func(t *testing.T) {
		const kinds = "a directory has no kinds of user"
		conformance.RunManagement(t, conformance.TargetSubject{System: "ldap", New: bench, NotApplicable: map[string]string{
			"profiles/all of them": kinds, "create/of a kind": kinds,
		}})
	})
}

// realTime are cases that want to move the server's clock.
var realTime = map[string]string{"list/what was changed": "the clock of a real server cannot be moved: the case since asks what it can"}

// byStamps cannot be told by a directory that is asked by the times of changes.
var byStamps = map[string]string{"changes/of one that is deleted": "what is gone has no time of its change"}

func TestOnOpenLDAP(t *testing.T) {
	t.Parallel()
	d := directories.Slapd(t)
	held(t, d, realTime, nil)
	t.Run("changes since a time that has not been", func(t *testing.T) {
		h := newHouse(t, d)
		c := h.connector()
		ahead := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"w":"syncrepl","p":%[1]q,"g":%[1]q}`,
			base64.StdEncoding.EncodeToString([]byte("rid=000,csn=20990101000000.000000Z#000000#000#000000"))))
		out, err := c.Changes(t.Context(), target.ChangesRequest{Cookie: ahead})
		require.NoError(t, err)
		require.True(t, out.Everything, "the directory was set back: anything may have changed")
		dn := h.dn(3)
		h.manage(dn, h.dn(4))
		out, err = c.Changes(t.Context(), target.ChangesRequest{Cookie: out.Cookie})
		require.NoError(t, err)
		require.False(t, out.Everything)
		require.Contains(t, out.Accounts, h.id(dn))
	})
}

// groupsOfOneName has two groups of one cn in different places, and one whose name differs in case only.
func groupsOfOneName(t *testing.T, h *house) {
	t.Helper()
	elsewhere := "ou=elsewhere,ou=groups," + h.base
	directories.AddEntry(t, h.conn, elsewhere, "objectClass: organizationalUnit")
	lines := []string{"objectClass: groupOfNames", "member: " + h.dn(5)}
	if h.d.Kind == ldap.ActiveDirectory {
		lines = []string{"objectClass: group", "sAMAccountName: " + h.unique(0) + "-other"}
	}
	twin := "cn=" + strings.ToUpper(h.unique(0)) + "-GROUP," + elsewhere
	directories.AddEntry(t, h.conn, twin, lines...)
	names, in := map[string]string{}, target.GroupsRequest{}
	for {
		page, err := h.connector().Groups(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, 6, page.Total)
		for _, g := range page.Groups {
			names[g.ID] = g.Name
		}
		if in.Cursor = page.Next; in.Cursor == "" {
			break
		}
	}
	require.Len(t, names, 6)
	for _, dn := range []string{h.groupDN(0), twin} {
		require.Equal(t, h.written(dn), names[h.id(dn)])
	}
	require.Equal(t, h.unique(1)+"-group", names[h.id(h.groupDN(1))])
}

// listsByWhateverWay holds what a list shows against what a read shows, where it asks for groups one by one and where it reads them all.
func listsByWhateverWay(t *testing.T, h *house) {
	t.Helper()
	h.manage(h.dn(2), h.dn(9))
	h.manage(h.dn(3), "ou=groups,"+h.base)
	for _, apart := range []int{0, 1000} {
		c, in, shown := h.connector(), target.ListRequest{}, 0
		c.ListApart(apart)
		for {
			page, err := c.List(t.Context(), in)
			require.NoError(t, err)
			require.Equal(t, apart > 0, page.AsOf.IsZero())
			for _, a := range page.Accounts {
				read, err := c.Read(t.Context(), target.ReadRequest{ID: a.Ref.ID})
				require.NoError(t, err)
				require.True(t, a.Whole)
				require.ElementsMatch(t, read.Memberships, a.Memberships)
				a.Memberships, read.Memberships = nil, nil
				require.Equal(t, read, a)
			}
			if shown += len(page.Accounts); page.Next == "" {
				break
			}
			in.Cursor = page.Next
		}
		require.Equal(t, inHouse, shown)
	}
	// What was written itself shows at once.
	c, in := h.connector(), target.Write{ID: h.id(h.dn(0))}
	member := func() (is bool) {
		for cursor := ""; ; {
			page, err := c.List(t.Context(), target.ListRequest{Cursor: cursor})
			require.NoError(t, err)
			for _, a := range page.Accounts {
				is = is || a.Ref.ID == in.ID && slices.Contains(a.Memberships, h.id(h.groupDN(3)))
			}
			if cursor = page.Next; cursor == "" {
				return is
			}
		}
	}
	require.False(t, member())
	require.NoError(t, c.Add(t.Context(), target.AddRequest{Write: in, To: []string{h.id(h.groupDN(3))}}))
	require.True(t, member())
	require.NoError(t, c.Remove(t.Context(), target.RemoveRequest{Write: in, From: []string{h.id(h.groupDN(3))}}))
	require.False(t, member())
}

func (h *house) manage(dn, manager string) {
	h.t.Helper()
	req := goldap.NewModifyRequest(dn, nil)
	req.Replace("manager", []string{manager})
	require.NoError(h.t, h.conn.Modify(req))
}
