package launch_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/internal/launch"
)

const key = "workday-21001"

var hint = api.Hint{Source: "workday", Cause: "webhook"}

// run is a workflow run with an id.
func run(id string) *mocks.WorkflowRun {
	r := &mocks.WorkflowRun{}
	r.On("GetRunID").Return(id)
	return r
}

// started is what Temporal says when the person's run is open.
func started() error {
	return serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "request", "run-open")
}

// start has a hint start a run, with what comes of it, and returns the options it was started with.
func start(t *testing.T, eager bool, h api.Hint, result *mocks.WorkflowRun, err error) (*mocks.Client, *launch.Launcher, *client.StartWorkflowOptions) {
	t.Helper()
	c, options := &mocks.Client{}, &client.StartWorkflowOptions{}
	var returned any
	if result != nil {
		returned = result
	}
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, api.TypePerson, api.ChainInput{Key: key, Hint: h}).
		Run(func(args mock.Arguments) { *options = args.Get(1).(client.StartWorkflowOptions) }).Return(returned, err)
	return c, launch.New(c, eager), options
}

func TestHintStartsARun(t *testing.T) {
	t.Parallel()
	for _, eager := range []bool{true, false} {
		c, sender, options := start(t, eager, hint, run("run-1"), nil)
		sent, err := sender.Send(t.Context(), key, hint)
		require.NoError(t, err)
		require.Equal(t, api.Sent{WorkflowID: "person/workday-21001", RunID: "run-1", Started: true}, sent)
		c.AssertNotCalled(t, "SignalWithStartWorkflow")
		require.Equal(t, "person/workday-21001", options.ID)
		require.Equal(t, api.QueuePeople, options.TaskQueue)
		require.Equal(t, eager, options.EnableEagerStart)
		require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL, options.WorkflowIDConflictPolicy)
		require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, options.WorkflowIDReusePolicy)
		require.True(t, options.WorkflowExecutionErrorWhenAlreadyStarted, "or an open run would swallow the hint")
		require.Zero(t, options.WorkflowExecutionTimeout, "a person's chain has no end")
		require.Zero(t, options.WorkflowRunTimeout)
		require.Equal(t, "workday-21001: workday webhook", options.StaticSummary)
		for attribute, want := range map[interface{ GetName() string }]string{
			api.AttrPersonKey: key,
			api.AttrStage:     api.StageWorking, api.AttrSource: "workday",
		} {
			found := false
			for k, v := range options.TypedSearchAttributes.GetUntypedValues() {
				if k.GetName() == attribute.GetName() {
					found = true
					require.Equal(t, want, v)
				}
			}
			require.True(t, found, attribute.GetName())
		}
	}
}

// TestHintJoinsAnOpenRun: signal-with-start, because the run may end at that very moment.
func TestHintJoinsAnOpenRun(t *testing.T) {
	t.Parallel()
	c, sender, _ := start(t, true, hint, nil, started())
	var options client.StartWorkflowOptions
	c.On("SignalWithStartWorkflow", mock.Anything, "person/workday-21001", api.SignalHint, hint, mock.Anything,
		api.TypePerson, api.ChainInput{Key: key, Hint: hint}).
		Run(func(args mock.Arguments) { options = args.Get(4).(client.StartWorkflowOptions) }).Return(run("run-open"), nil)
	sent, err := sender.Send(t.Context(), key, hint)
	require.NoError(t, err)
	require.Equal(t, api.Sent{WorkflowID: "person/workday-21001", RunID: "run-open"}, sent)
	require.False(t, options.EnableEagerStart, "Temporal refuses eager starts with a signal")
	require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED, options.WorkflowIDConflictPolicy)
	require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, options.WorkflowIDReusePolicy)
	require.Equal(t, api.QueuePeople, options.TaskQueue)
	c.AssertNumberOfCalls(t, "ExecuteWorkflow", 1)
	c.AssertNumberOfCalls(t, "SignalWithStartWorkflow", 1)
}

// TestNothingIsSaidToBeDurableThatIsNot: the sender of a webhook believes what it is told and does not repeat it.
func TestNothingIsSaidToBeDurableThatIsNot(t *testing.T) {
	t.Parallel()
	unavailable := serviceerror.NewUnavailable("no Temporal")
	t.Run("starting fails", func(t *testing.T) {
		t.Parallel()
		for _, err := range []error{unavailable, context.DeadlineExceeded, serviceerror.NewNamespaceNotFound("x"), errors.New("x")} {
			c, sender, _ := start(t, true, hint, nil, err)
			sent, got := sender.Send(t.Context(), key, hint)
			require.ErrorIs(t, got, err)
			require.ErrorContains(t, got, "hint workday-21001: start a run: ")
			require.Zero(t, sent)
			c.AssertNotCalled(t, "SignalWithStartWorkflow")
		}
	})
	t.Run("signalling fails", func(t *testing.T) {
		t.Parallel()
		c, sender, _ := start(t, true, hint, nil, started())
		c.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
			Return(nil, unavailable)
		sent, err := sender.Send(t.Context(), key, hint)
		require.ErrorIs(t, err, unavailable)
		require.ErrorContains(t, err, "hint workday-21001: signal its run: ")
		require.Zero(t, sent)
	})
}

// TestPriorities: what somebody waits for goes before the polls that only confirm it.
func TestPriorities(t *testing.T) {
	t.Parallel()
	keys := map[string]int{}
	for _, cause := range []string{"webhook", "offboard", "poll", "forwarded"} {
		h := api.Hint{Source: "workday", Cause: cause}
		_, sender, options := start(t, true, h, run("run-1"), nil)
		_, err := sender.Send(t.Context(), key, h)
		require.NoError(t, err)
		keys[cause] = options.Priority.PriorityKey
	}
	require.Less(t, keys["webhook"], keys["poll"], "a lower number is served first")
	require.Less(t, keys["offboard"], keys["poll"])
}

// TestRunThatTakesNoMoreSignals: it goes on as a fresh one that looks, so that what says no more than "look again" need not
// be sent. What says more is not claimed to be durable.
func TestRunThatTakesNoMoreSignals(t *testing.T) {
	t.Parallel()
	limit := serviceerror.NewInvalidArgument("exceeded workflow execution limit for signal events")
	c := &mocks.Client{}
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil, started())
	signal := c.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything)
	signal.Return(nil, limit)
	l, ref := launch.New(c, false), api.CaseRef{Rule: "failed-logins", Subject: "onelogin-42", Number: 1}
	sent, err := l.Send(t.Context(), key, hint)
	require.NoError(t, err)
	require.Equal(t, api.Sent{WorkflowID: "person/workday-21001"}, sent)
	require.NoError(t, l.Poke(t.Context()))
	require.NoError(t, l.Incident(t.Context(), ref, false))
	require.NoError(t, l.Grace(t.Context(), key, 42, api.SignalEnrolled))
	require.ErrorIs(t, l.Reopened(t.Context(), ref, api.PagerUpdate{Status: api.PagerTriggered}), limit)

	signal.Return(nil, serviceerror.NewInvalidArgument("the id is too long"))
	_, err = l.Send(t.Context(), key, hint)
	require.Error(t, err)
	require.Error(t, l.Poke(t.Context()))
	require.Error(t, l.Incident(t.Context(), ref, false))
	require.Error(t, l.Grace(t.Context(), key, 42, api.SignalEnrolled))
}
