// Package templates has an entry for each template: its workflows, the activities that they use, where and when they run, and how
// far they may go. Workers, schedules, the command line, the documentation and the demo read the entries.
package templates

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/schedule"
	"gatehouse/policy"
)

// Template is one entry: what somebody at a company installs, or, if it is of the Machinery, what these need.
type Template struct {
	// Name is what people call it, and Does what it does, in half a sentence.
	Name, Does string
	// Fired says what starts its runs.
	Fired string
	// Machinery is what the templates rest on, and nobody asks for by name.
	Machinery bool
	// Runs are its types of runs.
	Runs []Run
	// Mode says how far a policy lets it go; nil if there is no such setting.
	Mode func(policy.Modes) policy.Mode
	// Schedules are those that start its runs; nil if none does.
	Schedules func(*config.Config) []schedule.Schedule
	// Stories are the stories of the demo that show it, by their functions' names.
	Stories []string
}

// Run is a type of runs.
type Run struct {
	// Type is the name by which histories and schedules know the workflow.
	Type     string
	Workflow any
	// Queues are where such runs are worked on. Open runs stay on the queue that they began on.
	Queues []string
	// Uses are the groups of activities that such a run has done.
	Uses []Group
}

// Group is activities that belong together, such as [activities.Set.Telling].
type Group func(activities.Set) activities.Named

// All are the templates of Gatehouse.
func All() []Template {
	return []Template{
		people(), hrSync(), reconcile(), accountSweep(), systemSweep(), agentRead(), authorised(), agentRequest(),
		onboarding(), offboarding(), roleChange(), accessReview(), mfaCompliance(), securityEvent(),
	}
}

// Queues are the task queues of Gatehouse.
func Queues() []string { return []string{api.QueuePeople, api.QueueTemplates, api.QueueSweep} }

// WorkflowRegistry is the part of a worker, a replayer or a test environment that workflows are registered with.
type WorkflowRegistry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// runsOf are the types of runs that a queue serves, or all of them if it is empty.
func runsOf(all []Template, queue string) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for _, t := range all {
			for _, r := range t.Runs {
				if (queue == "" || slices.Contains(r.Queues, queue)) && !yield(r) {
					return
				}
			}
		}
	}
}

// RegisterWorkflows registers the workflows of one queue, or of every queue if it is empty.
func RegisterWorkflows(r WorkflowRegistry, all []Template, queue string) {
	for run := range runsOf(all, queue) {
		r.RegisterWorkflowWithOptions(run.Workflow, workflow.RegisterOptions{Name: run.Type})
	}
}

// ActivityRegistry is the part of a worker or a test environment that activities are registered with.
type ActivityRegistry interface {
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// RegisterActivities registers what the templates of a queue use, or all activities if it is empty.
func RegisterActivities(r ActivityRegistry, all []Template, set activities.Set, queue string) {
	used := activities.Named{}
	for run := range runsOf(all, queue) {
		for _, group := range run.Uses {
			maps.Copy(used, group(set))
		}
	}
	for name, fn := range used {
		r.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// Schedules are the schedules of all templates, those included that a configuration does not ask for.
func Schedules(all []Template, c *config.Config) []schedule.Schedule {
	var found []schedule.Schedule
	for _, t := range all {
		if t.Schedules != nil {
			found = append(found, t.Schedules(c)...)
		}
	}
	return found
}

// Check says what is wrong with entries: a name, a workflow or a schedule that two of them have, a queue that no worker serves, or a
// schedule that starts what its template has not, where no worker would know it.
func Check(all []Template) error {
	seen := map[string]string{}
	once := func(what, of string) error {
		if other, twice := seen[what]; twice {
			return fmt.Errorf("%s is of two templates, %q and %q", what, other, of)
		}
		seen[what] = of
		return nil
	}
	for _, t := range all {
		if t.Name == "" || t.Does == "" || t.Fired == "" || len(t.Runs) == 0 {
			return fmt.Errorf("template %q: it needs a name, what it does, what fires it, and a type of runs", t.Name)
		}
		if err := once("the name "+t.Name, t.Name); err != nil {
			return err
		}
		for _, r := range t.Runs {
			if r.Type == "" || r.Workflow == nil || len(r.Uses) == 0 || len(r.Queues) == 0 {
				return fmt.Errorf("template %q: its runs %q need a type, a workflow, queues and activities", t.Name, r.Type)
			}
			if err := once("the workflow "+r.Type, t.Name); err != nil {
				return err
			}
			if i := slices.IndexFunc(r.Queues, func(q string) bool { return !slices.Contains(Queues(), q) }); i >= 0 {
				return fmt.Errorf("template %q: no worker serves the queue %q of its runs %q", t.Name, r.Queues[i], r.Type)
			}
		}
		for _, s := range Schedules([]Template{t}, &config.Config{}) {
			if err := once("the schedule "+s.ID, t.Name); err != nil {
				return err
			}
			if !slices.ContainsFunc(t.Runs, func(r Run) bool { return r.Type == s.Workflow && slices.Contains(r.Queues, s.Queue) }) {
				return fmt.Errorf("template %q: its schedule %s starts %q on the queue %q, where it has no such runs", t.Name, s.ID, s.Workflow, s.Queue)
			}
		}
	}
	return nil
}
