package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// asks returns the one question that a person's run asks about a plan with a step.
func asks(s *kit.Stack, key, step string) api.Attention {
	s.T.Helper()
	var item api.Attention
	s.Until("somebody is asked: "+step, func() bool {
		state, open := s.State(key)
		if !open || len(state.Attention) != 1 {
			return false
		}
		item = state.Attention[0]
		return strings.Contains(strings.Join(item.Plan, "\n"), step)
	})
	return item
}

// without are the roles but one.
func without(roles []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return role == one })
}

// TestCase_R08_AllowedForOnePlan: what was allowed for a move to Support gives nothing else.
func TestCase_R08_AllowedForOnePlan(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "role_change: enforce", "role_change: approve")
	}})
	s.Baseline()
	key := s.Hire("workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Sales", "title": "Account Executive", "location": "Berlin",
		"hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	})
	worker := strings.TrimPrefix(key, "workday-")
	require.Equal(t, 202, s.WorkdayWebhook(worker))
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	admin := func() bool { return strings.Contains(strings.Join(s.Account(key).Roles, ","), "AWS Admin") }

	// The change that is allowed takes a while, and HR changes the position once more meanwhile.
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.add_roles", Style: "delay", DelayMS: 2000, Times: 1,
	}))
	s.HR(key, "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	require.Equal(t, 202, s.WorkdayWebhook(worker))
	support := asks(s, key, "give roles: ")
	require.Contains(t, strings.Join(support.Plan, "\n"), "move the account to the group Support")
	require.Equal(t, "Sales", s.Account(key).Group, "nothing happens before it is allowed")
	s.Until("Slack shows what is asked", func() bool {
		said := s.Messages("")
		return strings.Contains(said, "move the account to the group Support") && strings.Contains(said, "--item "+support.Item)
	})
	decide := func(item, verb string) error {
		return s.App.Launch.Decide(t.Context(), api.PersonID(key), api.Decision{Verb: verb, By: "tester", Item: item})
	}
	require.NoError(t, decide(support.Item, api.VerbAllow))
	s.Until("the move to Support is under way", func() bool {
		state, open := s.State(key)
		return open && state.Template == api.TypeRoleChange
	})
	s.HR(key, "change", control.Fields{"department": "Engineering", "title": "Head of Infrastructure"})
	require.Equal(t, 202, s.WorkdayWebhook(worker))

	infrastructure := asks(s, key, "AWS Admin")
	require.Equal(t, "Support", s.Account(key).Group, "what was allowed is done, and no more")
	require.False(t, admin())
	require.NotEqual(t, support.Item, infrastructure.Item)
	late := decide(support.Item, api.VerbAllow)
	require.ErrorContains(t, late, "does not wait for a decision any more")
	require.ErrorContains(t, late, "AWS Admin", "what waits now is shown")
	s.Until("Slack shows what is asked now", func() bool { return strings.Contains(s.Messages(""), "--item "+infrastructure.Item) })
	require.False(t, admin())

	// The hint of a poll makes no difference to the question.
	s.Hint(key, "poll")
	require.Equal(t, infrastructure.Item, asks(s, key, "AWS Admin").Item)
	require.NoError(t, decide(infrastructure.Item, api.VerbAllow))
	s.Until("the second word is carried out", admin)
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)

	// It was used: the same plan later is asked about again.
	account := s.Account(key)
	_, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"roles": without(account.Roles, "AWS Admin")})
	require.NoError(t, err)
	s.Hint(key, "poll")
	again := asks(s, key, "AWS Admin")
	require.NotEqual(t, infrastructure.Item, again.Item)
	require.ErrorContains(t, decide(infrastructure.Item, api.VerbAllow), "does not wait for a decision any more")
	require.False(t, admin())
}

// TestCase_O05_DecideWithoutAWorker: whoever decides while nobody works learns in time what is known, and no more.
func TestCase_O05_DecideWithoutAWorker(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "role_change: enforce", "role_change: approve")
	}})
	s.Baseline()
	d := s.Desk(nil)
	key := s.Hire("workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Sales", "title": "Account Executive", "location": "Berlin",
		"hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	})
	worker := strings.TrimPrefix(key, "workday-")
	require.Equal(t, 202, s.WorkdayWebhook(worker))
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	s.HR(key, "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	require.Equal(t, 202, s.WorkdayWebhook(worker))
	item := asks(s, key, "give roles: ").Item
	shown := d.MustRun("decide", "--person", key)
	require.Contains(t, shown, "item      "+item)
	require.Contains(t, shown, "step      move the account to the group Support")
	require.Contains(t, shown, "answers   allow, reject")

	s.StopWorkers()
	// What is asked cannot be read, so that nothing is sent.
	p := d.Run("decide", "--person", key, "--verb", "allow", "--reason", "test", "--wait", "3s")
	require.NotZero(t, p.Code)
	require.Less(t, p.Took, time.Minute)
	require.Contains(t, p.Err, "nothing was decided")
	require.Contains(t, p.Err, "no worker has answered")
	s.StartWorkers()
	require.Equal(t, item, asks(s, key, "give roles: ").Item, "it is still asked")
	require.Equal(t, "Sales", s.Account(key).Group)

	s.StopWorkers()
	// What is named is sent, and nobody says what becomes of it.
	p = d.Run("decide", "--person", key, "--item", item, "--verb", "allow", "--reason", "test", "--wait", "3s")
	require.NotZero(t, p.Code)
	require.Less(t, p.Took, time.Minute)
	require.Contains(t, p.Err, "not known whether the decision was accepted")
	require.Contains(t, p.Err, "may still take effect")
	require.Contains(t, p.Err, "starter evidence --person "+key)
	require.Equal(t, "Sales", s.Account(key).Group)
	// What is decided takes a while, so that the run is open when the word is given again.
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.add_roles", Style: "delay", DelayMS: 2000, Times: 1,
	}))
	s.StartWorkers()
	p = d.Run("decide", "--person", key, "--item", item, "--verb", "allow", "--reason", "test")
	if p.Code != 0 {
		require.Contains(t, p.Err, "item "+item+" does not wait for a decision any more", "it was taken the first time, or this time")
	}
	s.Until("it takes effect", func() bool { return s.Account(key).Group == "Support" })
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
}
