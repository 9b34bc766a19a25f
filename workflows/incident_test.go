package workflows_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/templates"
)

// scene is what an incident's run acts on: the case, and everybody who is told of it.
type scene struct {
	// onList are the questions that are on the list of what needs a person.
	onList []string
	t      *testing.T
	env    *testsuite.TestWorkflowEnvironment

	mu     sync.Mutex
	state  api.CaseState
	did    []string
	orders []identity.Order
	texts  []string
	pages  []api.PagerEvent
	// pagerSays is what the pager answers when it is asked.
	pagerSays api.PagerUpdate
	// people are Slack's users, approvers those on the list.
	people    map[string]api.SlackPerson
	approvers map[string]bool
	// broken is what fails, by activity id.
	broken map[string]error
}

var failedLogins = api.CaseRef{Rule: "failed-logins", Subject: "onelogin-42", Number: 1}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{
		t: t, broken: map[string]error{}, approvers: map[string]bool{"ann@x.example": true, "bob@x.example": true},
		people: map[string]api.SlackPerson{
			"U1": {UserID: "U1", Email: "ann@x.example"}, "U2": {UserID: "U2", Email: "bob@x.example"},
			"U3": {UserID: "U3", Email: "eve@x.example"}, "U4": {UserID: "U4", Unfit: api.UnfitGuest, Email: "ann@x.example"},
		},
		state: api.CaseState{
			DedupKey: "gh-1", Status: "open", Revision: 1, Events: 5, First: start.Add(-time.Hour), Last: start, PersonKey: "workday-7",
			AccountID: 42, Severity: "high", Pager: "error", UpdateEvery: 10 * time.Minute, Quiet: time.Hour,
		},
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	s.env = suite.NewTestWorkflowEnvironment()
	s.env.SetStartTime(start)
	s.env.SetTestTimeout(20 * time.Second)
	s.env.SetStartWorkflowOptions(client.StartWorkflowOptions{
		ID: api.IncidentID("failed-logins", "onelogin-42", 1), TaskQueue: api.QueuePeople,
	})
	s.env.SetWorkerOptions(worker.Options{DisableRegistrationAliasing: true, WorkflowPanicPolicy: worker.FailWorkflow})
	templates.RegisterWorkflows(s.env, templates.All(), api.QueuePeople)
	s.register()
	return s
}

// act notes that a step was carried out, or fails it.
func (s *scene) act(ctx context.Context, do func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := activity.GetInfo(ctx).ActivityID
	if err := s.broken[id]; err != nil {
		return err
	}
	s.did = append(s.did, id)
	if do != nil {
		do()
	}
	return nil
}

