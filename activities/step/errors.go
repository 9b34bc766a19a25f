package step

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/connectors"
)

// Superseded says that a plan no longer holds. The run looks again instead of asking anybody.
func Superseded(why string) error {
	return NonRetryable(api.ErrSuperseded, "not done: "+why)
}

// Credentials and permissions are repaired by people: the retries are slow enough not to lock anything, and quick
// enough that a run goes on soon after the repair.
const unauthorizedDelay = time.Minute

// ToApplicationError turns an error into what Temporal stores and acts on. It is the only place where retryability is decided.
func ToApplicationError(err error) error {
	if err == nil {
		return nil
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	var ce *connectors.Error
	if !errors.As(err, &ce) {
		return temporal.NewApplicationErrorWithOptions(err.Error(), api.ErrUnavailable, temporal.ApplicationErrorOptions{})
	}
	options := temporal.ApplicationErrorOptions{NextRetryDelay: ce.RetryAfter}
	kind := api.ErrUnavailable
	switch ce.Kind {
	case connectors.KindRateLimited:
		kind, options.Category = api.ErrRateLimited, temporal.ApplicationErrorCategoryBenign
	case connectors.KindUnauthorized:
		kind, options.NextRetryDelay = api.ErrUnauthorized, max(ce.RetryAfter, unauthorizedDelay)
	case connectors.KindUnavailable, connectors.KindMalformed:
	case connectors.KindInvalid:
		kind, options.NonRetryable = api.ErrInvalid, true
	case connectors.KindConflict:
		kind, options.NonRetryable = api.ErrConflict, true
	case connectors.KindNotFound:
		kind, options.NonRetryable = api.ErrNotFound, true
	case connectors.KindRefused:
		kind, options.NonRetryable = api.ErrRefused, true
	}
	return temporal.NewApplicationErrorWithOptions(ce.Error(), kind, options)
}

// longestWait is the longest that work which ends access waits between two tries.
const longestWait = 10 * time.Second

// ToApplicationErrorSoon is fail for work that ends access: neither a vendor's Retry-After nor a retry policy that backs off for
// minutes puts the next try further away than longestWait. What a person has to repair first, or decide, stays as it is.
func ToApplicationErrorSoon(ctx context.Context, err error) error {
	err = ToApplicationError(err)
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.NonRetryable() || app.Type() == api.ErrUnauthorized {
		return err
	}
	backsOff := app.NextRetryDelay() == 0 && activity.IsActivity(ctx) && activity.GetInfo(ctx).Attempt > quickTries
	if app.NextRetryDelay() <= longestWait && !backsOff {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(app.Message(), app.Type(), temporal.ApplicationErrorOptions{
		NextRetryDelay: longestWait, Category: app.Category(), Cause: app.Unwrap(),
	})
}

// quickTries is how many tries a doubling back-off of one second keeps within longestWait.
const quickTries = 4

// NonRetryable is an error that only a person can do something about.
func NonRetryable(kind, message string) error {
	return temporal.NewNonRetryableApplicationError(message, kind, nil)
}

// RetryAfter is an error that goes away by itself after a while.
func RetryAfter(message string, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(message, api.ErrUnavailable, temporal.ApplicationErrorOptions{
		NextRetryDelay: delay, Category: temporal.ApplicationErrorCategoryBenign,
	})
}

// IsNotFound reports that an account no longer exists.
func IsNotFound(err error) bool { return connectors.IsKind(err, connectors.KindNotFound) }
