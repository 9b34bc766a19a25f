package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// open lists the ids of the open runs of a workflow type.
func open(s *kit.Stack, workflowType string) []string {
	s.T.Helper()
	found, err := s.Temporal.ListWorkflow(s.T.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: "ExecutionStatus = 'Running' AND WorkflowType = '" + workflowType + "'",
	})
	require.NoError(s.T, err)
	var ids []string
	for _, e := range found.GetExecutions() {
		ids = append(ids, e.GetExecution().GetWorkflowId())
	}
	return ids
}

// TestCase_L12_RejectedLeaversAreNotForgotten: 100 people leave at once, the batch is rejected because one record was wrong,
// and HR repairs that one. The other 99 are asked about again by the next poll, and then shut out.
func TestCase_L12_RejectedLeaversAreNotForgotten(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 300})
	s.Baseline()
	left, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "terminate", Count: 100, Fields: control.Fields{"last_day": "today", "involuntary": true},
	})
	require.NoError(t, err)
	require.Len(t, left, 100)
	inside := len(s.LeftWithAccess())
	require.Greater(t, inside, 90)
	s.Sync("workday")
	s.Until("IT is asked", func() bool { return strings.Contains(s.Messages("C0IT"), "100 people would lose access") })
	require.Len(t, s.LeftWithAccess(), inside, "nobody was touched")
	require.NoError(t, s.Decide("hold/workday/leaver", api.VerbReject))

	// A poll that finds the same asks nothing anew, and one that finds another list does.
	s.Sync("workday")
	require.NotContains(t, s.Messages("C0IT"), "99 people would lose access")
	// The record that was wrong is an administrator's, whose account is protected.
	stays := "workday-" + left[slices.IndexFunc(left, func(id string) bool {
		return slices.Contains(s.Account("workday-"+id).Roles, "Super admin")
	})]
	s.HR(stays, "change", control.Fields{"status": "Active", "last_day": "", "termination_date": ""})
	s.Sync("workday")
	s.Until("IT is asked again", func() bool { return strings.Contains(s.Messages("C0IT"), "99 people would lose access") })
	require.Len(t, s.LeftWithAccess(), inside-1)

	require.NoError(t, s.Decide("hold/workday/leaver", api.VerbAllow))
	s.AwaitNobodyLeftWithAccess()
	require.True(t, s.Account(stays).CanSignIn)
	for _, id := range left {
		if key := "workday-" + id; key != stays {
			require.False(t, s.Account(key).CanSignIn, key)
		}
	}
}

// TestCase_L16_ArchivedChannelHoldsUpNoLeaver: one record has vanished from HR, IT's channel is archived, and somebody has
// left. The message about the one cannot be delivered and keeps nobody else in.
func TestCase_L16_ArchivedChannelHoldsUpNoLeaver(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	archived := func(yes bool) {
		require.NoError(t, s.Sandbox.SetChannel(t.Context(), control.Channel{ID: "C0IT", Archived: yes}))
	}
	archived(true)
	account := s.Account("workday-21005")
	s.HR("workday-21007", "delete", nil)
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.StartSync("workday")
	s.AwaitShut(account.ID)
	s.AwaitNobodyLeftWithAccess()

	// The poll ends, the next one finds the next leaver, and the message waits on its own for somebody to repair the channel.
	s.Until("the message is left to a run of its own", func() bool {
		return slices.ContainsFunc(open(s, api.TypeTell), func(id string) bool { return strings.HasSuffix(id, "/slack.vanished") })
	})
	s.Until("the poll is over", func() bool { return len(open(s, api.TypeHRSync)) == 0 })
	next := s.Account("workday-21008")
	s.HR("workday-21008", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Sync("workday")
	s.AwaitShut(next.ID)
	require.NotContains(t, s.Messages("C0IT"), "no longer in the report")

	archived(false)
	for _, id := range open(s, api.TypeTell) {
		s.Until("the message waits for a decision", func() bool { return s.Decide(id, api.VerbRetry) == nil })
	}
	s.Until("IT is told", func() bool { return strings.Contains(s.Messages("C0IT"), "no longer in the report") })
}

// TestCase_L14_HintsWhileReadsFail: OneLogin answers late and then with 503, and hints about a leaver arrive all the while. Each hint cuts
// a look short that ends otherwise; once OneLogin answers, the leaver is out.
func TestCase_L14_HintsWhileReadsFail(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	const key = "workday-21005"
	account := s.Account(key)
	// The list by which an account is found comes late, and the account not at all.
	for _, f := range []control.Fault{
		{System: "onelogin", Method: "GET", Path: "/api/2/users", When: "before", Style: "delay", DelayMS: 2500, Times: -1},
		{System: "onelogin", Method: "GET", Path: "/api/2/users/*", When: "before", Style: "status", Status: 503, Times: -1},
	} {
		require.NoError(t, s.Sandbox.AddFault(t.Context(), f))
	}
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "webhook")
	s.Until("looks were cut short", func() bool {
		s.Hint(key, "webhook")
		cut := 0
		for it := s.Temporal.GetWorkflowHistory(t.Context(), api.PersonID(key), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
			e, err := it.Next()
			require.NoError(t, err)
			if e.GetActivityTaskCancelRequestedEventAttributes() != nil {
				cut++
			}
		}
		return cut >= 4
	})
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.AwaitShut(account.ID)
	s.Outcome(key)
}
