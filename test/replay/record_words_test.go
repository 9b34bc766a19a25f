package replay

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// leaversOfABatch are more than the budget of a small company.
var leaversOfABatch = []string{
	"workday-21002", "workday-21003", "workday-21005", "workday-21006", "workday-21008", "workday-21010", "workday-21011",
}

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

// recordHeld has a batch of leavers held, rejected and allowed, while IT's channel is archived and a record has vanished.
func recordHeld(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	channel := func(archived bool) {
		require.NoError(t, s.Sandbox.SetChannel(t.Context(), control.Channel{ID: "C0IT", Archived: archived}))
	}
	channel(true)
	for _, key := range leaversOfABatch {
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	}
	s.HR("workday-21007", "delete", nil)
	require.Equal(t, len(leaversOfABatch), s.Sync("workday").Held)
	write(s, leaversHeld, "hr-sync-workday")
	hold := api.HoldID(api.HoldRef{Source: "workday", Kind: "leaver"})
	s.Until("the batch is rejected", func() bool {
		return s.App.Launch.Decide(t.Context(), hold, api.Decision{Verb: api.VerbReject, By: "tester", Step: s.Held(hold)}) == nil
	})
	s.HR(leaversOfABatch[0], "change", control.Fields{"status": "Active", "last_day": "", "termination_date": ""})
	s.Sync("workday")
	s.Until("the other list is allowed", func() bool {
		return s.App.Launch.Decide(t.Context(), hold, api.Decision{Verb: api.VerbAllow, By: "tester", Step: s.Held(hold)}) == nil
	})
	s.Until("everybody of it is out", func() bool { return !s.Account(leaversOfABatch[6]).CanSignIn })
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), hold, "").Get(t.Context(), nil))
	write(s, leaversHeld, hold)
	channel(false)
	s.Until("the message of the poll is left to a run of its own", func() bool { return len(open(s, api.TypeTell)) > 0 })
	for n, id := range open(s, api.TypeTell) {
		s.Until("the message is told", func() bool { return s.Decide(id, api.VerbRetry) == nil })
		require.NoError(t, s.Temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
		if n == 0 {
			write(s, leaversHeld, id)
		}
	}
}

// recordTicketRefused has a leaver's ticket refused until they have been watched, and made after somebody's word.
func recordTicketRefused(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	require.NoError(t, s.Sandbox.JiraRequires(t.Context(), "customfield_10042"))
	s.HR("bamboohr-101", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.AwaitStage("bamboohr-101", api.StageAttention)
	s.Until("nothing but the ticket is left", func() bool { return slices.Contains(s.Runs("bamboohr-101"), api.TypeOffboarding+":Running") })
	require.NoError(t, s.Sandbox.JiraRequires(t.Context()))
	s.Until("somebody decides", func() bool { return s.Decide(api.PersonID("bamboohr-101"), api.VerbRetry) == nil })
	s.Outcome("bamboohr-101")
	write(s, ticketRefused, api.PersonID("bamboohr-101"))
}

// recordReminderRefused has every message of a course refused; the account is restricted and opened again all the same.
func recordReminderRefused(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: hurried(t)})
	s.Baseline()
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		Op: "slack.chat.postMessage", Style: "status", Status: 200, Body: `{"ok":false,"error":"restricted_action"}`, Times: 1000,
	}))
	account := s.WithoutFactors(withoutFactor)
	s.ScanMFA()
	write(s, reminderRefused, api.MFAComplianceID)
	s.Until("somebody is asked", func() bool {
		return s.App.Launch.Decide(t.Context(), api.MFAGraceID(withoutFactor), api.Decision{Verb: api.VerbAllow, By: "tester", Step: "mfa.restrict"}) == nil
	})
	s.Until("the account is restricted", func() bool { return s.Account(withoutFactor).Group != account.Group })
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	s.ScanMFA()
	require.True(t, strings.HasPrefix(course(s).Result, "enrolled"))
	write(s, reminderRefused, api.MFAGraceID(withoutFactor))
}

// recordRuleUnfit has an event rule that names no event type of the tenant, until the policy is corrected.
func recordRuleUnfit(t *testing.T) {
	wrong := strings.Replace(kit.EventRules, "USER_FAILED_ONELOGIN_LOGIN", "USER_FAILED_LOGIN", 1)
	require.NotEqual(t, kit.EventRules, wrong)
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return policy + wrong }})
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the rule is an item", func() bool {
		value, err := s.Temporal.QueryWorkflow(t.Context(), api.EventWatchID, "", api.QueryState)
		var state api.State
		return err == nil && value.Get(&state) == nil && len(state.Attention) == 1
	})
	s.WritePolicy(func(policy string) string { return policy + kit.EventRules })
	require.NoError(t, s.Vendors.Policy.Reload(t.Context()))
	require.Equal(t, 202, s.OneLoginWebhook())
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.EventWatchID, "").Get(t.Context(), nil))
	write(s, ruleUnfit, api.EventWatchID)
}

// recordReaderRefused has a review whose reader Google refuses.
func recordReaderRefused(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		Op: "google.drive.create_permission", When: "before", Style: "status", Status: 400, ContentType: "application/json",
		Body: `{"error":{"code":400,"message":"Bad Request","errors":[{"domain":"global","reason":"invalidSharingRequest","message":"no"}]}}`,
	}))
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: api.ReviewID("2026-12"), TaskQueue: api.QueueSweep},
		api.TypeAccessReview, api.ReviewRequest{Campaign: "2026-12", Own: true})
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))
	require.Contains(t, s.Messages("C0IT"), "give somebody access")
	write(s, readerRefused, api.ReviewID("2026-12"))
}

// recordIncidentWithRefused has a comment on an incident's ticket refused, and two people press a button.
func recordIncidentWithRefused(t *testing.T) {
	s, c := attacked(t)
	s.SlackHook()
	id := kit.IncidentOf(c)
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{Op: "jira.add_comment", When: "before", Style: "status", Status: 400}))
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
	s.Press("farid.obrien@acme.example", api.VerbApprove, 2)
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	s.Until("the comment is retried", func() bool { return s.Decide(id, api.VerbRetry) == nil })
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, id)
	write(s, incidentWithRefused, id)
}
