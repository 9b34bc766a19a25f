package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// reconcile compares people with their accounts as the schedule does: whoever has left or is due, or everybody.
func reconcile(s *kit.Stack, whole bool) api.ReconcileOutcome {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: api.ReconcileID, TaskQueue: api.QueueSweep},
		api.TypeReconcile, api.ReconcileRequest{Every: 24 * time.Hour, Whole: whole})
	require.NoError(s.T, err)
	var out api.ReconcileOutcome
	require.NoError(s.T, run.Get(s.T.Context(), &out))
	return out
}

// TestCase_L13_FoundByReconcile: HR terminates somebody, the webhook is lost and no poll runs. The hourly comparison finds
// them and touches nobody else.
func TestCase_L13_FoundByReconcile(t *testing.T) {
	t.Parallel()
	for source, key := range map[string]string{"workday": "workday-21005", "bamboohr": "bamboohr-105"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			sweep(s)
			require.True(t, reconcile(s, false).Found.Whole, "the first comparison is of everybody")
			account := s.Account(key)
			intact := untouched(s)
			s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			intact()
			out := reconcile(s, false)
			require.False(t, out.Found.Whole)
			require.Equal(t, 1, out.Hinted, "%+v", out)
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// TestCase_L11_FoundByReconcile: a departure that was only observed, no poll, and the mode becomes enforce. It is one batch that
// somebody decides about. So is what a changed rule gives a department.
func TestCase_L11_FoundByReconcile(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "offboarding: enforce", "offboarding: observe")
	}})
	s.Baseline()
	sweep(s)
	reconcile(s, false)
	leaver := s.Account("workday-21005")
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	intact := untouched(s)
	require.Zero(t, reconcile(s, false).Hinted)

	rule := func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "roles: [Marketing]", "roles: [Marketing, Jira]")
	}
	reload(s, rule)
	out := reconcile(s, false)
	require.True(t, out.Found.Whole)
	require.Greater(t, out.Held, 1)
	s.Until("IT is asked", func() bool {
		return strings.Contains(s.Messages("C0IT"), "a mode that was changed, calls for changes to")
	})
	reconcile(s, true)
	intact()

	for _, source := range []string{"workday", "bamboohr"} {
		id := "hold/" + source + "/policy"
		if slices.Contains(open(s, api.TypeHold), id) {
			require.NoError(t, s.Decide(id, api.VerbAllow))
		}
	}
	s.AwaitShut(leaver.ID)
	s.AwaitNobodyLeftWithAccess()
	s.Until("the department has the role", func() bool {
		all, err := s.Sandbox.Accounts(t.Context())
		require.NoError(t, err)
		return !slices.ContainsFunc(all, func(p control.Person) bool {
			return p.CanSignIn && slices.Contains(p.Roles, "Marketing") && !slices.Contains(p.Roles, "Jira")
		})
	})
}

// TestCase_L12_HeldByReconcile: a hundred people leave at once by a record that is wrong for one of them, and no poll runs.
func TestCase_L12_HeldByReconcile(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 300})
	s.Baseline()
	sweep(s)
	reconcile(s, false)
	left, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "terminate", Count: 100, Fields: control.Fields{"last_day": "today", "involuntary": true},
	})
	require.NoError(t, err)
	inside := len(s.LeftWithAccess())
	require.Equal(t, 100, reconcile(s, false).Held)
	s.Until("IT is asked", func() bool { return strings.Contains(s.Messages("C0IT"), "100 people would lose access") })
	require.NoError(t, s.Decide("hold/workday/leaver", api.VerbReject))
	stays := "workday-" + left[slices.IndexFunc(left, func(id string) bool {
		return slices.Contains(s.Account("workday-"+id).Roles, "Super admin")
	})]
	s.HR(stays, "change", control.Fields{"status": "Active", "last_day": "", "termination_date": ""})
	reconcile(s, false)
	s.Until("IT is asked again", func() bool { return strings.Contains(s.Messages("C0IT"), "99 people would lose access") })
	require.Len(t, s.LeftWithAccess(), inside-1)
	require.NoError(t, s.Decide("hold/workday/leaver", api.VerbAllow))
	s.AwaitNobodyLeftWithAccess()
	require.True(t, s.Account(stays).CanSignIn)
}

// TestCase_L13_TemporalLost: Temporal's database is lost while somebody leaves, an order stands, somebody moves, and others wait
// for a day to come. No poll runs: everybody comes back to where they should be.
func TestCase_L13_TemporalLost(t *testing.T) {
	t.Parallel()
	var clock movable
	s := kit.New(t, kit.Options{Policy: roomy(t), Clock: clock.now})
	noon(s, &clock)
	s.Baseline()
	sweep(s)
	reconcile(s, false)
	leaver, ordered, mover, planned := s.Account("workday-21005"), s.Account("workday-21006"), s.Account("workday-21009"), s.Account("workday-21010")
	s.HR("workday-21010", "terminate", control.Fields{"last_day": "today+2", "location": "Berlin"})
	joiner := s.Hire("workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"hire_date": "today+3", "personal_email": "ada@home.example",
	})
	tell(s, "workday-21010")
	tell(s, joiner)
	s.AwaitStage("workday-21010", api.StageWaiting)
	s.AwaitStage(joiner, api.StageWaiting)

	// OneLogin is down, so that nothing of this is carried out before the database is lost.
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", When: "before", Style: "status", Status: 503, Times: -1}))
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.HR("workday-21009", "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	s.Sync("workday")
	give(s, identity.Order{ID: "out", Key: "workday-21006", Kind: identity.OrderContain})
	s.LoseTemporal()
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))

	require.Empty(t, open(s, api.TypePerson))
	reconcile(s, true)
	s.AwaitShut(leaver.ID, ordered.ID)
	s.Until("the mover is where HR has them", func() bool { return s.Of(mover.ID).Group == "Support" })
	require.True(t, s.Of(planned.ID).CanSignIn)

	// The moment is in less than an hour: the comparison sees to a run that waits for it.
	evening := to(t, clock.now(), 17, 2)
	clock.advance(evening + 15*time.Minute)
	require.NoError(t, s.Sandbox.Advance(t.Context(), evening+15*time.Minute))
	reconcile(s, false)
	s.AwaitStage("workday-21010", api.StageWaiting)
	require.True(t, s.Of(planned.ID).CanSignIn)
	clock.advance(time.Hour)
	require.NoError(t, s.Sandbox.Advance(t.Context(), time.Hour))
	reconcile(s, false)
	s.AwaitShut(planned.ID)
	clock.advance(12 * time.Hour)
	require.NoError(t, s.Sandbox.Advance(t.Context(), 12*time.Hour))
	reconcile(s, false)
	s.Until("the joiner has what their department has", func() bool {
		p := s.Account(joiner)
		return p.Status == 1 && p.Group == "Engineering" && slices.Contains(p.Roles, "Engineering")
	})
	s.AwaitNobodyLeftWithAccess()
}
