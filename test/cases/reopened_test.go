package cases

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// nights runs what gives access back each time Gatehouse is about to read an account that is shut, so many times, and
// returns how to ask whether they are over.
func nights(s *kit.Stack, account int64, n int, night func() error) (over func() bool) {
	s.T.Helper()
	var mu sync.Mutex
	left := n
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		p, found, err := s.Sandbox.ByID(s.T.Context(), account)
		if left == 0 || err != nil || !found || kit.Open(p) {
			return
		}
		left--
		if err := night(); err != nil {
			s.T.Error(err)
		}
	}))
	s.T.Cleanup(site.Close)
	require.NoError(s.T, s.Sandbox.AddFault(s.T.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.get_user", Path: "/api/2/users/" + itoa(account), When: "before", Style: "callback", URL: site.URL, Times: -1,
	}))
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return left == 0
	}
}

// TestCase_L24_AMappingGivesAccessBack: night after night, and it is named.
func TestCase_L24_AMappingGivesAccessBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21009")
	require.NoError(t, s.Sandbox.AddMapping(t.Context(), control.Mapping{
		Name: "engineers are active", Conditions: []control.MappingCondition{{Source: "department", Operator: "=", Value: "Engineering"}},
		Actions: []control.MappingAction{{Action: "set_status", Value: []string{"1"}}, {Action: "set_role", Value: []string{"GitHub"}}},
	}))
	over := nights(s, account.ID, 3, func() error { _, err := s.Sandbox.RunMappings(t.Context()); return err })
	leaves(s, "workday-21009")
	reopened(s, account, over, "mapping")
}

// TestCase_L24_ADirectoryGivesAccessBack: where the account comes from it is still enabled.
func TestCase_L24_ADirectoryGivesAccessBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	account := s.Account("workday-21009")
	require.NoError(t, s.Sandbox.SetDirectoryEntry(t.Context(), control.DirectoryEntry{Directory: 77, ID: account.ID}))
	s.Baseline()
	over := nights(s, account.ID, 3, func() error { _, err := s.Sandbox.SyncDirectory(t.Context(), 77); return err })
	leaves(s, "workday-21009")
	reopened(s, account, over, "directory")
}

// reopened holds that what comes back is taken away as often as it comes, and that the source is named.
func reopened(s *kit.Stack, account control.Person, over func() bool, source string) {
	s.T.Helper()
	s.Until("somebody knows what gives it back", func() bool {
		said := strings.ToLower(s.Messages(security) + s.Messages(it))
		return strings.Contains(said, source) && names(said, account)
	})
	long(s, "all nights are over and the account is shut", func() bool { return over() && !kit.Open(s.Of(account.ID)) })
}
