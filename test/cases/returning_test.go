package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L24_AMappingThatNeverStops: a mapping opens the account again whenever Gatehouse has shut it. Somebody is woken
// and asked, and told which mapping it is; the access is taken away each time, without a flood; once it stops, the account
// stays shut and the question goes.
func TestCase_L24_AMappingThatNeverStops(t *testing.T) {
	t.Parallel()
	const key, nightsInAll = "workday-21009", 6
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	account := s.Account(key)
	require.NoError(t, s.Sandbox.AddMapping(t.Context(), control.Mapping{
		Name: "engineers are active", Conditions: []control.MappingCondition{{Source: "department", Operator: "=", Value: "Engineering"}},
		Actions: []control.MappingAction{{Action: "set_status", Value: []string{"1"}}},
	}))
	s.Baseline()
	since := s.Mark()
	over := nights(s, account.ID, nightsInAll, func() error { _, err := s.Sandbox.RunMappings(t.Context()); return err })
	leaves(s, key)
	var item api.Attention
	s.Until("somebody is asked what gives it back", func() bool {
		state, open := s.State(key)
		for _, a := range state.Attention {
			if a.Code == "access_keeps_returning" {
				item = a
			}
		}
		return open && item.Item != ""
	})
	require.Contains(t, item.Text, "mapping")
	require.Contains(t, item.Text, itoa(account.ID))
	s.Until("the pager and Slack name the mapping", func() bool {
		return strings.Contains(paged(s), "mapping") && strings.Contains(s.Messages(""), item.Text)
	})
	// Hints of the events that it makes change nothing about how often that is.
	for range 20 {
		s.Hint(key, "event")
	}
	long(s, "all nights are over and the account is shut", func() bool { return over() && !kit.Open(s.Of(account.ID)) })
	suspensions := 0
	for _, effect := range s.Effects(since, "onelogin.update_user") {
		if strings.Contains(effect, itoa(account.ID)) {
			suspensions++
		}
	}
	require.LessOrEqual(t, suspensions, 2*(nightsInAll+1), "it is taken away as often as it comes back, and no more")
	require.NoError(t, s.App.Launch.Decide(t.Context(), api.PersonID(key), api.Decision{Verb: api.VerbRetry, By: "tester", Item: item.Item}))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.Equal(t, 2, s.Of(account.ID).Status)
}

// TestCase_L03_ProtectedAfterwards: the account of a leaver comes back with a role that protects it. Gatehouse may not
// touch it by itself, says so, and two people can lift the protection.
func TestCase_L03_ProtectedAfterwards(t *testing.T) {
	t.Parallel()
	for _, over := range []bool{false, true} {
		t.Run(map[bool]string{false: "while it is watched", true: "after the run"}[over], func(t *testing.T) {
			t.Parallel()
			const key = "workday-21009"
			var leaver control.Person
			s := company(t, func(s *kit.Stack) { leaver = s.Account(key) })
			if !over {
				s.WritePolicy(func(policy string) string {
					return kit.Replace(t, policy, "verify_after: [1s]", "verify_after: [3s, 3s, 3s, 3s, 1h]")
				})
			}
			leaves(s, key)
			s.AwaitShut(leaver.ID)
			if over {
				require.Equal(t, "access ended", s.Outcome(key).Result)
			} else {
				s.AwaitStage(key, api.StageWatching)
			}
			reopens(s, leaver)
			if over {
				s.Hint(key, "event")
			}
			s.Until("security knows which account it is", func() bool {
				return strings.Contains(s.Messages(security), "is protected") && names(s.Messages(security), leaver)
			})
			require.Equal(t, 1, s.Of(leaver.ID).Status)
			require.True(t, slices.Contains(s.Of(leaver.ID).Roles, "Super admin"))
			allowed(s, key, leaver)
			s.Until("nothing is left", func() bool { return bare(s.Of(leaver.ID)) })
		})
	}
}
