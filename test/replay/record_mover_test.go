package replay

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// recordMove has somebody move to another department and manager, under a new name, and keep old access for a while.
func recordMove(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 5s, rename: rename}")
	}})
	s.Baseline()
	key := s.Hire("workday", engineer("Mary", "Cartwright", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	s.HR(key, "change", control.Fields{"department": "Sales", "title": "Account Executive", "manager_id": "21003", "last_name": "Hardy"})
	s.Hint(key, "poll")
	s.AwaitStage(key, api.StageWaiting)
	require.Len(t, s.Account(key).Roles, 7, "the old access stays beside the new")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Len(t, s.Account(key).Roles, 3)
	require.Equal(t, "mary.hardy@acme.example", s.Account(key).Username)
	write(s, moveWithOverlap, api.PersonID(key))
}

// recordDatedMove has HR date a change of position in the future, and then enter it for today instead.
func recordDatedMove(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", engineer("Mary", "Somerville", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	s.HR(key, "change", control.Fields{"department": "Sales", "effective_on": "today+9"})
	s.Hint(key, "poll")
	s.AwaitStage(key, api.StageWaiting)
	require.Equal(t, "Engineering", s.Account(key).Group)
	s.HR(key, "change", control.Fields{"effective_on": ""})
	s.HR(key, "change", control.Fields{"department": "Sales"})
	s.Hint(key, "poll")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, "Sales", s.Account(key).Group)
	write(s, datedMove, api.PersonID(key))
}

// recordNoticed has OneLogin cut the title that somebody gets with another position, and HR hint them again at that moment, when HR
// is slow: the look begins before the title is written and ends after it. The runs that were recorded first told nobody of the title.
func recordNoticed(scenario string) func(*testing.T) {
	return func(t *testing.T) {
		s := kit.New(t, kit.Options{})
		s.Baseline()
		key := s.Hire("workday", engineer("Mary", "Ellis", "today"))
		s.Hint(key, "onboard")
		require.Equal(t, "can sign in", s.Outcome(key).Result)
		require.NoError(t, s.Sandbox.Cut(t.Context(), 12))
		s.Slow("onelogin", "onelogin.update_user", 6000, 1)
		s.Slow("onelogin", "onelogin.add_roles", 4000, 1)
		s.HR(key, "change", control.Fields{"department": "Sales", "title": "Account Executive of everything"})
		s.Hint(key, "poll")
		s.Until("the account is being updated", func() bool {
			state, open := s.State(key)
			return open && state.Doing == "Updating the account"
		})
		s.Slow("workday", "", 3000, 3)
		s.Hint(key, "webhook")
		s.Outcome(key)
		require.Equal(t, "Sales", s.Account(key).Group)
		require.Equal(t, scenario == moveNoticed, strings.Contains(s.Messages(""), "keeps something else"))
		write(s, scenario, api.PersonID(key))
	}
}

// recordApproved has a person allow a change of position, and HR change it once more while it is carried out. The runs that
// were recorded first took what was allowed for the next change as well, the second ask again.
func recordApproved(scenario string) func(*testing.T) {
	return func(t *testing.T) { playApproved(t, scenario) }
}

func playApproved(t *testing.T, scenario string) {
	t.Helper()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "role_change: enforce", "role_change: approve")
	}})
	s.Baseline()
	key := s.Hire("workday", engineer("Mary", "Golda", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.add_roles", Style: "delay", DelayMS: 2000, Times: 1,
	}))
	s.HR(key, "change", control.Fields{"department": "Support"})
	s.Hint(key, "poll")
	s.AwaitStage(key, api.StageAttention)
	s.Until("the owner has been told", func() bool { return strings.Contains(s.Messages(""), "This template asks before it acts") })
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbAllow))
	s.Until("the change is under way", func() bool {
		state, open := s.State(key)
		return open && state.Template == api.TypeRoleChange
	})
	s.HR(key, "change", control.Fields{"department": "Sales"})
	s.Hint(key, "poll")
	s.Until("Sales has its access, if somebody allows it", func() bool {
		if state, open := s.State(key); open && state.Stage == api.StageAttention {
			require.NoError(t, s.Decide(api.PersonID(key), api.VerbAllow))
		}
		return s.Account(key).Group == "Sales"
	})
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	write(s, scenario, api.PersonID(key))
}
