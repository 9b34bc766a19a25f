package tenant

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	rt := newRouter([]Route{
		{Method: "GET", Path: "/users/{id}", Op: "get"},
		{Method: "PUT", Path: "/users/{id}", Op: "put"},
		{Method: "PUT", Path: "/users/set_password/{id}", Op: "password"},
		{Method: "GET", Path: "/users/types", Op: "types"},
	})
	for name, tc := range map[string]struct {
		method, path, op, allow string
		params                  []string
	}{
		"variable":                 {"GET", "/users/42", "get", "", []string{"42"}},
		"static before variable":   {"GET", "/users/types", "types", "", nil},
		"back from a dead end":     {"GET", "/users/set_password", "get", "", []string{"set_password"}},
		"escaped slash is no path": {"GET", "/users/a%2Fb", "get", "", []string{"a/b"}},
		"head is get":              {"HEAD", "/users/42", "get", "", []string{"42"}},
		"other method":             {"POST", "/users/42", "", "GET, PUT", []string{"42"}},
		"too short":                {"GET", "/users", "", "", nil},
		"too long":                 {"GET", "/users/42/roles", "", "", nil},
		"empty segment":            {"GET", "/users/", "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, params, allow := rt.find(tc.method, tc.path)
			op := ""
			if r != nil {
				op = r.Op
			}
			require.Equal(t, tc.op, op)
			require.Equal(t, tc.allow, allow)
			require.Equal(t, tc.params, params)
		})
	}
}

func TestJournalForgetsTheOldest(t *testing.T) {
	t.Parallel()
	j := NewJournal()
	for range maxEntries + 1 {
		j.append(&Entry{System: "s", Op: "s.op"})
	}
	list := j.List(Filter{})
	require.Len(t, list, maxEntries-maxEntries/10+1)
	require.Equal(t, uint64(maxEntries+1), list[len(list)-1].Seq)
	require.Equal(t, maxEntries+1, j.Counts()["s"]["total"], "counts forget nothing")
	require.Len(t, j.List(Filter{Since: maxEntries - 1}), 2)
}

func TestClockAndSecrets(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
	a, b := New(func() time.Time { return at }, 1), New(func() time.Time { return at }, 1)
	a.Advance(2 * time.Minute)
	require.Equal(t, "2026-11-24", a.Today())
	require.Equal(t, at, a.WallClock(), "what other programs have does not move")
	first := a.Secret()
	require.Equal(t, first, b.Secret(), "reproducible from the seed")
	require.NotEqual(t, first, a.Secret())
}
