package soak

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// scaler puts the company's clock in the place of Temporal's. Timers, and what counts from a moment of the company's to another,
// are as much shorter as its days are; what waits for a machine, such as the time that one attempt may take, is left alone.
type scaler struct {
	interceptor.InterceptorBase
	clock linear
}

func (s *scaler) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &scaledInbound{interceptor.WorkflowInboundInterceptorBase{Next: next}, s}
}

func (s *scaler) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &scaledActivity{interceptor.ActivityInboundInterceptorBase{Next: next}}
}

type scaledInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	s *scaler
}

func (i *scaledInbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&scaledOutbound{interceptor.WorkflowOutboundInterceptorBase{Next: next}, i.s})
}

// scaledOutbound needs neither Sleep nor AwaitWithTimeout: the SDK makes both of NewTimerWithOptions, through its interceptors.
type scaledOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	s *scaler
}

func (o *scaledOutbound) Now(ctx workflow.Context) time.Time { return o.s.clock.At(o.Next.Now(ctx)) }

func (o *scaledOutbound) NewTimer(ctx workflow.Context, d time.Duration) workflow.Future {
	return o.Next.NewTimer(ctx, scaled(d))
}

func (o *scaledOutbound) NewTimerWithOptions(ctx workflow.Context, d time.Duration, options workflow.TimerOptions) workflow.Future {
	return o.Next.NewTimerWithOptions(ctx, scaled(d), options)
}

// The longest that an attempt may take, and that it may say nothing: the machine's time, and yet as short as it can be, because
// it is how long a process that crashed is waited for.
const (
	longestAttempt = 2 * time.Second
	longestSilence = 5 * time.Second
	// longestSweep is the first of steps that nobody's access waits for, and that go through the whole company.
	longestSweep = 5 * time.Second
)

// The shortest pauses between two attempts. Those of the product, ten thousand times shorter, would only heat the machine; and yet a
// call that fails once is tried again before the product takes notice, which it does after minutes.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

func (o *scaledOutbound) ExecuteActivity(ctx workflow.Context, activityType string, args ...any) workflow.Future {
	options := workflow.GetActivityOptions(ctx)
	sweeps := cmp.Or(options.TaskQueue, workflow.GetInfo(ctx).TaskQueueName) == api.QueueSweep
	if patience := options.ScheduleToCloseTimeout; patience > 0 && sweeps {
		// What goes through the whole company is work of the machine's: two hours of the company's are less than a second of that.
		options.ScheduleToCloseTimeout = max(scaled(patience), longestSweep)
	} else {
		options.ScheduleToCloseTimeout = scaled(patience)
	}
	if options.HeartbeatTimeout > 0 {
		options.HeartbeatTimeout = min(options.HeartbeatTimeout, longestSilence)
	} else {
		longest := longestAttempt
		if sweeps {
			longest = longestSweep
		}
		options.StartToCloseTimeout = min(options.StartToCloseTimeout, longest)
	}
	if p := options.RetryPolicy; p != nil {
		again := *p
		again.InitialInterval = max(scaled(p.InitialInterval), firstPause)
		again.MaximumInterval = max(scaled(p.MaximumInterval), longestPause)
		options.RetryPolicy = &again
	}
	return o.Next.ExecuteActivity(workflow.WithActivityOptions(ctx, options), activityType, args...)
}

// scaledActivity has an activity that asks for patience tried again when that much of the company's time has passed.
type scaledActivity struct {
	interceptor.ActivityInboundInterceptorBase
}

func (a *scaledActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := a.Next.ExecuteActivity(ctx, in)
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.NextRetryDelay() > 0 && !app.HasDetails() {
		err = temporal.NewApplicationErrorWithOptions(app.Message(), app.Type(), temporal.ApplicationErrorOptions{
			NonRetryable: app.NonRetryable(), Cause: app.Unwrap(), Category: app.Category(),
			NextRetryDelay: max(scaled(app.NextRetryDelay()), firstPause),
		})
	}
	return out, err
}
