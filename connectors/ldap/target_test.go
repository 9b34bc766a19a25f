package ldap_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
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
	t.Run("access", func(t *testing.T) {
		conformance.RunTarget(t, conformance.TargetSubject{System: "ldap", New: bench, NotApplicable: skip})
	})
	t.Run("management", func(t *testing.T) {
		conformance.RunManagement(t, conformance.TargetSubject{System: "ldap", New: bench})
	})
}

// realTime are cases that want to move the server's clock.
var realTime = map[string]string{"list/what was changed": "the clock of a real server cannot be moved: the case since asks what it can"}

func TestOnOpenLDAP(t *testing.T) {
	t.Parallel()
	held(t, slapd(t), realTime)
}
