package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/internal/templates"
	"gatehouse/test/e2e/sketch"
	"gatehouse/test/kit"
)

// TestATemplateIsOneEntry: a template of which nothing in Gatehouse knows but its entry is scheduled, registered and has its
// activity done.
func TestATemplateIsOneEntry(t *testing.T) {
	t.Parallel()
	with := append(templates.All(), sketch.Template())
	require.NoError(t, templates.Check(with))
	s := kit.New(t, kit.Options{Templates: with})
	s.Baseline()
	_, err := s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Temporal.ScheduleClient().GetHandle(t.Context(), sketch.Schedule).Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	var id string
	s.Until("its schedule has started a run", func() bool {
		d, err := s.Temporal.ScheduleClient().GetHandle(t.Context(), sketch.Schedule).Describe(t.Context())
		require.NoError(t, err)
		if len(d.Info.RecentActions) == 0 {
			return false
		}
		id = d.Info.RecentActions[0].StartWorkflowResult.WorkflowID
		return true
	})
	var out sketch.Found
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), &out))
	require.Positive(t, out.People)

	// Where the entry is gone, its schedule is surplus under no id of Gatehouse's, and starts nothing that Gatehouse knows.
	k := s.App.Schedules()
	k.All = templates.Schedules(templates.All(), s.App.Config)
	left, err := k.Compare(t.Context())
	require.NoError(t, err)
	for _, d := range left {
		require.NotEqual(t, sketch.Schedule, d.ID)
	}
}

// TestEachTypeRunsOnEachOfItsQueues: a run that begins on any of the queues of its type finds its workflow there.
func TestEachTypeRunsOnEachOfItsQueues(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	for _, each := range templates.All() {
		for _, run := range each.Runs {
			for _, queue := range run.Queues {
				t.Run(run.Type+" on "+queue, func(t *testing.T) {
					t.Parallel()
					begins(t, s, run.Type, queue)
				})
			}
		}
	}
	t.Run("a type that nobody registers", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, firstTask(t, s, "NoSuchType", templates.Queues()[0]), "unable to find workflow type")
	})
}

// begins starts a run without an input and looks at what became of its first task. What the run makes of having none is its own.
func begins(t *testing.T, s *kit.Stack, workflowType, queue string) {
	t.Helper()
	if err := firstTask(t, s, workflowType, queue); err != nil {
		require.NotContains(t, err.Error(), "unable to find workflow type", "%s on %s", workflowType, queue)
	}
}

// firstTask returns why the first task of a run failed, nil if it did not.
func firstTask(t *testing.T, s *kit.Stack, workflowType, queue string) error {
	t.Helper()
	ctx := t.Context()
	run, err := s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "begins/" + workflowType + "/" + queue, TaskQueue: queue}, workflowType)
	require.NoError(t, err)
	defer func() {
		// It may have ended by itself.
		if err := s.Temporal.TerminateWorkflow(context.WithoutCancel(ctx), run.GetID(), run.GetRunID(), "the test is over"); err != nil && !strings.Contains(err.Error(), "completed") {
			t.Error(err)
		}
	}()
	events := s.Temporal.GetWorkflowHistory(ctx, run.GetID(), run.GetRunID(), true, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		if f := e.GetWorkflowTaskFailedEventAttributes(); f != nil {
			return fmt.Errorf("%s", f.GetFailure().GetMessage())
		}
		if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			return nil
		}
	}
	return nil
}
