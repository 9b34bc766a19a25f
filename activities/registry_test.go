package activities_test

import (
	"maps"

	"go.temporal.io/sdk/activity"

	"gatehouse/activities"
)

// registered collects activities by the names they are registered under.
type registered map[string]any

// RegisterActivityWithOptions implements activities.Registry.
func (r registered) RegisterActivityWithOptions(fn any, options activity.RegisterOptions) {
	r[options.Name] = fn
}

// all returns every activity that a worker registers, on either queue.
func all(set activities.Set) registered {
	people, sweeps := registered{}, registered{}
	set.RegisterPeople(people)
	set.RegisterSweeps(sweeps)
	maps.Copy(people, sweeps)
	return people
}
