package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const aloneQueue = "bench-alone"

// temporalAlone measures Temporal by itself: runs one after the other, each with one activity that does nothing, on the
// same fast path as a departure. From the start to the activity is what no program on this server and machine is below.
func (s *stack) temporalAlone(ctx context.Context, times int) (took durations, err error) {
	began := make(chan time.Time, 1)
	w := worker.New(s.temporal, aloneQueue, worker.Options{})
	w.RegisterActivityWithOptions(func(context.Context) error {
		began <- time.Now()
		return nil
	}, activity.RegisterOptions{Name: "nothing"})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		o := workflow.ActivityOptions{StartToCloseTimeout: runTimeout}
		return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, o), "nothing").Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "Nothing"})
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start a worker for Temporal alone: %w", err)
	}
	defer w.Stop()
	for range times {
		d, err := s.nothing(ctx, began)
		if err != nil {
			return nil, fmt.Errorf("measure Temporal alone: %w", err)
		}
		took = append(took, d)
	}
	return took, nil
}

// nothing is one run that does nothing.
func (s *stack) nothing(ctx context.Context, began <-chan time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	sent := time.Now()
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		TaskQueue: aloneQueue, EnableEagerStart: true, WorkflowExecutionTimeout: runTimeout,
	}, "Nothing")
	if err != nil {
		return 0, err
	}
	if err := run.Get(ctx, nil); err != nil {
		return 0, err
	}
	return (<-began).Sub(sent), nil
}
