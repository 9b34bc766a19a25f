package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// watching is a stack with event rules, and a pager that talks back.
func watching(t *testing.T) *kit.Stack {
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return policy + kit.EventRules }})
	s.PagerHook()
	return s
}

// incident waits for the end of an incident's run.
func incident(s *kit.Stack, id string) api.IncidentOutcome {
	s.T.Helper()
	var out api.IncidentOutcome
	ctx, cancel := context.WithTimeout(s.T.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(s.T, s.Temporal.GetWorkflow(ctx, id, "").Get(ctx, &out), "%s must end", id)
	return out
}

func TestFailedSignInsBecomeOneIncident(t *testing.T) {
	t.Parallel()
	s := watching(t)
	s.FailSignIns("workday-21002", 5)
	mark := s.Mark()
	for range 3 {
		require.Equal(t, 202, s.OneLoginWebhook())
	}
	c := s.Case("failed-logins")
	id := kit.IncidentOf(c)
	s.Until("it is paged and has a ticket", func() bool {
		return len(s.Effects(mark, "pagerduty.enqueue")) > 0 && len(s.Effects(mark, "jira.create_issue")) > 0
	})
	s.FailSignIns("workday-21002", 3)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("the ticket is updated", func() bool { return len(s.Effects(mark, "jira.add_comment")) > 0 })
	incidents, err := s.Sandbox.Incidents(t.Context())
	require.NoError(t, err)
	require.Len(t, incidents, 1)
	require.Equal(t, c.DedupKey, incidents[0].DedupKey)
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	out := incident(s, id)
	require.Equal(t, "resolved", out.Result)
	require.Equal(t, 8, out.Events)
	require.Len(t, s.Effects(mark, "jira.create_issue"), 1)
	now, _, err := s.App.Ledger.Incidents().CaseByDedup(t.Context(), c.DedupKey)
	require.NoError(t, err)
	require.Equal(t, "resolved", now.Status)
	require.Equal(t, out.Ticket, now.Ticket)
	require.NotContains(t, s.Messages("C0SECURITY"), s.Account("workday-21002").Username)
}

func TestResponseWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	s := watching(t)
	account := s.FailSignIns("workday-21002", 5)
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.NoError(t, s.App.Launch.Poke(t.Context()))
	c := s.Case("failed-logins")
	id := kit.IncidentOf(c)
	decide := func(by string) error {
		handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: api.VerbApprove, WaitForStage: client.WorkflowUpdateStageCompleted,
			Args: []any{api.Decision{Step: "approve.suspend", By: by}},
		})
		if err != nil {
			return err
		}
		return handle.Get(t.Context(), nil)
	}
	s.Until("security is asked", func() bool { return len(s.Messages("C0SECURITY")) > 0 && decide("eve@acme.example") != nil })
	require.Equal(t, 1, s.Account("workday-21002").Status)
	s.Until("an approver's word is taken", func() bool { return decide("farid.obrien@acme.example") == nil })
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	require.Error(t, decide("tara.mbeki@acme.example"))
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	require.Equal(t, "resolved", incident(s, id).Result)
}

// The whole way of a decision: presses in Slack of somebody who is not asked, of the one whom it is about and of somebody
// who forges, and the second person's, which arrives twice. What is done in the pager shows in the ticket.
func TestSecondPersonPressesTheButton(t *testing.T) {
	t.Parallel()
	const outsider, subject, second = "rafael.yilmaz@acme.example", "tara.mbeki@acme.example", "farid.obrien@acme.example"
	s := watching(t)
	s.SlackHook()
	account := s.FailSignIns("workday-21003", 5)
	require.Equal(t, subject, account.Email, "who is also an approver")
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	mark := s.Mark()
	require.Equal(t, 202, s.OneLoginWebhook())
	c := s.Case("failed-logins")

	s.Press(outsider, api.VerbApprove, 1)
	s.Press(subject, api.VerbApprove, 1)
	s.Until("both are told why nothing happens", func() bool {
		return strings.Contains(s.Whispered(outsider), "not on the list") && strings.Contains(s.Whispered(subject), "your own account")
	})
	forged, err := s.Sandbox.Click(t.Context(), control.Click{Email: second, ActionID: api.VerbApprove, Forged: true})
	require.NoError(t, err)
	require.Equal(t, []int{http.StatusUnauthorized}, forged)
	require.Equal(t, 1, s.Account("workday-21003").Status)
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
	s.Until("the ticket is in progress", func() bool { return s.Tickets()[0].Status == "In Progress" })

	s.Press(second, api.VerbApprove, 3)
	s.Until("the account is suspended", func() bool { return s.Account("workday-21003").Status == 2 })
	s.Until("the buttons are gone and the message says why", func() bool {
		said := s.Messages("C0SECURITY")
		return strings.Contains(said, "Approved by "+second) && !strings.Contains(said, `"type":"button"`)
	})
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	out := incident(s, kit.IncidentOf(c))
	require.Equal(t, "resolved", out.Result)

	require.Len(t, s.Effects(mark, "onelogin.update_user"), 1, "carried out once: %v", s.Effects(mark, "onelogin.update_user"))
	orders, err := s.App.Ledger.OrdersInForce(t.Context(), "workday-21003")
	require.NoError(t, err)
	require.Len(t, orders, 1)
	require.Equal(t, second, orders[0].By)
	require.Empty(t, orders[0].Rule)
	require.Len(t, s.Tickets(), 1)
	ticket := s.Tickets()[0]
	require.Equal(t, "Done", ticket.Status)
	var bodies string
	for _, comment := range ticket.Comments {
		bodies += comment.Body
	}
	require.Equal(t, 1, strings.Count(bodies, "The incident was acknowledged in the pager"), "each word of the pager comes twice")
	require.Equal(t, 1, strings.Count(bodies, "The incident was resolved in the pager"))
}
