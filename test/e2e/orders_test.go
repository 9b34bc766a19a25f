package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// give gives an order the way incidents, MFA and operators do.
func give(s *kit.Stack, o identity.Order) {
	s.T.Helper()
	o.By, o.Reason = "grace@acme.example", "test"
	_, err := s.Vendors.Activities.Orders.Give(s.T.Context(), api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "order"}})
	require.NoError(s.T, err)
}

func release(s *kit.Stack, id string) {
	s.T.Helper()
	_, err := s.Vendors.Activities.Orders.Release(s.T.Context(), api.ReleaseOrder{ID: id, By: "grace@acme.example", Reason: "test"})
	require.NoError(s.T, err)
}

// employee is an engineer who can sign in.
func employee(s *kit.Stack) string {
	s.T.Helper()
	key := s.Hire("workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	})
	s.Hint(key, "onboard")
	require.Equal(s.T, "can sign in", s.Outcome(key).Result)
	require.NoError(s.T, s.Sandbox.AcceptInvite(s.T.Context(), s.Account(key).Username))
	requireSignIn(s, key, "")
	return key
}

// requireSignIn tries to sign in; obstacle is what has to stand in the way, "" if nothing may.
func requireSignIn(s *kit.Stack, key, obstacle string) {
	s.T.Helper()
	_, reason, err := s.Sandbox.SignIn(s.T.Context(), s.Account(key).Username)
	require.NoError(s.T, err)
	require.Equal(s.T, obstacle, reason)
}

const (
	isSuspended = "status is 2, and only 1 (active) can sign in"
	isLocked    = "status is 3, and only 1 (active) can sign in"
)

// outcome is what an order was closed with, "" while it is open.
func outcome(s *kit.Stack, id string) string {
	s.T.Helper()
	o, found, err := s.App.Ledger.Orders().ByID(s.T.Context(), id)
	require.NoError(s.T, err)
	require.True(s.T, found)
	return o.ReleaseReason
}

func TestSuspendOrderTakesSignInAndGivesItBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	before, mark := s.Account(key), s.Mark()
	give(s, identity.Order{ID: "o1", Key: key, Kind: identity.OrderSuspend})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	requireSignIn(s, key, isSuspended)
	require.Empty(t, s.Account(key).Sessions)
	release(s, "o1")
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	requireSignIn(s, key, "")
	after := s.Account(key)
	require.Equal(t, before.Roles, after.Roles)
	require.Equal(t, before.Group, after.Group)
	require.Len(t, s.Effects(mark), 3, "suspended, logged out, activated, and nothing else: %v", s.Effects(mark))
}

func TestSuspensionThatLapsesWhileNobodyWorks(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	give(s, identity.Order{ID: "o1", Key: key, Kind: identity.OrderSuspend, Until: time.Now().Add(3 * time.Second)})
	s.AwaitStage(key, api.StageWaiting)
	requireSignIn(s, key, isSuspended)
	s.StopWorkers()
	s.Until("the order has lapsed", func() bool {
		open, err := s.App.Ledger.OrdersInForce(t.Context(), key)
		require.NoError(t, err)
		return len(open) == 0
	})
	requireSignIn(s, key, isSuspended)
	s.StartWorkers()
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	requireSignIn(s, key, "")
}

func TestReleaseDoesNotReviveALeaver(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	give(s, identity.Order{ID: "o1", Key: key, Kind: identity.OrderSuspend})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	release(s, "o1")
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	requireSignIn(s, key, isSuspended)
	require.Empty(t, s.Account(key).Roles)
}

// TestADepartureOvertakesASuspension whose call is under way. The run goes on, and answers, while OneLogin takes no write.
func TestADepartureOvertakesASuspension(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", Op: "onelogin.update_user", Status: 503, Times: -1}))
	underWay := func(id string) bool {
		run, err := s.Temporal.DescribeWorkflowExecution(t.Context(), api.PersonID(key), "")
		require.NoError(t, err)
		for _, a := range run.GetPendingActivities() {
			if a.GetActivityId() == id {
				return true
			}
		}
		return false
	}
	give(s, identity.Order{ID: "o1", Key: key, Kind: identity.OrderSuspend})
	s.Until("the suspension is under way", func() bool { return underWay("onelogin.suspend") })
	give(s, identity.Order{ID: "o2", Key: key, Kind: identity.OrderContain})
	s.Until("the departure's is under way beside it or after it", func() bool { return underWay("onelogin.suspend:2") })
	_, answers := s.State(key)
	require.True(t, answers)
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	requireSignIn(s, key, isSuspended)
	require.Empty(t, s.Account(key).Roles)
}

