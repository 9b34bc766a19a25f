package step

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// ErrAborted ends a run because a person said so.
var ErrAborted = errors.New("aborted by an operator")

// Failed describes a step that cannot go on by itself.
func Failed(s Step, err error, options ...string) api.Attention {
	item := api.Attention{Step: s.ID, Code: "step_failed", Text: err.Error(), Options: options}
	var app *temporal.ApplicationError
	var late *temporal.TimeoutError
	switch {
	case errors.As(err, &app):
		item.Code, item.Text = app.Type(), app.Message()
	case errors.As(err, &late):
		// The error's own text names the worker's host.
		item.Code, item.Text = "timed_out", "No answer in the time that the step has to "+s.Summary+"."
	}
	return item
}

// IsSuperseded reports that a step found, right before its write, that the plan no longer holds.
func IsSuperseded(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == api.ErrSuperseded
}
