package step

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
)

// Result makes an activity of a function that returns something: its plain error becomes one that Temporal acts on.
func Result[In, Out any](do func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := do(ctx, in)
		return out, stored(ctx, err)
	}
}

// Done makes an activity of a function that returns nothing but whether it is done.
func Done[In any](do func(context.Context, In) error) func(context.Context, In) error {
	return func(ctx context.Context, in In) error { return stored(ctx, do(ctx, in)) }
}

func stored(ctx context.Context, err error) error {
	var soon urgent
	if errors.As(err, &soon) {
		return ToApplicationErrorSoon(ctx, soon.error)
	}
	return ToApplicationError(err)
}

// Beat shows Temporal that an activity is alive, and where it would go on. Outside of an activity it does nothing.
func Beat(ctx context.Context, details ...any) {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx, details...)
	}
}

// Resume reads what an earlier attempt said by Beat, if there was one.
func Resume(ctx context.Context, into any) bool {
	return activity.IsActivity(ctx) && activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, into) == nil
}

// Attempt is which attempt of an activity this is, from 1. Outside of an activity there is one.
func Attempt(ctx context.Context) int32 {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return activity.GetInfo(ctx).Attempt
}

// RunID is the run that an activity belongs to.
func RunID(ctx context.Context) string { return activity.GetInfo(ctx).WorkflowExecution.RunID }

// ScheduledAt is when an activity was scheduled, the same for each of its attempts.
func ScheduledAt(ctx context.Context) time.Time { return activity.GetInfo(ctx).ScheduledTime }

// Log is where an activity says what its result does not. Outside of an activity it says nothing.
func Log(ctx context.Context) log.Logger {
	if !activity.IsActivity(ctx) {
		return silent{}
	}
	return activity.GetLogger(ctx)
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