func (s *scene) register() {
	add := func(name string, fn any) {
		s.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
	add(api.AttentionHold, func(_ context.Context, in api.Parked) (api.Listed, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !slices.Contains(s.onList, in.Step) {
			s.onList = append(s.onList, in.Step)
		}
		return api.Listed{}, nil
	})
	add(api.AttentionDrop, func(_ context.Context, in api.Parked) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.onList = slices.DeleteFunc(s.onList, func(step string) bool { return step == in.Step })
		return nil
	})
	add(api.EventsCase, func(ctx context.Context, _ api.CaseRef) (out api.CaseState, err error) {
		err = s.act(ctx, func() { out = s.state })
		return out, err
	})
	add(api.EventsNote, func(ctx context.Context, in api.NoteCase) error {
		return s.act(ctx, func() {
			if in.Status != "" {
				s.state.Status, s.state.StatusAt = in.Status, in.At
			}
			s.state.Ticket += in.Ticket
			s.state.Shown = max(s.state.Shown, in.Shown)
			s.state.Respond = slices.DeleteFunc(slices.Clone(s.state.Respond), func(r api.Response) bool { return r.Order == in.Answered })
		})
	})
	add(api.EventsApprover, func(ctx context.Context, in api.ApproverInput) (out api.ApproverVerdict, err error) {
		err = s.act(ctx, func() {
			out.Allowed = s.approvers[in.Email]
			if !out.Allowed {
				out.Why = "you are not on the list"
			}
		})
		return out, err
	})
	add(api.SlackWhoIs, func(ctx context.Context, in api.WhoIsInput) (out api.SlackPerson, err error) {
		err = s.act(ctx, func() { out = s.people[in.UserID] })
		return out, err
	})
	add(api.PagerDutyEvent, func(ctx context.Context, in api.PagerEvent) (api.PagerSent, error) {
		return api.PagerSent{}, s.act(ctx, func() { s.pages = append(s.pages, in) })
	})
	add(api.PagerDutyStatus, func(ctx context.Context, _ api.PagerQuery) (out api.PagerUpdate, err error) {
		err = s.act(ctx, func() { out = s.pagerSays })
		return out, err
	})
	add(api.JiraTicket, func(ctx context.Context, _ api.TicketInput) (api.Ticket, error) {
		return api.Ticket{Key: "SEC-1"}, s.act(ctx, nil)
	})
	add(api.JiraComment, func(ctx context.Context, in api.CommentInput) (api.Commented, error) {
		return api.Commented{}, s.act(ctx, func() { s.texts = append(s.texts, in.Lines[0]) })
	})
	add(api.JiraTransition, func(ctx context.Context, _ api.TransitionInput) (api.Transitioned, error) {
		return api.Transitioned{}, s.act(ctx, nil)
	})
	add(api.SlackPost, func(ctx context.Context, in api.Message) (api.Posted, error) {
		return api.Posted{Channel: "C1", Timestamp: "1.1"}, s.act(ctx, func() { s.texts = append(s.texts, string(in.Kind)+": "+in.Text) })
	})
	add(api.SlackUpdate, func(ctx context.Context, in api.MessageUpdate) (api.Updated, error) {
		return api.Updated{}, s.act(ctx, func() {
			require.Empty(s.t, in.Message.Buttons)
			s.texts = append(s.texts, in.Outcome)
		})
	})
	add(api.OrdersGive, func(ctx context.Context, in api.GiveOrder) (api.OrderGiven, error) {
		return api.OrderGiven{ID: in.Order.ID, Key: in.Order.Key}, s.act(ctx, func() {
			require.NoError(s.t, in.Order.Validate())
			s.orders = append(s.orders, in.Order)
		})
	})
	add(api.LedgerRecord, func(ctx context.Context, _ api.RecordInput) error { return s.act(ctx, nil) })
}

func (s *scene) after(d time.Duration, what func()) { s.env.RegisterDelayedCallback(what, d) }

// grow has the case change and the run be told.
func (s *scene) grow(events int, last time.Time) {
	s.mu.Lock()
	s.state.Revision++
	s.state.Events, s.state.Last = events, last
	s.mu.Unlock()
	s.env.SignalWorkflow(api.SignalCase, nil)
}

func (s *scene) pager(status string, at time.Time) {
	s.env.SignalWorkflow(api.SignalPager, api.PagerUpdate{Status: status, At: at, By: "PUSER1", EventID: status + at.Format("150405")})
}

func (s *scene) click(user, verb, step string) { s.clickOn("", user, verb, step) }

// clickOn is a click on the message about one question.
func (s *scene) clickOn(item, user, verb, step string) {
	s.env.SignalWorkflow(api.SignalClick, api.Click{
		Approval: "gh-1", Step: step, Item: item, Verb: verb, UserID: user, At: s.env.Now(),
	})
}

func (s *scene) run() api.IncidentOutcome {
	s.t.Helper()
	return s.runWith(api.IncidentInput{Case: failedLogins, Beside: true, Listed: true})
}

func (s *scene) runWith(in api.IncidentInput) api.IncidentOutcome {
	s.t.Helper()
	s.env.ExecuteWorkflow(api.TypeIncident, in)
	require.True(s.t, s.env.IsWorkflowCompleted())
	require.NoError(s.t, s.env.GetWorkflowError())
	var out api.IncidentOutcome
	require.NoError(s.t, s.env.GetWorkflowResult(&out))
	return out
}

// steps are those done of the kinds given, in order.
func (s *scene) steps(prefixes ...string) []string {
	var out []string
	for _, id := range s.did {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) {
			out = append(out, id)
		}
	}
	return out
}

