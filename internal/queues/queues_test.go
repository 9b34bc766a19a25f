package queues_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/internal/queues"
	"gatehouse/internal/templates"
)

// TestEveryQueueIsServed: templates say which queues there are, and each of them can be served.
func TestEveryQueueIsServed(t *testing.T) {
	t.Parallel()
	all, err := queues.Serve(templates.Queues(), queues.Options{})
	require.NoError(t, err)
	var names []string
	for _, q := range all {
		names = append(names, q.Name)
		require.True(t, q.Options.DisableRegistrationAliasing, q.Name)
		require.Equal(t, 35*time.Second, q.Options.WorkerStopTimeout, q.Name)
		require.Equal(t, 20*time.Second, q.Options.StickyScheduleToStartTimeout, q.Name)
		require.Equal(t, 10, *q.Options.MaxEagerActivityReservationsPerWorkflowTask, q.Name)
		require.Equal(t, worker.BlockWorkflow, q.Options.WorkflowPanicPolicy, q.Name)
		require.NotNil(t, q.Options.Tuner, q.Name)
	}
	require.Equal(t, templates.Queues(), names)

	_, err = queues.Serve([]string{"nowhere"}, queues.Options{})
	require.EqualError(t, err, `divide the work of a process: there is no queue "nowhere"`)
}

// TestSlots: how many tasks of each kind a process works on at a time.
func TestSlots(t *testing.T) {
	t.Parallel()
	all, err := queues.Serve(templates.Queues(), queues.Options{})
	require.NoError(t, err)
	slots := map[string][3]int{}
	for _, q := range all {
		tuner := q.Options.Tuner
		slots[q.Name] = [3]int{
			tuner.GetWorkflowTaskSlotSupplier().MaxSlots(), tuner.GetActivityTaskSlotSupplier().MaxSlots(), tuner.GetLocalActivitySlotSupplier().MaxSlots(),
		}
	}
	require.Equal(t, map[string][3]int{
		api.QueuePeople: {200, 400, 200}, api.QueueTemplates: {16, 100, 200}, api.QueueSweep: {200, 20, 200},
	}, slots)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	all, err := queues.Serve([]string{api.QueueSweep}, queues.Options{FailOnPanic: true, StopTimeout: time.Second, StickyTimeout: time.Minute})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, time.Second, all[0].Options.WorkerStopTimeout)
	require.Equal(t, time.Minute, all[0].Options.StickyScheduleToStartTimeout)
	require.Equal(t, worker.FailWorkflow, all[0].Options.WorkflowPanicPolicy)
}
