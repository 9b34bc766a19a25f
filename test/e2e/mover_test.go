package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// keeps edits the policy so that old access stays for a while.
func keeps(stay string) func(string) string {
	return func(p string) string {
		return edited(p, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: "+stay+"}")
	}
}

// edited replaces text that has to be there.
func edited(policy, old, fresh string) string {
	if !strings.Contains(policy, old) {
		panic("the example policy no longer contains " + old)
	}
	return strings.Replace(policy, old, fresh, 1)
}

func TestMoveFromEngineeringToSales(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	boss := s.Account("workday-21003")
	s.HR(key, "change", control.Fields{"department": "Sales", "title": "Account Executive", "manager_id": "21003"})
	s.Hint(key, "poll")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	now := s.Account(key)
	require.Equal(t, "Sales", now.Group)
	require.Equal(t, []string{"Everyone", "Sales", "Salesforce"}, now.Roles)
	require.Equal(t, "Account Executive", now.Title)
	require.Equal(t, boss.ID, now.ManagerID)
	said := s.Messages("")
	require.Contains(t, said, "Your access has changed")
	require.Contains(t, said, "The access of somebody in your team has changed")

	mark := s.Mark()
	s.HR(key, "change", control.Fields{"manager_id": "21002"})
	s.Hint(key, "poll")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, []string{"onelogin.update_user"}, ops(s, mark), "a new manager alone is no news to anybody")
}

// ops are the operations that had an effect since a mark.
func ops(s *kit.Stack, mark uint64) []string {
	var all []string
	for _, e := range s.Effects(mark) {
		op, _, _ := strings.Cut(e, " ")
		all = append(all, op)
	}
	return all
}

func TestOldAccessStaysForAWhileAndGoes(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: keeps("15s")})
	key := employee(s)
	s.HR(key, "change", control.Fields{"department": "Sales"})
	s.Hint(key, "poll")
	s.AwaitStage(key, api.StageWaiting)
	require.Equal(t, []string{"AWS Read Only", "Engineering", "Everyone", "GitHub", "Jira", "Sales", "Salesforce"}, s.Account(key).Roles)
	s.Until("old access has gone", func() bool { return len(s.Account(key).Roles) == 3 })
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, []string{"Everyone", "Sales", "Salesforce"}, s.Account(key).Roles)
}

func TestTwoChangesInARowEndWhereHRSays(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	id := strings.TrimPrefix(key, "workday-")
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.add_roles", Style: "delay", DelayMS: 2000, Times: 1,
	}))
	s.HR(key, "change", control.Fields{"department": "Sales"})
	require.Equal(t, 202, s.WorkdayWebhook(id))
	s.Until("access for Sales is under way", func() bool {
		state, open := s.State(key)
		return open && state.Template == api.TypeRoleChange
	})
	s.HR(key, "change", control.Fields{"department": "Marketing"})
	require.Equal(t, 202, s.WorkdayWebhook(id))
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	now := s.Account(key)
	require.Equal(t, "Marketing", now.Group)
	require.Equal(t, []string{"Everyone", "Marketing"}, now.Roles)
}

func TestLeaverKeepsNoOldAccess(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: keeps("720h")})
	key := employee(s)
	s.HR(key, "change", control.Fields{"department": "Sales"})
	s.Hint(key, "poll")
	s.AwaitStage(key, api.StageWaiting)
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	s.Hint(key, "poll")
	s.Outcome(key)
	s.Until("the list of runs has the departure", func() bool { return slices.Contains(s.Runs(key), api.TypeOffboarding) })
	require.Empty(t, s.Account(key).Roles)
	orders, err := s.App.Ledger.OrdersInForce(t.Context(), key)
	require.NoError(t, err)
	require.Empty(t, orders, "nothing is left for somebody who comes back")
}

func TestDatedChangeWaitsForItsDayAndFollowsWhenItMoves(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	s.HR(key, "change", control.Fields{"department": "Sales", "effective_on": "today+9"})
	s.Hint(key, "poll")
	first := s.AwaitStage(key, api.StageWaiting).Due
	s.HR(key, "change", control.Fields{"department": "Sales", "effective_on": "today+20"})
	s.Hint(key, "poll")
	s.Until("the new date is waited for", func() bool {
		state, open := s.State(key)
		return open && state.Due.Sub(first).Hours() > 10*24
	})
	s.HR(key, "change", control.Fields{"effective_on": ""})
	s.Hint(key, "poll")
	require.Equal(t, "nothing to do", s.Outcome(key).Result, "HR has changed its mind")
	require.Equal(t, "Engineering", s.Account(key).Group)
}

func TestUnmappedDepartmentAsksAndTakesNothing(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	before := s.Account(key)
	s.HR(key, "change", control.Fields{"department": "Enginering"})
	s.Hint(key, "poll")
	state := s.AwaitStage(key, api.StageAttention)
	require.Equal(t, "department_unmapped", state.Attention[0].Code)
	require.Equal(t, before.Roles, s.Account(key).Roles)
	s.HR(key, "change", control.Fields{"department": "Engineering"})
	s.Hint(key, "poll")
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
}

func TestNewNameRenamesTheAccountWherePolicySaysSo(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(p string) string {
		return edited(p, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 0s, rename: rename}")
	}})
	key := employee(s)
	before := s.Account(key).Email
	s.HR(key, "change", control.Fields{"last_name": "Lovelace"})
	s.Hint(key, "poll")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, "ada.lovelace@acme.example", s.Account(key).Username)
	require.Equal(t, "ada.lovelace@acme.example", s.Account(key).Email)
	// Slack has the old address until somebody changes it there.
	require.Contains(t, s.Told(before), "Your sign-in name has changed")
	require.Contains(t, s.Told(before), "New sign-in name: ada.lovelace@acme.example")
}
