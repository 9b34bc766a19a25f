package cases

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/oncall"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// onCall is a stack with event rules whose pager tells the gateway what people do.
func onCall(t *testing.T, withoutAlerts bool) *kit.Stack {
	t.Helper()
	s := kit.New(t, kit.Options{
		Policy: func(policy string) string { return policy + kit.EventRules },
		Config: func(c *config.Config) { c.Alerts.CheckEvery = 500 * time.Millisecond },
	})
	require.NoError(t, s.Sandbox.PagerWithoutAlerts(t.Context(), withoutAlerts))
	s.PagerHook()
	return s
}

// pagedFor has five sign-ins of somebody fail, and returns the case once it is paged and has its ticket.
func pagedFor(s *kit.Stack, key string) incidents.Case {
	s.T.Helper()
	account := s.FailSignIns(key, 5)
	require.NoError(s.T, s.Sandbox.SetStatus(s.T.Context(), account.Username, 1))
	require.Equal(s.T, 202, s.OneLoginWebhook())
	subject := "onelogin-" + strconv.FormatInt(account.ID, 10)
	var found incidents.Case
	s.Until("the case of "+key+" is paged and has a ticket", func() bool {
		all, err := s.App.Ledger.Incidents().Cases(s.T.Context(), 0)
		require.NoError(s.T, err)
		for _, c := range all {
			if c.Subject == subject && c.Ticket != "" {
				found = c
			}
		}
		return found.Ticket != "" && pagerIncident(s, found.DedupKey).ID != ""
	})
	return found
}

// pagerIncident is the incident that an event of a key opened.
func pagerIncident(s *kit.Stack, dedupKey string) control.Incident {
	s.T.Helper()
	all, err := s.Sandbox.Incidents(s.T.Context())
	require.NoError(s.T, err)
	for _, i := range all {
		if i.DedupKey == dedupKey {
			return i
		}
	}
	return control.Incident{}
}

// ticketSaid is a ticket as Jira has it, with all its comments in one text.
func ticketSaid(s *kit.Stack, key string) (status, said string) {
	s.T.Helper()
	for _, ticket := range s.Tickets() {
		if ticket.Key != key {
			continue
		}
		for _, c := range ticket.Comments {
			said += c.Body + "\n"
		}
		return ticket.Status, said
	}
	return "", ""
}

// incidentEnds waits for the end of the run of a case.
func incidentEnds(s *kit.Stack, c incidents.Case) api.IncidentOutcome {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), time.Minute)
	defer cancel()
	var out api.IncidentOutcome
	require.NoError(s.T, s.Temporal.GetWorkflow(ctx, kit.IncidentOf(c), "").Get(ctx, &out), "%s must end", kit.IncidentOf(c))
	return out
}

// approve allows the response that a case asks about.
func approve(s *kit.Stack, c incidents.Case) error {
	s.T.Helper()
	handle, err := s.Temporal.UpdateWorkflow(s.T.Context(), client.UpdateWorkflowOptions{
		WorkflowID: kit.IncidentOf(c), UpdateName: api.VerbApprove, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{api.Decision{Step: "approve.suspend", By: "farid.obrien@acme.example"}},
	})
	if err != nil {
		return err
	}
	return handle.Get(s.T.Context(), nil)
}

// TestCase_V02_IncidentsWithoutAKey: PagerDuty's service makes alerts, which have the keys, and incidents without one. Beside it
// the old kind, whose incidents have the key.
func TestCase_V02_IncidentsWithoutAKey(t *testing.T) {
	t.Parallel()
	for name, withoutAlerts := range map[string]bool{"alerts have the keys": false, "incidents have them": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onCall(t, withoutAlerts)
			c := pagedFor(s, "workday-21002")
			require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
			s.Until("the ticket is in progress", func() bool { status, _ := ticketSaid(s, c.Ticket); return status == "In Progress" })
			require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
			require.Equal(t, "resolved", incidentEnds(s, c).Result)
			status, said := ticketSaid(s, c.Ticket)
			require.Equal(t, "Done", status)
			require.Equal(t, 1, strings.Count(said, "was acknowledged in the pager"), "each word of the pager comes twice")
			require.Equal(t, 1, strings.Count(said, "was resolved in the pager"))
			require.Len(t, mustIncidents(s), 1, "nobody was paged twice")
		})
	}
}

// TestCase_V02_SaidBeforeItWasKnown: somebody acknowledges and resolves while PagerDuty does not say whose the incident is. The run may
// find out by itself in between: it then hears of the resolution first, and an acknowledgement from before that is no news any more.
func TestCase_V02_SaidBeforeItWasKnown(t *testing.T) {
	t.Parallel()
	s := onCall(t, false)
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{Op: "pagerduty.list_alerts", Style: "status", Status: 503, Times: 2}))
	c := pagedFor(s, "workday-21002")
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerAcknowledged))
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	require.Equal(t, "resolved", incidentEnds(s, c).Result)
	status, said := ticketSaid(s, c.Ticket)
	require.Equal(t, "Done", status)
	require.Contains(t, said, "was resolved in the pager")
}

// TestCase_V02_ASubscriptionThatIsDisabled: the gateway refuses three deliveries in a row, here because the secret was changed at one
// end only. PagerDuty delivers nothing for a day. IT is told, and told what to do, and no more once it is enabled again.
func TestCase_V02_ASubscriptionThatIsDisabled(t *testing.T) {
	t.Parallel()
	s := onCall(t, false)
	require.NoError(t, s.Sandbox.PagerTargetSigned(t.Context(), s.Gateway+"/webhooks/pagerduty", "another-secret"))
	for _, key := range []string{"workday-21002", "workday-21003", "workday-21004"} {
		pagedFor(s, key)
	}
	s.Until("three deliveries are dropped", func() bool {
		log, err := s.Sandbox.PagerDeliveries(t.Context())
		require.NoError(t, err)
		dropped := 0
		for _, d := range log {
			if d.Dropped {
				dropped++
			}
		}
		return dropped == 3
	})
	keeper := s.App.OnCall()
	disabled := func() bool {
		require.NoError(t, keeper.Look(t.Context()))
		list, err := s.App.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{System: "pagerduty", Class: oncall.ClassDisabled})
		require.NoError(t, err)
		return len(list) == 1
	}
	s.Until("it is an item", disabled)
	s.Until("IT is told, and what to do", func() bool {
		said := s.Messages(it)
		return strings.Contains(said, "PagerDuty has disabled webhook subscription") && strings.Contains(said, "enable the subscription in PagerDuty")
	})
	require.NoError(t, s.Sandbox.PagerTarget(t.Context(), s.Gateway+"/webhooks/pagerduty", 1), "which enables it")
	require.False(t, disabled())
}

func mustIncidents(s *kit.Stack) []control.Incident {
	s.T.Helper()
	all, err := s.Sandbox.Incidents(s.T.Context())
	require.NoError(s.T, err)
	return all
}
