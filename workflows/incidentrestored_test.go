package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

var restoredInput = api.IncidentInput{Case: failedLogins, Beside: true, Listed: true, Again: true, Linked: true}

// A run that Temporal has lost is started again: it asks the pager before it asks anybody else, and asks nothing about what is over.
func TestIncidentRestoredAfterItWasResolved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Ticket, s.state.Shown = "SEC-1", 1
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.pagerSays = api.PagerUpdate{Status: api.PagerResolved, IncidentID: "Q1", At: start}
	require.Equal(t, "resolved", s.runWith(restoredInput).Result)
	require.Empty(t, s.pages)
	require.Equal(t, 1, slices.IndexFunc(s.did, func(id string) bool { return id == "pagerduty.status" }), "first of all: %v", s.did)
	require.Empty(t, s.steps("slack.approve"), "nobody has to decide any more")
	require.Len(t, s.steps("jira.comment"), 1)
	require.Len(t, s.steps("jira.transition"), 1)
}

// The question of a lost run is asked anew, under a key of its own: the buttons of the old message answer nothing. A pager that does
// not answer holds it up for no more than two minutes.
func TestIncidentRestoredAsksAnew(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.broken["pagerduty.status"] = temporal.NewApplicationError("pagerduty: down", api.ErrUnavailable)
	s.after(3*time.Minute, func() {
		asked := s.steps("slack.approve")
		require.Len(t, asked, 1)
		require.True(t, strings.HasPrefix(asked[0], "slack.approve.suspend:again/"), asked[0])
		s.mu.Lock()
		delete(s.broken, "pagerduty.status")
		s.mu.Unlock()
		s.decide(api.VerbApprove, api.Decision{Step: "approve.suspend", By: "ann@x.example"})
	})
	s.after(4*time.Minute, func() {
		require.Len(t, s.orders, 1)
		s.pager(api.PagerResolved, start.Add(4*time.Minute))
	})
	require.Equal(t, "resolved", s.runWith(restoredInput).Result)
}

// The pager tells when it was resolved in seconds and when it was acknowledged in milliseconds: what comes late is no news.
func TestIncidentRestoredHearsALateWord(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Ticket, s.state.Shown = "SEC-1", 1
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.pagerSays = api.PagerUpdate{Status: api.PagerResolved, IncidentID: "Q1", At: start}
	s.after(0, func() { s.pager(api.PagerAcknowledged, start.Add(120*time.Millisecond)) })
	require.Equal(t, "resolved", s.runWith(restoredInput).Result)
	require.Empty(t, s.steps("slack.approve"))
	require.Len(t, s.steps("jira.comment"), 1)
}
