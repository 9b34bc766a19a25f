// Package launch is the one place that starts runs, hints them and carries decisions to them.
package launch

import (
	"errors"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// Launcher starts and hints runs.
type Launcher struct {
	client client.Client
	// eager lets a worker on the same client take the first workflow task without a round through the queue.
	eager bool
	lanes lanes
}

var _ api.Launcher = (*Launcher)(nil)

// New returns a Launcher. Eager is for processes that host the people queue on the same client.
func New(c client.Client, eager bool) *Launcher {
	return &Launcher{client: c, eager: eager, lanes: lanes{open: map[string]*lane{}}}
}

// full reports that the server takes no more signals for a run. Such a run goes on as a fresh one, which looks before
// anything else, as soon as it gets to it: a signal that says no more than "look again" has no need to be sent.
func full(err error) bool {
	var refused *serviceerror.InvalidArgument
	return errors.As(err, &refused) && strings.Contains(refused.Error(), "limit for signal events")
}
