package workflows_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// A ticket system that is down, or a ticket that somebody deleted, keeps nobody from being paged again.
func TestIncidentGoesOnWithoutItsTicket(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.broken["jira.ticket"] = temporal.NewNonRetryableApplicationError("jira: no such project", api.ErrInvalid, nil)
	s.after(time.Minute, func() { s.pager(api.PagerResolved, start.Add(time.Minute)) })
	s.after(2*time.Minute, func() { require.Equal(t, "resolved", s.state.Status, "what the pager says is known") })
	for n := range 40 {
		s.after(time.Duration(3+n)*time.Minute, func() { s.grow(6+n, start.Add(time.Duration(3+n)*time.Minute)) })
	}
	s.after(4*time.Minute, func() {
		require.Len(t, s.pages, 2)
		require.Equal(t, "open", s.state.Status)
	})
	s.after(time.Hour, func() {
		delete(s.broken, "jira.ticket")
		s.decide(api.VerbRetry, api.Decision{Step: "jira.ticket", By: "grace"})
	})
	s.after(2*time.Hour, func() { s.pager(api.PagerResolved, start.Add(2*time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Equal(t, []string{
		"jira.ticket", "jira.comment:resolved/resolved090100", "jira.transition:resolved/resolved090100",
		"jira.comment:reopen/2", "jira.transition:reopen/2",
		"jira.comment:resolved/resolved110000", "jira.transition:resolved/resolved110000",
	}, s.steps("jira"), "the ticket is told in the order in which it happened, and once how it stands")
}

// Somebody decided: that Slack does not answer delays nothing.
func TestDecisionNeedsNoSlack(t *testing.T) {
	t.Parallel()
	down := temporal.NewApplicationError("slack: down", api.ErrUnavailable)
	for name, broken := range map[string]string{"the question": "slack.approve.suspend", "the outcome": "slack.outcome:approve.suspend"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.state.Respond = []api.Response{{Order: "suspend"}}
			s.broken[broken] = down
			s.after(time.Minute, func() { s.decide(api.VerbApprove, api.Decision{Step: "approve.suspend", By: "ann@x.example"}) })
			s.after(2*time.Minute, func() {
				require.Len(t, s.orders, 1)
				s.mu.Lock()
				delete(s.broken, broken)
				s.mu.Unlock()
			})
			s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
			require.Equal(t, "resolved", s.run().Result)
			require.Contains(t, s.texts, "Approved by ann@x.example", "the buttons are taken away when Slack is back")
			require.Len(t, s.orders, 1)
		})
	}
}

func TestIncidentThatIsOpenAgainAsksAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}, {Order: "log_out", Automatic: true}}
	s.after(10*time.Minute, func() { s.pager(api.PagerResolved, start.Add(10*time.Minute)) })
	s.after(10*time.Minute, func() { s.grow(9, start.Add(11*time.Minute)) })
	s.after(12*time.Minute, func() {
		require.Len(t, s.pages, 2)
		s.click("U1", api.VerbApprove, "approve.suspend")
	})
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Equal(t, []string{"slack.approve.suspend", "slack.approve.suspend:reopen/2"}, s.steps("slack.approve"))
	require.ElementsMatch(t, []string{"slack.security", "slack.security:reopen/2"}, s.steps("slack.security"))
	require.Contains(t, s.steps("jira.transition"), "jira.transition:reopen/2", "a ticket that is done is not any more")
	require.ElementsMatch(t, []string{"orders.log_out", "orders.suspend"}, s.steps("orders."), "what was answered is not asked again")
}

// Words overtake each other: the last that was said counts.
func TestPagerWordsOvertakeEachOther(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.after(time.Minute, func() {
		s.pager(api.PagerTriggered, start.Add(50*time.Second)) // unacknowledged
		s.pager(api.PagerAcknowledged, start.Add(40*time.Second))
	})
	s.after(2*time.Minute, func() { require.Equal(t, "open", s.state.Status) })
	s.after(3*time.Minute, func() { s.grow(7, start.Add(170*time.Second)) })
	// Resolved before the last event that is known: it goes on, and nobody has said that it is over.
	s.after(4*time.Minute, func() { s.pager(api.PagerResolved, start.Add(160*time.Second)) })
	s.after(5*time.Minute, func() { require.Len(t, s.pages, 2) })
	s.after(6*time.Minute, func() { s.pager(api.PagerResolved, start.Add(165*time.Second)) })
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Len(t, s.pages, 2, "and once is enough")
	require.Empty(t, s.steps("jira.comment:acknowledged"))
}