func TestIncidentFromPageToResolved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.after(time.Minute, func() {
		require.ElementsMatch(t, []string{"pagerduty.trigger", "jira.ticket", "slack.security"}, s.steps("pager", "jira", "slack"))
		s.pager(api.PagerTriggered, start)
	})
	s.after(2*time.Minute, func() { s.pager(api.PagerAcknowledged, start.Add(2*time.Minute)) })
	s.after(3*time.Minute, func() { s.pager(api.PagerAcknowledged, start.Add(2*time.Minute)) })
	s.after(4*time.Minute, func() { s.pager(api.PagerResolved, start.Add(4*time.Minute)) })
	out := s.run()
	require.Equal(t, api.IncidentOutcome{Case: failedLogins, Ticket: "SEC-1", Events: 5, Result: "resolved"}, out)
	require.Equal(t, []string{
		"jira.ticket", "jira.comment:acknowledged/acknowledged090200", "jira.transition:acknowledged/acknowledged090200",
		"jira.comment:resolved/resolved090400", "jira.transition:resolved/resolved090400",
	}, s.steps("jira"))
	require.Len(t, s.pages, 1)
	require.Equal(t, "gh-1", s.pages[0].DedupKey)
	require.NotContains(t, s.pages[0].Summary, "@")
	require.Equal(t, "resolved", s.state.Status)
	require.Equal(t, "SEC-1", s.state.Ticket)
}

func TestIncidentIsUpdatedNotMultiplied(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for n := range 30 {
		s.after(time.Duration(n+1)*time.Minute, func() { s.grow(6+n, start.Add(time.Duration(n)*time.Minute)) })
	}
	s.after(2*time.Hour, func() { s.pager(api.PagerResolved, start.Add(2*time.Hour)) })
	out := s.run()
	require.Equal(t, 35, out.Events)
	require.Len(t, s.steps("jira.ticket"), 1)
	require.Len(t, s.pages, 1, "news of an open incident page nobody")
	updates := s.steps("jira.comment:update")
	require.Len(t, updates, 3, "at most one in ten minutes: %v", updates)
	require.Equal(t, "jira.comment:update/31", updates[2], "and the last one is told")
}

func TestIncidentThatGoesOnAfterItWasResolved(t *testing.T) {
	t.Parallel()
	resolved := start.Add(-10 * time.Minute)
	for name, tc := range map[string]struct {
		last    time.Time
		pages   int
		comment string
	}{
		"an event after that opens it again": {resolved.Add(time.Minute), 1, "It goes on after it was resolved: the incident is open again."},
		"a late one does not":                {resolved.Add(-time.Minute), 0, "More has become known."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.state.Status, s.state.StatusAt, s.state.Ticket, s.state.Shown = "resolved", resolved, "SEC-1", 1
			s.state.Revision, s.state.Last = 2, tc.last
			s.after(0, func() { s.env.SignalWorkflow(api.SignalCase, nil) })
			s.after(30*time.Minute, func() { s.pager(api.PagerResolved, start.Add(30*time.Minute)) })
			require.Equal(t, "resolved", s.run().Result)
			require.Len(t, s.pages, tc.pages)
			require.Contains(t, s.texts, tc.comment)
			require.Empty(t, s.steps("jira.ticket"), "the ticket is there")
		})
	}
}

func TestIncidentWithoutAPagerEndsWhenItIsQuiet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Pager = "none"
	require.Equal(t, "quiet", s.run().Result)
	require.Empty(t, s.pages)
	require.WithinDuration(t, start.Add(time.Hour), s.env.Now(), 2*time.Second)
}

func TestIncidentThatIsPartOfAnother(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "suspend"}}
	s.after(time.Hour, func() {
		s.mu.Lock()
		s.state.MergedInto = 2
		s.mu.Unlock()
		s.grow(9, start)
	})
	require.Equal(t, "part of another case", s.run().Result)
	require.Equal(t, []string{api.PagerTrigger, api.PagerResolve}, []string{s.pages[0].Action, s.pages[1].Action})
	require.Contains(t, s.texts, "Not decided: the case is part of case 2")
	require.Empty(t, s.orders)

	unheard := newScene(t)
	unheard.state.MergedInto = 2
	require.Equal(t, "part of another case", unheard.run().Result)
	require.Equal(t, []string{"events.case"}, unheard.did)
}

