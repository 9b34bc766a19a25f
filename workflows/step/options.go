package step

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Budgets of time. A step keeps trying for as long as a person needs to repair what it depends on; only then does the
// run park and ask.
const (
	Patience      = 7 * 24 * time.Hour
	LongWait      = time.Hour
	ReassessAfter = 24 * time.Hour
)

// pressWithin bounds each question about whoever pressed a button: they look at their screen, and a run takes few decisions at
// a time, which no vendor that is down may hold up.
const pressWithin = 8 * time.Second

// Step is one activity call: ID is what operators address it by, Activity what is called with what, Summary what the UI shows
// beside it.
type Step struct {
	ID       string
	Activity api.Activity
	Summary  string

	// Complete adds to the fact of the step, once it has succeeded, what only the caller knows.
	Complete func(*api.Fact)
}

// Start schedules the activity with the options of ctx.
func (s Step) Start(ctx workflow.Context) workflow.Future {
	return workflow.ExecuteActivity(ctx, s.Activity.Name(), s.Activity.Input())
}

// Execute carries the step out with the options of ctx, once as far as these go, and keeps its result.
func (s Step) Execute(ctx workflow.Context) error {
	return s.Start(ctx).Get(ctx, s.Activity.Result())
}

// executeLocally is Execute within the workflow task.
func (s Step) executeLocally(ctx workflow.Context) error {
	return workflow.ExecuteLocalActivity(ctx, s.Activity.Name(), s.Activity.Input()).Get(ctx, s.Activity.Result())
}

// Noting is the step with more in its evidence.
func (s Step) Noting(complete func(*api.Fact)) Step {
	s.Complete = complete
	return s
}

// PressOptions are for what somebody waits for who has pressed a button.
func PressOptions(ctx workflow.Context, s Step) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID: s.ID, Summary: s.Summary, StartToCloseTimeout: pressWithin, ScheduleToCloseTimeout: pressWithin,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2},
	})
}

// ContainOptions are for what ends sign-in: short exchanges, quick retries, and the deadline that makes it overdue.
func ContainOptions(ctx workflow.Context, s Step, budget time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:             s.ID,
		Summary:                s.Summary,
		StartToCloseTimeout:    10 * time.Second,
		ScheduleToCloseTimeout: budget,
		WaitForCancellation:    true,
		Priority:               temporal.Priority{PriorityKey: 1},
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    200 * time.Millisecond,
			BackoffCoefficient: 1.6,
			MaximumInterval:    20 * time.Second,
		},
	})
}

// Options are for every other write: it may take days until the vendor or a credential is back.
func Options(ctx workflow.Context, s Step) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:             s.ID,
		Summary:                s.Summary,
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: Patience,
		WaitForCancellation:    true,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    5 * time.Minute,
		},
	})
}

// OnceOptions are for a write that is tried once, because others stand by for it.
func OnceOptions(ctx workflow.Context, s Step) workflow.Context {
	return workflow.WithRetryPolicy(Options(ctx, s), temporal.RetryPolicy{MaximumAttempts: 1})
}

// SweepOptions are for activities that page through a whole source on the sweep queue.
func SweepOptions(ctx workflow.Context, s Step) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:             s.ID,
		Summary:                s.Summary,
		TaskQueue:              api.QueueSweep,
		StartToCloseTimeout:    30 * time.Minute,
		HeartbeatTimeout:       time.Minute,
		ScheduleToCloseTimeout: Patience,
		WaitForCancellation:    true,
		Priority:               temporal.Priority{PriorityKey: 4},
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    2 * time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    5 * time.Minute,
		},
	})
}

// LocalFirst runs a quick read or ledger write inside the workflow task, which costs one event and no queue. It gets
// two attempts of two seconds; after that the same activity runs as a regular one, which an operator can see and pause.
func LocalFirst(ctx workflow.Context, s Step) error {
	return LocalThen(ctx, s, func(ctx workflow.Context) error { return s.Execute(ctx) })
}

// LocalThen is LocalFirst with another way to run the regular activity, which gets the context with its options.
func LocalThen(ctx workflow.Context, s Step, regular func(workflow.Context) error) error {
	err := Quickly(ctx, s)
	if err == nil || temporal.IsCanceledError(err) || ctx.Err() != nil {
		return err
	}
	return regular(Options(ctx, s))
}

// Quickly is the local half of LocalFirst.
func Quickly(ctx workflow.Context, s Step) error {
	return s.executeLocally(workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		Summary:                s.Summary,
		StartToCloseTimeout:    2 * time.Second,
		ScheduleToCloseTimeout: 5 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 50 * time.Millisecond,
			MaximumAttempts: 2,
		},
	}))
}
