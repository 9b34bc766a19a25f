package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/ledger"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// front is the gateway where the sandbox's vendors can reach it.
func front(t *testing.T, b *bench) string {
	t.Helper()
	site := httptest.NewServer(b.app.Gateway())
	t.Cleanup(site.Close)
	return site.URL
}

// TestPressReachesItsRun: from a message with buttons through Slack and the gateway to the run that asked.
func TestPressReachesItsRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.sandbox.Interactivity(t.Context(), front(t, b)+"/slack/interactions"))
	v, err := b.app.Vendors()
	require.NoError(t, err)
	posted, err := v.Activities.Slack.Post(t.Context(), api.Message{
		OnceKey: "i/ask", Kind: api.MessageAttention, Audience: api.AudienceSecurity, WorkflowID: "incident/brute/7/1",
		Step: "incident.answer", Approval: "a-7f3c", Buttons: []api.Button{{Action: "allow", Label: "Suspend"}},
	})
	require.NoError(t, err)
	person, found, err := b.sandbox.ByExternalID(t.Context(), "workday-21001")
	require.NoError(t, err)
	require.True(t, found)

	var clicks []api.Click
	b.temporal.On("SignalWorkflow", mock.Anything, "incident/brute/7/1", "", api.SignalClick, mock.Anything).
		Run(func(args mock.Arguments) { clicks = append(clicks, args.Get(4).(api.Click)) }).Return(nil)
	statuses, err := b.sandbox.Click(t.Context(), control.Click{Email: person.Email, ActionID: "allow", Times: 2})
	require.NoError(t, err)
	require.Equal(t, []int{http.StatusOK, http.StatusOK}, statuses)
	require.Len(t, clicks, 2)
	for _, c := range clicks {
		require.Equal(t, "a-7f3c/incident.answer/allow/T0ACME", c.Approval+"/"+c.Step+"/"+c.Verb+"/"+c.TeamID)
		require.Equal(t, posted.Channel+posted.Timestamp, c.Channel+c.Timestamp)
	}
	who, err := v.Activities.Slack.WhoIs(t.Context(), api.WhoIsInput{UserID: clicks[0].UserID, TeamID: clicks[0].TeamID})
	require.NoError(t, err)
	require.Equal(t, person.ID, who.AccountID)

	statuses, err = b.sandbox.Click(t.Context(), control.Click{Email: person.Email, ActionID: "allow", Forged: true})
	require.NoError(t, err)
	require.Equal(t, []int{http.StatusUnauthorized}, statuses)
	statuses, err = b.sandbox.Click(t.Context(), control.Click{Email: person.Email, ActionID: "allow", Value: "a-other"})
	require.NoError(t, err)
	require.Equal(t, []int{http.StatusOK}, statuses)
	require.Len(t, clicks, 2)
}

// TestPagerReachesItsRun: what the person on call does is told to the run whose case was paged.
func TestPagerReachesItsRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.sandbox.PagerTarget(t.Context(), front(t, b)+"/webhooks/pagerduty", 2))
	dedup := "not a case of ours"
	told := make(chan api.PagerUpdate, 8)
	b.temporal.On("SignalWorkflow", mock.Anything, mock.Anything, "", api.SignalPager, mock.Anything).
		Run(func(args mock.Arguments) { told <- args.Get(4).(api.PagerUpdate) }).Return(nil)
	v, err := b.app.Vendors()
	require.NoError(t, err)
	_, err = v.Activities.PagerDuty.Event(t.Context(), api.PagerEvent{Action: api.PagerTrigger, DedupKey: dedup, Summary: "x"})
	require.NoError(t, err)
	require.NoError(t, b.sandbox.PagerAct(t.Context(), dedup, "resolved"))
	require.Eventually(t, func() bool {
		list, err := b.sandbox.PagerDeliveries(t.Context())
		require.NoError(t, err)
		for _, d := range list {
			require.Equal(t, http.StatusAccepted, d.Status, d.Error)
		}
		return len(list) == 4
	}, time.Minute, 10*time.Millisecond, "two events, each delivered twice")
	require.Empty(t, told, "an incident that belongs to no case is nobody's business")
	_, found, err := b.app.Ledger.CaseByDedup(t.Context(), dedup)
	require.NoError(t, err)
	require.False(t, found)
}

// TestEventsPoke: OneLogin's event webhook has the events read, whatever it says.
func TestEventsPoke(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	poked := make(chan string, 8)
	b.temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Run(func(args mock.Arguments) { poked <- args.String(1) + " " + args.String(2) }).Return(&mocks.WorkflowRun{}, nil)
	require.NoError(t, b.sandbox.EventTarget(t.Context(), front(t, b)+"/webhooks/onelogin", "X-OneLogin-Token", kit.OneLoginSecret, time.Millisecond, true))
	_, _, err := b.sandbox.Events(t.Context(), control.Event{Type: 6, Times: 3})
	require.NoError(t, err)
	require.Equal(t, api.EventWatchID+" "+api.SignalPoke, <-poked)
}

// TestSignalsToRunsThatAreOver find nobody, which is no error.
func TestSignalsToRunsThatAreOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.temporal.On("SignalWorkflow", mock.Anything, "gone", "", "click", mock.Anything).Return(serviceerror.NewNotFound("no such run"))
	b.temporal.On("SignalWorkflow", mock.Anything, "there", "", "click", mock.Anything).Return(serviceerror.NewUnavailable("down"))
	found, err := b.app.Launch.Signal(t.Context(), "gone", "click", nil)
	require.NoError(t, err)
	require.False(t, found)
	_, err = b.app.Launch.Signal(t.Context(), "there", "click", nil)
	require.ErrorContains(t, err, "signal there with click: down")
	require.NoError(t, b.app.Ledger.PutApproval(t.Context(), ledger.Approval{ID: "a", WorkflowID: "w", Step: "s"}))
}
