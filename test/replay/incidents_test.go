package replay

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/ledger/incidents"
	"gatehouse/test/kit"
)

// attacked is a stack in which five failed sign-ins have become an incident.
func attacked(t *testing.T) (*kit.Stack, incidents.Case) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return policy + kit.EventRules }})
	s.PagerHook()
	mark := s.Mark()
	account := s.FailSignIns("workday-21002", 5)
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.Equal(t, 202, s.OneLoginWebhook())
	c := s.Case("failed-logins")
	s.Until("it is paged and has a ticket", func() bool {
		return len(s.Effects(mark, "pagerduty.enqueue")) > 0 && len(s.Effects(mark, "jira.create_issue")) > 0
	})
	s.Until("the question is posted", func() bool { return len(s.Effects(mark, "slack.chat.postMessage")) == 2 })
	return s, c
}

func ended(s *kit.Stack, id string) {
	s.T.Helper()
	var out api.IncidentOutcome
	require.NoError(s.T, s.Temporal.GetWorkflow(s.T.Context(), id, "").Get(s.T.Context(), &out))
	require.Equal(s.T, "resolved", out.Result)
}

func recordIncidentResolved(t *testing.T) {
	s, c := attacked(t)
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, kit.IncidentOf(c))
	write(s, incidentResolved, kit.IncidentOf(c))
	write(s, incidentResolved, api.EventWatchID)
}

func recordIncidentApproved(name string) func(*testing.T) {
	return func(t *testing.T) { approved(t, name) }
}

// approved has a second person allow a response, by the command line.
func approved(t *testing.T, name string) {
	s, c := attacked(t)
	id := kit.IncidentOf(c)
	handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: api.VerbApprove, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{api.Decision{Step: "approve.suspend", By: "farid.obrien@acme.example"}},
	})
	require.NoError(t, err)
	require.NoError(t, handle.Get(t.Context(), nil))
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, id)
	write(s, name, id)
}

// recordIncidentAgain has Temporal's database lost, somebody acknowledge meanwhile, and a second person allow what is asked anew.
func recordIncidentAgain(t *testing.T) {
	s, c := attacked(t)
	s.LoseTemporal()
	s.PagerHook()
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
	s.SlackHook()
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the question is asked anew", func() bool { return strings.Count(s.Messages("C0SECURITY"), "Proposed: ") == 2 })
	s.Press("farid.obrien@acme.example", api.VerbApprove, 1)
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, kit.IncidentOf(c))
	write(s, incidentAgain, kit.IncidentOf(c))
}

// recordIncidentReopened has the sign-ins go on after the incident was resolved, and a second person press the button then.
func recordIncidentReopened(t *testing.T) {
	s, c := attacked(t)
	s.SlackHook()
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, kit.IncidentOf(c))
	mark := s.Mark()
	account := s.FailSignIns("workday-21002", 2)
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("it is paged again", func() bool { return len(s.Effects(mark, "pagerduty.enqueue")) > 0 })
	s.Press("farid.obrien@acme.example", api.VerbApprove, 2)
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, kit.IncidentOf(c))
	require.Equal(t, "Done", s.Tickets()[0].Status)
	write(s, incidentReopened, kit.IncidentOf(c))
}

// recordIncidentTied has the pager say two things of the same time, the first one last.
func recordIncidentTied(t *testing.T) {
	s, c := attacked(t)
	id, at := kit.IncidentOf(c), time.Now()
	for _, status := range []string{api.PagerResolved, api.PagerAcknowledged} {
		require.NoError(t, s.Temporal.SignalWorkflow(t.Context(), id, "", api.SignalPager,
			api.PagerUpdate{Status: status, At: at, EventID: status}))
	}
	ended(s, id)
	require.True(t, versioned(write(s, incidentTied, id)[api.TypeIncident], "pager-words-of-one-time"), "the second word came while the run was open")
}

// versioned reports whether a run has taken the branch of a change.
func versioned(run golden, change string) bool {
	return slices.ContainsFunc(run.History.Events, func(e *historypb.HistoryEvent) bool {
		return e.GetMarkerRecordedEventAttributes().GetMarkerName() == "Version" &&
			strings.Contains(e.GetMarkerRecordedEventAttributes().String(), change)
	})
}

// recordIncidentMergedInPager has somebody merge the incident into another one, which is said twice, and resolve that later.
func recordIncidentMergedInPager(t *testing.T) {
	s, c := attacked(t)
	id, mark := kit.IncidentOf(c), s.Mark()
	for range 2 {
		require.NoError(t, s.Temporal.SignalWorkflow(t.Context(), id, "", api.SignalPager,
			api.PagerUpdate{Status: api.PagerMerged, IncidentID: "Q8", MergedInto: "Q9", At: time.Now(), By: "PONCALL1", EventID: "01MERGED"}))
	}
	s.Until("the ticket says so", func() bool { return len(s.Effects(mark, "jira.add_comment")) == 1 })
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	ended(s, id)
	require.Len(t, s.Effects(mark, "jira.add_comment"), 2)
	run := write(s, incidentMergedInPager, id)[api.TypeIncident]
	require.True(t, versioned(run, "incident-merged-in-pager"), "it was merged while the run was open")
}
