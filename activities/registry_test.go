package activities_test

import (
	"go.temporal.io/sdk/activity"

	"gatehouse/activities"
	"gatehouse/internal/templates"
)

// registered collects activities by the names they are registered under.
type registered map[string]any

// RegisterActivityWithOptions implements templates.ActivityRegistry.
func (r registered) RegisterActivityWithOptions(fn any, options activity.RegisterOptions) {
	r[options.Name] = fn
}

// all returns every activity that a worker registers, on either queue.
func all(set activities.Set) registered {
	every := registered{}
	templates.RegisterActivities(every, templates.All(), set, "")
	return every
}