// The pager tells milliseconds, and a person who resolves at once acknowledges in the same one.
func TestPagerWordsOfOneTimeOvertakeEachOther(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	at := start.Add(50 * time.Second)
	s.after(time.Minute, func() {
		s.pager(api.PagerResolved, at)
		s.pager(api.PagerAcknowledged, at)
		s.pager(api.PagerTriggered, at)
	})
	require.Equal(t, "resolved", s.run().Result)
	require.Equal(t, "resolved", s.state.Status)
	require.Less(t, s.env.Now().Sub(start), 10*time.Minute, "nothing is waited for")
	require.Empty(t, s.steps("jira.comment:acknowledged"))
}

// A question that nobody decides for weeks does not make the history grow without end.
func TestOpenQuestionsAreTakenAlong(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.after(30*time.Minute, func() { s.env.SetContinueAsNewSuggested(true); s.grow(6, start) })
	s.env.ExecuteWorkflow(api.TypeIncident, api.IncidentInput{Case: failedLogins, Beside: true})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, s.env.GetWorkflowError(), &again)
	require.Equal(t, api.TypeIncident, again.WorkflowType.Name)
}

// Webhooks get lost, and a subscription that failed too often is switched off.
func TestPagerIsAskedWhatItDidNotSay(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.broken["pagerduty.status"] = temporal.NewApplicationError("pagerduty: down", api.ErrUnavailable)
	s.after(90*time.Minute, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.broken, "pagerduty.status")
		s.pagerSays = api.PagerUpdate{Status: api.PagerResolved, IncidentID: "Q1", At: start.Add(30 * time.Minute), By: "PUSER1"}
	})
	require.Equal(t, "resolved", s.run().Result)
	require.WithinDuration(t, start.Add(2*time.Hour), s.env.Now(), 5*time.Minute)
	require.Len(t, s.steps("jira.comment:resolved"), 1)
	require.Len(t, s.pages, 1)
}

