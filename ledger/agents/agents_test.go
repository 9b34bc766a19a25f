package agents_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/agents"
	"gatehouse/ledger/storetest"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"tokens":          testTokens,
		"switches":        testSwitches,
		"limits together": testLimitsTogether,
		"floods":          testFloods,
		"requests":        testRequests,
		"usage":           testUsage,
		"suspicion":       testSuspicion,
	})
}

func testTokens(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "one", "one")}).Agents()
	made, err := s.AddToken(ctx, "secret", "helpdesk", "dana", c.Now().Add(time.Hour))
	require.NoError(t, err)
	_, err = s.AddToken(ctx, "over", "helpdesk", "dana", c.Now())
	require.Error(t, err)
	got, found, err := s.Token(ctx, "secret")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "helpdesk", got.Agent)
	require.ErrorIs(t, s.RevokeToken(ctx, "other", made.ID), ledger.ErrNotFound)
	require.ErrorIs(t, s.RevokeToken(ctx, "helpdesk", ""), ledger.ErrNotFound)
	c.Advance(time.Hour)
	_, found, err = s.Token(ctx, "secret")
	require.NoError(t, err)
	require.False(t, found, "a token ends")
	_, err = s.AddToken(ctx, "next", "helpdesk", "dana", c.Now().Add(time.Hour))
	require.NoError(t, err)
	all, err := s.Tokens(ctx, "helpdesk")
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "dana", all[0].MadeBy)
	require.NoError(t, s.RevokeToken(ctx, "helpdesk", all[0].ID))
	_, found, err = s.Token(ctx, "next")
	require.NoError(t, err)
	require.False(t, found)
	for token, once := range map[string]bool{"secret": true, "next": true, "never": false} {
		agent, found, err := s.Ended(ctx, token)
		require.NoError(t, err)
		require.Equal(t, once, found, token)
		require.Equal(t, once, agent == "helpdesk", token)
	}
	for range 3 {
		require.NoError(t, s.Stale(ctx, agents.Call{Agent: "helpdesk", Tool: "stale_token", DeniedBy: "stale_token"}))
	}
	turned, err := s.Calls(ctx, "helpdesk", time.Time{}, 10)
	require.NoError(t, err)
	require.Len(t, turned, 1)
	require.Equal(t, 3, turned[0].Times)
	require.Equal(t, "deny", turned[0].Verdict)
}

func testSwitches(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now}).Agents()
	for _, scope := range []string{agents.All, agents.OfAgent("a"), agents.OfTool("look_up_user")} {
		off, err := s.Off(ctx, "a", "look_up_user")
		require.NoError(t, err)
		require.Empty(t, off)
		fresh, err := s.SwitchOff(ctx, agents.Switch{Scope: scope, By: "dana", Reason: "a test"})
		require.NoError(t, err)
		require.True(t, fresh)
		fresh, err = s.SwitchOff(ctx, agents.Switch{Scope: scope, By: "kim", Reason: "again"})
		require.NoError(t, err)
		require.False(t, fresh)
		off, err = s.Off(ctx, "a", "look_up_user")
		require.NoError(t, err)
		require.Equal(t, scope, off)
		all, err := s.Switches(ctx)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, agents.Switch{Scope: scope, OffAt: c.Now(), By: "dana", Reason: "a test"}, all[0])
		by, err := s.Record(ctx, agents.Call{ID: scope, Agent: "a", Tool: "look_up_user", Verdict: "allow"}, agents.Bounds{CallsPerMinute: 5, PeoplePerDay: 5})
		require.NoError(t, err)
		require.Equal(t, scope, by)
		require.NoError(t, s.SwitchOn(ctx, scope))
	}
	off, err := s.Off(ctx, "b", "whoami")
	require.NoError(t, err)
	require.Empty(t, off)
}

// testLimitsTogether: calls that arrive at once get no further than those that come one after the other.
func testLimitsTogether(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now}).Agents()
	var let atomic.Int64
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() {
			by, err := s.Record(ctx, agents.Call{ID: fmt.Sprint(i), Agent: "a", Tool: "assign_role", Writes: true, Verdict: "allow"},
				agents.Bounds{CallsPerMinute: 100, WritesPerDay: 7, PeoplePerDay: 5})
			if err == nil && by == "" {
				let.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 7, let.Load())
	c.Advance(24*time.Hour + time.Second)
	by, err := s.Record(ctx, agents.Call{ID: "next day", Agent: "a", Tool: "assign_role", Writes: true, Verdict: "ask"}, agents.Bounds{CallsPerMinute: 100, WritesPerDay: 7, PeoplePerDay: 5})
	require.NoError(t, err)
	require.Empty(t, by)
}

