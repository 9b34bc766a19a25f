package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/connectors"
)

// Credentials and permissions are repaired by people: the retries are slow enough not to lock anything, and quick
// enough that a run goes on soon after the repair.
const unauthorizedDelay = time.Minute

// fail turns an error into what Temporal stores and acts on. It is the only place where retryability is decided.
func fail(err error) error {
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

// final is an error that only a person can do something about.
func final(kind, message string) error {
	return temporal.NewNonRetryableApplicationError(message, kind, nil)
}

// later is an error that goes away by itself after a while.
func later(message string, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(message, api.ErrUnavailable, temporal.ApplicationErrorOptions{
		NextRetryDelay: delay, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