func TestResponsesAreCarriedOutOnce(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	mark := s.Mark()
	for range 2 {
		give(s, identity.Order{ID: "out", Key: key, Kind: identity.OrderLogOut})
		require.Equal(t, "nothing to do", s.Outcome(key).Result)
	}
	require.Equal(t, "sessions ended", outcome(s, "out"))
	require.Empty(t, s.Account(key).Sessions)
	requireSignIn(s, key, "")

	give(s, identity.Order{ID: "lock", Key: key, Kind: identity.OrderLock, Minutes: 45})
	give(s, identity.Order{ID: "reset", Key: key, Kind: identity.OrderResetPassword})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Equal(t, "locked for 45 minutes", outcome(s, "lock"))
	require.Equal(t, "password reset, link mailed", outcome(s, "reset"))
	requireSignIn(s, key, isLocked)
	ops := map[string]int{}
	for _, op := range []string{"onelogin.logout", "onelogin.lock_user", "onelogin.set_password", "onelogin.send_invite_link"} {
		ops[op] = len(s.Effects(mark, op))
	}
	require.Equal(t, map[string]int{
		"onelogin.logout": 1, "onelogin.lock_user": 1, "onelogin.set_password": 1, "onelogin.send_invite_link": 1,
	}, ops)

	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	give(s, identity.Order{ID: "late", Key: key, Kind: identity.OrderLock})
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.Equal(t, "not done: the person has left", outcome(s, "late"))
	requireSignIn(s, key, isSuspended)
}

func TestRestrictionIsLiftedToTheGroupOfTheNewPosition(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	require.Equal(t, "Engineering", s.Account(key).Group)
	give(s, identity.Order{ID: "o1", Key: key, Kind: identity.OrderRestrict})
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, "MFA required", s.Account(key).Group)
	s.HR(key, "change", control.Fields{"department": "Sales"})
	s.Hint(key, "webhook")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, "MFA required", s.Account(key).Group, "the restriction stands through a change of position")
	require.Contains(t, s.Account(key).Roles, "Sales")
	release(s, "o1")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, "Sales", s.Account(key).Group)
}

func TestGrantOrderGivesARoleForAWhile(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	key := employee(s)
	give(s, identity.Order{ID: "o1", Key: key, Kind: identity.OrderGrant, Roles: []string{"Salesforce"}, Until: time.Now().Add(time.Hour)})
	state := s.AwaitStage(key, api.StageWaiting)
	require.WithinDuration(t, time.Now().Add(time.Hour), state.Due, 5*time.Minute, "the run wakes when the grant ends")
	require.Contains(t, s.Account(key).Roles, "Salesforce")
	release(s, "o1")
	s.Outcome(key)
	require.NotContains(t, s.Account(key).Roles, "Salesforce")
}

// TestOrderForWhatDoesNotExistIsRefused when it is given, with what to do about it, and leaves nothing behind.
func TestOrderForWhatDoesNotExistIsRefused(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key, d := "workday-21011", s.Desk(nil)
	order := func(flags ...string) []string { return append([]string{"order", "give", "--reason", "test"}, flags...) }
	mark := s.Mark()
	for _, tt := range []struct {
		says string
		args []string
	}{
		{`OneLogin has no role "AWS admin" (did you mean "AWS Admin"?): nothing was ordered; create it there, or correct the name`, order("--person", key, "--kind", "grant", "--roles", "AWS admin")},
		{`OneLogin has no role "Rocketry": nothing was ordered`, order("--person", key, "--kind", "grant", "--roles", "Jira,Rocketry")},
		{`OneLogin has no role "#9"`, order("--person", key, "--kind", "grant", "--roles", "#9")},
		{`OneLogin has no group "MFA require" (did you mean "MFA required"?)`, order("--person", key, "--kind", "restrict", "--group", "MFA require")},
		{"OneLogin has no user 999999", order("--user", "999999", "--kind", "suspend")},
		{"had no record of workday-99999 when it was read", order("--person", "workday-99999", "--kind", "suspend")},
		{"had no record of workday-99999 when it was read", []string{"mfa", "exempt", "--person", "workday-99999", "--until", "14d", "--reason", "test"}},
	} {
		p := d.Run(tt.args...)
		require.Equal(t, 1, p.Code, tt.args)
		require.Contains(t, p.Err, tt.says)
		require.Contains(t, p.Err, "nothing was ordered")
	}
	open, err := s.App.Ledger.Orders().Open(t.Context())
	require.NoError(t, err)
	require.Empty(t, open)
	require.Empty(t, s.Effects(mark))

	// What can wait is not given unchecked; what restricts somebody is.
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", Op: "onelogin.list_roles", Status: 503, Times: -1}))
	p := d.Run(order("--person", key, "--kind", "grant", "--roles", "Jira")...)
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "could not be asked which roles and groups it has")
	require.Contains(t, p.Err, "nothing was ordered; try again")
	p = d.Run(order("--person", key, "--kind", "restrict", "--group", "MFA required")...)
	require.Zero(t, p.Code)
	require.Contains(t, p.Err, "the order is given all the same")
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.Until("the restriction is carried out", func() bool { return s.Account(key).Group == "MFA required" })
	d.MustRun(order("--person", key, "--kind", "grant", "--roles", "Salesforce")...)
	s.Until("the grant is carried out", func() bool { return slices.Contains(s.Account(key).Roles, "Salesforce") })
}
