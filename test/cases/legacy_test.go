package cases

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L06_LegacyCompany: every fourth employee of a company whose accounts are all older than Gatehouse leaves, in a
// few minutes. By the sandbox's own knowledge of whose an account is, each of theirs is shut or security was told of it, and
// nobody else lost anything.
func TestCase_L06_LegacyCompany(t *testing.T) {
	t.Parallel()
	for name, doubt := range map[string]string{"who is in doubt is asked about": "ask", "who is in doubt is suspended": "suspend"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			legacyCompany(t, doubt)
		})
	}
}

func legacyCompany(t *testing.T, doubt string) {
	s := kit.New(t, kit.Options{People: 120, Legacy: true, Policy: func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "keep_roles: []", "keep_roles: [], doubt: "+doubt)
	}})
	s.Baseline()
	before, err := s.Sandbox.Accounts(t.Context())
	require.NoError(t, err)
	var keys []string
	for i := 2; i < 96; i += 4 {
		key := fmt.Sprintf("workday-%d", 21001+i)
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
		keys = append(keys, strings.TrimPrefix(key, "workday-"))
	}
	open := s.LeftWithAccess()
	require.Greater(t, len(open), 20)
	gone := map[string]bool{}
	for _, o := range open {
		gone[o.Human] = true
	}
	require.Equal(t, 202, s.WorkdayWebhook(keys...))

	missed := func() (out []control.Open) {
		said := s.Messages(security)
		for _, o := range s.LeftWithAccess() {
			if !names(said, control.Person{ID: o.AccountID}) {
				out = append(out, o)
			}
		}
		return out
	}
	// So many leavers take longer than one.
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for end := time.Now().Add(100 * time.Second); len(missed()) > 0 && time.Now().Before(end); <-tick.C {
	}
	require.Empty(t, missed(), "neither shut nor named to security")
	if doubt == "suspend" {
		s.Until("nobody in doubt can sign in", func() bool {
			for _, o := range s.LeftWithAccess() {
				// Those that are protected wait for two people.
				if o.CanSignIn && !slices.Contains(o.Roles, "Super admin") {
					return false
				}
			}
			return true
		})
	}
	shut := 0
	for i := range before {
		was, is := before[i], s.Of(before[i].ID)
		switch {
		case was.Kind != "person" || !gone[was.Owner]:
			require.Equal(t, was.Status, is.Status, "account %d is not a leaver's", was.ID)
			require.Equal(t, was.Roles, is.Roles, "account %d is not a leaver's", was.ID)
		case !kit.Open(is):
			shut++
		}
	}
	t.Logf("%d leavers, %d accounts of theirs shut, %d asked about", len(keys), shut, len(s.LeftWithAccess()))
}