func TestAutomaticResponseDoesNotWaitForThePager(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.state.Respond = []api.Response{{Order: "lock", Automatic: true, Minutes: 30}}
	down := temporal.NewNonRetryableApplicationError("pagerduty: down", api.ErrInvalid, nil)
	s.broken["pagerduty.trigger"], s.broken["jira.ticket"] = down, down
	s.after(time.Minute, func() {
		require.Len(t, s.orders, 1)
		value, err := s.env.QueryWorkflow(api.QueryState)
		require.NoError(t, err)
		var state api.State
		require.NoError(t, value.Get(&state))
		require.Len(t, state.Attention, 2)
		s.mu.Lock()
		delete(s.broken, "pagerduty.trigger")
		s.mu.Unlock()
		s.decide(api.VerbRetry, api.Decision{Step: "pagerduty.trigger", By: "grace"})
		s.decide(api.VerbSkip, api.Decision{Step: "jira.ticket", By: "grace"})
	})
	s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
	require.Equal(t, "resolved", s.run().Result)
	order := s.orders[0]
	require.Equal(t, identity.OrderLock, order.Kind)
	require.Equal(t, "workday-7", order.Key)
	require.Equal(t, "events/failed-logins", order.Rule, "nobody's word: it draws on the budget")
	require.Equal(t, 30, order.Minutes)
	require.Empty(t, s.state.Respond, "nothing is asked for twice")
}

func (s *scene) decide(verb string, d api.Decision) *answer {
	a := &answer{}
	s.env.UpdateWorkflow(verb, "", &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(err error) { a.refused = err },
		OnComplete: func(_ any, err error) { a.completed, a.refused = err == nil, err },
	}, d)
	return a
}

func TestApprovalBySecondPerson(t *testing.T) {
	t.Parallel()
	const q = "approve.suspend"
	asked := func(t *testing.T) *scene {
		s := newScene(t)
		s.state.Respond = []api.Response{{Order: "suspend"}}
		s.after(time.Hour, func() { s.pager(api.PagerResolved, start.Add(time.Hour)) })
		return s
	}
	t.Run("the first decision wins", func(t *testing.T) {
		t.Parallel()
		s := asked(t)
		s.after(time.Minute, func() {
			require.Empty(t, s.orders)
			s.click("U1", api.VerbApprove, q)
		})
		// Presses of one moment are judged side by side: any of them may be the first.
		s.after(2*time.Minute, func() {
			s.click("U2", api.VerbDeny, q)
			s.click("U1", api.VerbApprove, q)
		})
		s.run()
		require.Len(t, s.orders, 1)
		require.Equal(t, "ann@x.example", s.orders[0].By)
		require.Empty(t, s.orders[0].Rule, "a named person's word is never held by the budget")
		require.Contains(t, s.texts, "Approved by ann@x.example")
		require.Contains(t, s.texts, "refused: already decided: Approved by ann@x.example")
	})
	t.Run("who may not is told so", func(t *testing.T) {
		t.Parallel()
		s := asked(t)
		s.after(time.Minute, func() {
			for _, user := range []string{"U3", "U4", "U9"} {
				s.click(user, api.VerbApprove, q)
			}
			s.click("U1", "erase", q)
			s.click("U1", api.VerbApprove, "approve.contain")
		})
		s.after(2*time.Minute, func() { require.Empty(t, s.orders) })
		s.after(3*time.Minute, func() { s.click("U2", api.VerbDeny, q) })
		s.run()
		require.Empty(t, s.orders)
		require.Contains(t, s.texts, "refused: you are not on the list")
		require.Contains(t, s.texts, "Denied by bob@x.example")
		require.Empty(t, s.state.Respond)
	})
	t.Run("by an operator's update", func(t *testing.T) {
		t.Parallel()
		s := asked(t)
		var nobody, eve, ann, bob *answer
		s.after(time.Minute, func() {
			nobody = s.decide(api.VerbApprove, api.Decision{Step: q})
			eve = s.decide(api.VerbApprove, api.Decision{Step: q, By: "eve@x.example"})
		})
		s.after(2*time.Minute, func() { ann = s.decide(api.VerbDeny, api.Decision{Step: q, By: "ann@x.example"}) })
		s.after(3*time.Minute, func() { bob = s.decide(api.VerbApprove, api.Decision{Step: q, By: "bob@x.example"}) })
		s.run()
		require.ErrorContains(t, nobody.refused, `needs "by"`)
		require.ErrorContains(t, eve.refused, "not on the list")
		require.True(t, ann.completed)
		require.ErrorContains(t, bob.refused, "already decided: Denied by ann@x.example")
		require.Empty(t, s.orders)
	})
	t.Run("withdrawn when the incident is resolved", func(t *testing.T) {
		t.Parallel()
		s := asked(t)
		require.Equal(t, "resolved", s.run().Result)
		require.Empty(t, s.orders)
		require.Contains(t, s.texts, "Not decided: the incident was resolved")
	})
}
