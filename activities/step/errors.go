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
	var own *Error
	if errors.As(err, &own) {
		return own.application()
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	var ce *connectors.Error
	if !errors.As(err, &ce) {
		return temporal.NewApplicationErrorWithOptions(err.Error(), api.ErrUnavailable, temporal.ApplicationErrorOptions{})
	}
	options, text := temporal.ApplicationErrorOptions{NextRetryDelay: ce.RetryAfter}, ce.Error()
	var several *connectors.Refusals
	if errors.As(err, &several) {
		text, options.Details = several.Error(), []any{api.Refused{Objects: connectors.Listed(several.Objects())}}
	}
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
	return temporal.NewApplicationErrorWithOptions(text, kind, options)
}

// longestWait is the longest that work which ends access waits between two tries.
const longestWait = 10 * time.Second

// ToApplicationErrorSoon is ToApplicationError for work that ends access: neither a vendor's Retry-After nor a retry policy that backs off for
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
	options := temporal.ApplicationErrorOptions{NextRetryDelay: longestWait, Category: app.Category(), Cause: app.Unwrap()}
	var refused api.Refused
	if app.HasDetails() && app.Details(&refused) == nil {
		options.Details = []any{refused}
	}
	return temporal.NewApplicationErrorWithOptions(app.Message(), app.Type(), options)
}

// quickTries is how many tries a doubling back-off of one second keeps within longestWait.
const quickTries = 4

// Error is what an activity says of why it cannot do something, when no vendor said it. The text is for the operator.
type Error struct {
	// Kind is one of api.ErrInvalid, api.ErrConflict and so on: what a run does about it.
	Kind    string
	Message string
	// After is when it is worth trying again; 0 leaves that to the retry policy.
	After time.Duration
	// Permanent says that trying again does not help.
	Permanent bool
}

// Error is the text for the operator.
func (e *Error) Error() string { return e.Message }

func (e *Error) application() error {
	options := temporal.ApplicationErrorOptions{NonRetryable: e.Permanent, NextRetryDelay: e.After}
	if !e.Permanent {
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(e.Message, e.Kind, options)
}

// NonRetryable is an error that only a person can do something about.
func NonRetryable(kind, message string) error {
	return &Error{Kind: kind, Message: message, Permanent: true}
}

// RetryAfter is an error that goes away by itself after a while.
func RetryAfter(message string, delay time.Duration) error {
	return &Error{Kind: api.ErrUnavailable, Message: message, After: delay}
}

// Kind is what a run makes of an error that an activity or Temporal has given a kind, and its text; known is false for any other.
func Kind(err error) (kind, message string, known bool) {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Type(), app.Message(), true
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind, e.Message, true
	}
	return "", "", false
}

// urgent is the error of work that ends access.
type urgent struct{ error }

func (u urgent) Unwrap() error { return u.error }

// Urgent marks the error of work that ends access: it is tried again soon, whatever the vendor asks for.
func Urgent(err error) error {
	if err == nil {
		return nil
	}
	return urgent{err}
}

// IsNotFound reports that an account no longer exists.
func IsNotFound(err error) bool { return connectors.IsKind(err, connectors.KindNotFound) }
