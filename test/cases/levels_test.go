package cases

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
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

// TestCase_L13_EnteredBeforeTheFirstPoll: somebody leaves in two days, somebody has left and their account was forgotten,
// somebody begins soon, and all of it was entered before Gatehouse came. The run that waits for the day is lost with
// Temporal's database.
func TestCase_L13_EnteredBeforeTheFirstPoll(t *testing.T) {
	t.Parallel()
	for source, ids := range map[string][3]string{
		"workday": {"workday-21005", "workday-21006", "workday-21010"}, "bamboohr": {"bamboohr-105", "bamboohr-106", "bamboohr-103"},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			var clock movable
			s := kit.New(t, kit.Options{Policy: roomy(t), Clock: clock.now})
			leaves, forgotten, longGone := s.Account(ids[0]), s.Account(ids[1]), s.Account(ids[2])
			s.HR(ids[0], "terminate", control.Fields{"last_day": "today+2", "location": "Berlin"})
			s.HR(ids[1], "terminate", control.Fields{"last_day": "today-3"})
			s.HR(ids[2], "terminate", control.Fields{"last_day": "today-45"})
			joiner := s.Hire(source, control.Fields{
				"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
				"hire_date": "today+3", "personal_email": "ada@home.example",
			})
			s.Baseline()
			s.AwaitShut(forgotten.ID)
			s.Until("the joiner's account is prepared", func() bool {
				_, found, err := s.Sandbox.ByExternalID(t.Context(), joiner)
				require.NoError(t, err)
				return found
			})
			require.True(t, s.Of(leaves.ID).CanSignIn, "until the day after tomorrow")

			// Who had left long before is looked at once their account is known.
			sweep(s)
			s.Sync(source)
			s.AwaitShut(longGone.ID)

			s.AwaitStage(ids[0], api.StageWaiting)
			require.NoError(t, s.Temporal.TerminateWorkflow(t.Context(), api.PersonID(ids[0]), "", "the database is lost"))
			clock.advance(48 * time.Hour)
			require.NoError(t, s.Sandbox.Advance(t.Context(), 72*time.Hour))
			s.Sync(source)
			s.AwaitShut(leaves.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// sweep reads all accounts, as their schedule would.
func sweep(s *kit.Stack) {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: api.AccountSweepID, TaskQueue: api.QueueSweep},
		api.TypeAccountSweep, api.AccountSweepRequest{Every: 6 * time.Hour, Each: time.Hour})
	require.NoError(s.T, err)
	require.NoError(s.T, run.Get(s.T.Context(), nil))
}
