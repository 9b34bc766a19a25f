package ldap_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
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
func held(t *testing.T, d *directory, more map[string]string) {
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
			page, err := c.List(t.Context(), target.ListRequest{Since: d.now().Add(since)})
			require.NoError(t, err)
			require.Equal(t, want, page.Total)
		}
	})
	t.Run("groups of one name", func(t *testing.T) { groupsOfOneName(t, newHouse(t, d)) })
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

func TestOnOpenLDAP(t *testing.T) {
	t.Parallel()
	held(t, slapd(t), realTime)
}

// groupsOfOneName has two groups of one cn in different places, and one whose name differs in case only.
func groupsOfOneName(t *testing.T, h *house) {
	t.Helper()
	elsewhere := "ou=elsewhere,ou=groups," + h.base
	addEntry(t, h.conn, elsewhere, "objectClass: organizationalUnit")
	lines := []string{"objectClass: groupOfNames", "member: " + h.dn(5)}
	if h.d.kind == ldap.ActiveDirectory {
		lines = []string{"objectClass: group", "sAMAccountName: " + h.unique(0) + "-other"}
	}
	twin := "cn=" + strings.ToUpper(h.unique(0)) + "-GROUP," + elsewhere
	addEntry(t, h.conn, twin, lines...)
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
