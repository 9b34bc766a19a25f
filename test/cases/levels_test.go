package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// reload replaces the policy and has the workers take it up.
func reload(s *kit.Stack, edit func(string) string) {
	s.T.Helper()
	s.WritePolicy(edit)
	require.NoError(s.T, s.Vendors.Policy.Reload(s.T.Context()))
}

// TestCase_L11_SeenWhileObserving: a termination is seen while offboarding observes, which is how everybody begins. Then it
// is to be carried out.
func TestCase_L11_SeenWhileObserving(t *testing.T) {
	t.Parallel()
	observing := func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "offboarding: enforce", "offboarding: observe")
	}
	for name, key := range map[string]string{"workday": "workday-21005", "bamboohr": "bamboohr-105"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: observing})
			s.Baseline()
			account := s.Account(key)
			s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			require.Equal(t, 1, s.Sync(name).Hinted)
			s.Outcome(key)
			intact := untouched(s)
			for range 3 {
				require.Zero(t, s.Sync(name).Hinted)
			}
			intact()
			require.True(t, s.Of(account.ID).CanSignIn)

			reload(s, roomy(t))
			s.Sync(name)
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}