// Somebody opens an incident again in the pager whose run was over: nobody is paged by us, and the ticket follows.
func TestPagerOpensItAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.state.Status, s.state.StatusAt, s.state.Ticket, s.state.Shown = "resolved", start.Add(-time.Hour), "SEC-1", 1
	s.state.Last = start.Add(-2 * time.Hour)
	s.after(0, func() { s.pager(api.PagerTriggered, start) })
	s.after(time.Minute, func() {
		require.Equal(t, "open", s.state.Status)
		require.Equal(t, []string{"jira.comment:triggered/triggered090000", "jira.transition:triggered/triggered090000"}, s.steps("jira"))
		require.Len(t, s.steps("slack.approve"), 1, "and what nobody decided is asked again")
	})
	s.after(time.Hour-time.Minute, func() { s.pager(api.PagerResolved, start.Add(time.Hour-time.Minute)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Empty(t, s.pages)
	require.Empty(t, s.orders)
}

// TestButtonOfAnEarlierRoundDecidesNothing: the message of before the incident was resolved is about what was then.
func TestButtonOfAnEarlierRoundDecidesNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	item := func() string {
		value, err := s.env.QueryWorkflow(api.QueryState)
		require.NoError(t, err)
		var state api.State
		require.NoError(t, value.Get(&state))
		return state.Attention[0].Item
	}
	var first, second string
	s.after(time.Minute, func() { first = item() })
	s.after(10*time.Minute, func() { s.pager(api.PagerResolved, start.Add(10*time.Minute)) })
	s.after(10*time.Minute, func() { s.grow(9, start.Add(11*time.Minute)) })
	s.after(12*time.Minute, func() {
		second = item()
		s.clickOn(first, "U1", api.VerbApprove, "approve.suspend")
		s.clickOn("0", "U2", api.VerbApprove, "approve.suspend")
	})
	s.after(13*time.Minute, func() {
		require.Empty(t, s.orders)
		s.clickOn(second, "U1", api.VerbDeny, "approve.suspend")
	})
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.NotEqual(t, first, second)
	require.Empty(t, s.orders)
	require.Contains(t, s.texts, "Denied by ann@x.example")
	require.True(t, slices.ContainsFunc(s.texts, func(text string) bool {
		return strings.HasPrefix(text, "refused: already decided: Not decided") && strings.Contains(text, "item "+second)
	}), "whoever presses the old button is told what waits now: %q", s.texts)
}

// One click is of somebody about whom Slack cannot be asked, and a click of a third person comes after it: nobody's decision
// waits for another's.
func TestClickWaitsForNoOtherClick(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	stuck := start.Add(time.Minute)
	s.broken["slack.whois:U3:"+strconv.FormatInt(stuck.UnixMilli(), 10)] = temporal.NewApplicationError("slack: down", api.ErrUnavailable)
	s.after(time.Minute, func() { s.click("U3", api.VerbApprove, "approve.suspend") })
	s.after(2*time.Minute, func() {
		s.click("U1", api.VerbApprove, "approve.suspend")
		s.click("U1", api.VerbApprove, "approve.suspend")
	})
	s.after(3*time.Minute, func() {
		require.Len(t, s.orders, 1)
		s.mu.Lock()
		clear(s.broken)
		s.mu.Unlock()
	})
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Len(t, s.orders, 1)
}

// A comment that Jira refuses is an item of its own; what comes after it is told to the ticket all the same.
func TestRefusedCommentHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	acknowledged := start.Add(time.Minute)
	step := "jira.comment:acknowledged/acknowledged" + acknowledged.Format("150405")
	s.broken[step] = temporal.NewNonRetryableApplicationError("invalid request (HTTP 400)", api.ErrInvalid, nil)
	s.after(time.Minute, func() { s.pager(api.PagerAcknowledged, acknowledged) })
	s.after(2*time.Minute, func() { s.pager(api.PagerResolved, start.Add(2*time.Minute)) })
	s.after(3*time.Minute, func() {
		require.NotEmpty(t, s.steps("jira.transition:resolved"), "the ticket is done")
		s.decide(api.VerbSkip, api.Decision{Step: step, By: "grace"})
	})
	require.Equal(t, "resolved", s.run().Result)
	require.WithinDuration(t, start.Add(3*time.Minute), s.env.Now(), time.Second)
}

// TestMergedInThePagerIsNotOver: the word comes twice, what was done in the other incident before is asked for at once, and the
// question stays.
func TestMergedInThePagerIsNotOver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.pagerSays = api.PagerUpdate{Status: api.PagerAcknowledged, IncidentID: "Q2", At: start.Add(30 * time.Second), By: "P1"}
	for range 2 {
		s.after(time.Minute, func() {
			s.env.SignalWorkflow(api.SignalPager, api.PagerUpdate{
				Status: api.PagerMerged, IncidentID: "Q1", MergedInto: "Q2", At: start.Add(time.Minute), By: "P1", EventID: "01E1",
			})
		})
	}
	s.after(5*time.Minute, func() {
		require.Len(t, s.steps("pagerduty.status"), 1, "an hour before it would be asked")
		s.decide(api.VerbApprove, api.Decision{Step: "approve.suspend", By: "ann@x.example"})
	})
	s.after(10*time.Minute, func() { s.pager(api.PagerResolved, start.Add(10*time.Minute)) })
	require.Equal(t, "resolved", s.run().Result)
	require.Len(t, s.orders, 1)
	require.Len(t, s.steps("jira.comment:pager-merged"), 1)
	said := strings.Join(s.texts, "\n")
	require.Contains(t, said, "Incident Q1 was merged into Q2 in the pager")
	require.Contains(t, said, "The incident was acknowledged in the pager")
}
