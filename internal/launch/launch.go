// Package launch is the one place that starts runs, hints them and carries decisions to them.
package launch

import (
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// Launcher starts and hints runs.
type Launcher struct {
	client client.Client
	// eager lets a worker on the same client take the first workflow task without a round through the queue.
	eager bool
}

var _ api.Launcher = (*Launcher)(nil)

// New returns a Launcher. Eager is for processes that host the people queue on the same client.
func New(c client.Client, eager bool) *Launcher { return &Launcher{client: c, eager: eager} }