func testFloods(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now}).Agents()
	bounds := agents.Bounds{CallsPerMinute: 2, PeoplePerDay: 1}
	for i := range 50 {
		_, err := s.Record(ctx, agents.Call{ID: fmt.Sprint(i), Agent: "a", Tool: "whoami", Verdict: "allow", Subjects: []string{"workday-1"}}, bounds)
		require.NoError(t, err)
	}
	all, err := s.Calls(ctx, "a", time.Time{}, 100)
	require.NoError(t, err)
	require.Len(t, all, 3)
	times := 0
	for _, call := range all {
		if call.DeniedBy == agents.DeniedRate {
			times = call.Times
		}
	}
	require.Equal(t, 48, times)
	require.NoError(t, s.Came(ctx, "0", "agent-request/a/1", "done"))
	require.ErrorIs(t, s.Came(ctx, "no such call", "", ""), ledger.ErrNotFound)
}

// testUsage: what was asked, allowed and refused is counted apart, repeated refusals each, and people once.
func testUsage(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now}).Agents()
	bounds := agents.Bounds{CallsPerMinute: 5, WritesPerDay: 5, PeoplePerDay: 5}
	before := c.Now()
	c.Advance(time.Hour)
	for i, call := range []agents.Call{
		{Tool: "look_up_user", Verdict: "allow", Rule: "look", Subjects: []string{"workday-1", "workday-2"}},
		{Tool: "look_up_user", Verdict: "allow", Rule: "look", Subjects: []string{"workday-1"}},
		{Tool: "look_up_user", Verdict: "deny", DeniedBy: "policy", Rule: "board"},
		{Tool: "assign_role", Verdict: "ask", Rule: "roles", Writes: true, Request: "agent-request/a/1", Effect: "filed"},
		{Tool: "assign_role", Verdict: "ask", Rule: "roles", Writes: true, Request: "agent-request/a/1", Effect: "filed"},
		{Tool: "whoami", Verdict: "allow"},
		{Tool: "whoami", Verdict: "allow"},
	} {
		call.ID, call.Agent = fmt.Sprint(i), "a"
		_, err := s.Record(ctx, call, bounds)
		require.NoError(t, err)
	}
	require.NoError(t, s.Turned(ctx, "token", 1))
	require.NoError(t, s.Turned(ctx, "token", 4))
	all, err := s.Usage(ctx, "", before)
	require.NoError(t, err)
	require.Equal(t, agents.Usage{
		Agent: "a", Asked: 7, Allowed: 4, Refused: map[string]int{"policy": 1, "calls_per_minute": 2}, Rules: map[string]int{"look": 2, "roles": 2},
		Tools: map[string]int{"look_up_user": 2, "assign_role": 2}, Requests: 1, Effects: map[string]int{"filed": 2}, People: 2, LastUse: c.Now(),
	}, all["a"])
	require.Equal(t, map[string]int{"token": 5}, all[agents.Nobody].Refused)
	none, err := s.Usage(ctx, "a", c.Now().Add(time.Second))
	require.NoError(t, err)
	require.Empty(t, none)
}

// testSuspicion: refusals of the last hour count, those of others and those by a switch do not, and lifting begins anew.
func testSuspicion(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now}).Agents()
	n := 0
	refuse := func(agent, by, mark string, times int) string {
		cause := ""
		for range times {
			n++
			row := agents.Call{ID: fmt.Sprint(n), Agent: agent, Tool: "look_up_user", Verdict: "deny", DeniedBy: by, Mark: mark}
			_, err := s.Record(ctx, row, agents.Bounds{CallsPerMinute: 1000, PeoplePerDay: 5})
			require.NoError(t, err)
			cause, err = s.Suspicious(ctx, row, 10)
			require.NoError(t, err)
		}
		return cause
	}
	require.Empty(t, refuse("a", "policy", "", 10))
	require.Empty(t, refuse("b", "policy", "", 10))
	for _, by := range []string{"agent/a", "tool/look_up_user", "all", "owner", "staged", "log_only"} {
		require.Empty(t, refuse("a", by, "", 3), by)
	}
	require.Equal(t, "refusals", refuse("a", "scope", "", 1))
	_, err := s.SwitchOff(ctx, agents.Switch{Scope: agents.OfAgent("a"), By: "gatehouse", Reason: "a test", Cause: "refusals"})
	require.NoError(t, err)
	c.Advance(time.Minute)
	require.NoError(t, s.SwitchOn(ctx, agents.OfAgent("a")))
	c.Advance(time.Second)
	require.Empty(t, refuse("a", "policy", agents.MarkProtected, 4))
	require.Equal(t, agents.MarkProtected, refuse("a", "policy", agents.MarkProtected, 1))
	require.Equal(t, agents.MarkCanary, refuse("b", "policy", agents.MarkCanary, 1))
	c.Advance(2 * time.Hour)
	require.Empty(t, refuse("a", "policy", "", 10), "an hour later they do not count")
}
