package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger/worklist"
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
	taken, refuses := &mocks.WorkflowUpdateHandle{}, &mocks.WorkflowUpdateHandle{}
	taken.On("Get", mock.Anything, nil).Return(nil)
	refuses.On("Get", mock.Anything, nil).Return(temporal.NewApplicationError("you are not on the list", ""))
	told := func(answer any, failed error) {
		b.temporal.On("UpdateWorkflow", mock.Anything, mock.MatchedBy(func(o client.UpdateWorkflowOptions) bool {
			return o.WorkflowID == "incident/brute/7/1" && o.UpdateName == api.UpdatePress
		})).Run(func(args mock.Arguments) {
			clicks = append(clicks, args.Get(1).(client.UpdateWorkflowOptions).Args[0].(api.Click))
		}).Return(answer, failed).Once()
	}
	told(taken, nil)
	told(taken, nil)
	statuses, err := b.sandbox.Click(t.Context(), control.Click{Email: person.Email, ActionID: "allow", Times: 2})
	require.NoError(t, err)
	require.Equal(t, []int{http.StatusOK, http.StatusOK}, statuses)
	require.Len(t, clicks, 2)
	for _, c := range clicks {
		require.Equal(t, "a-7f3c/incident.answer/allow/T0ACME", c.Approval+"/"+c.Step+"/"+c.Verb+"/"+c.TeamID)
		require.Equal(t, posted.Channel+posted.Timestamp, c.Channel+c.Timestamp)
		require.Equal(t, decider.Vouch(b.app.Config.Gateway.SlackSigningSecret, "incident/brute/7/1", c), c.Vouch)
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

	// What a press comes to is for the eyes of whoever pressed: not allowed, and the run is over.
	told(refuses, nil)
	told(nil, serviceerror.NewNotFound("workflow execution already completed"))
	for _, want := range []string{"you are not on the list", "no run waits for an answer any more"} {
		_, err = b.sandbox.Click(t.Context(), control.Click{Email: person.Email, ActionID: "allow"})
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			said, err := b.sandbox.Whispers(t.Context())
			require.NoError(t, err)
			return len(said) > 0 && said[len(said)-1].Email == person.Email && strings.Contains(said[len(said)-1].Text, want)
		}, 10*time.Second, 10*time.Millisecond, want)
	}

	// A worker of an older version takes signals only.
	older := &mocks.WorkflowUpdateHandle{}
	older.On("Get", mock.Anything, nil).Return(temporal.NewApplicationError("unknown update press. KnownUpdates=[allow]", ""))
	told(older, nil)
	var signalled []api.Click
	b.temporal.On("SignalWorkflow", mock.Anything, "incident/brute/7/1", "", api.SignalClick, mock.Anything).
		Run(func(args mock.Arguments) { signalled = append(signalled, args.Get(4).(api.Click)) }).Return(nil)
	_, err = b.sandbox.Click(t.Context(), control.Click{Email: person.Email, ActionID: "allow"})
	require.NoError(t, err)
	require.Len(t, signalled, 1)
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
	_, found, err := b.app.Ledger.Incidents().CaseByDedup(t.Context(), dedup)
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
	require.NoError(t, b.app.Ledger.Worklist().PutApproval(t.Context(), worklist.Approval{ID: "a", WorkflowID: "w", Step: "s"}))
}
