// Package queues says how a process serves task queues: how much it takes on at a time, how it polls, and that people come before
// templates. Which queues there are is in internal/templates, and which of them a process serves in internal/app.
package queues

import (
	"cmp"
	"fmt"
	"time"

	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
)

// stopTimeout gives running activities the time to report what they did before the process ends. It is longer than any
// ordinary exchange with a vendor.
const stopTimeout = 35 * time.Second

// stickyTimeout is how long a task waits for the process that has its run in memory. In a burst those tasks wait behind the
// first looks at people, which is what is wanted; given to whoever is free after five seconds, the default, they were
// replayed, and a thousand at once were not handed out again for a minute.
const stickyTimeout = 20 * time.Second

// CachedRuns is how many runs a process keeps in memory between two tasks, about 80 kB each. Most open runs wait for days:
// one that was let go is replayed from its short history when its day comes.
const CachedRuns = 600

// Options change how queues are served. The zero value is how Gatehouse serves them.
type Options struct {
	// FailOnPanic fails runs whose code does not fit their history instead of retrying them; for tests.
	FailOnPanic bool
	// StopTimeout replaces how long running activities may take to finish at a stop; for tests.
	StopTimeout time.Duration
	// StickyTimeout replaces how long a task waits for a process that may have crashed; for tests.
	StickyTimeout time.Duration
	// YieldFor is how long the beginning of a template waits at most while people are looked at; 0 is five seconds. It is the
	// machine's time: a process whose day is seconds long says less.
	YieldFor time.Duration
}

// Queue is a task queue and what its worker is started with.
type Queue struct {
	Name    string
	Options worker.Options
}

// Serve says how one process serves these queues beside each other.
func Serve(names []string, o Options) ([]Queue, error) {
	t := newTraffic(cmp.Or(o.YieldFor, yieldFor))
	var all []Queue
	for _, name := range names {
		s, known := sizes(t)[name]
		if !known {
			return nil, fmt.Errorf("divide the work of a process: there is no queue %q", name)
		}
		options, err := s.options(o)
		if err != nil {
			return nil, fmt.Errorf("divide the work of a process: %w", err)
		}
		all = append(all, Queue{Name: name, Options: options})
	}
	return all, nil
}

// size is how much of a task queue a process takes on at a time.
type size struct {
	tasks, activities int
	pollers           worker.PollerBehavior
	// rank, if there is one, puts the queue's workflow tasks before or behind those of another.
	rank func(worker.SlotSupplier) worker.SlotSupplier
}

// sizes are those of every queue, in a process with this traffic.
func sizes(t *traffic) map[string]size {
	return map[string]size{
		api.QueuePeople:    {tasks: 200, activities: 400, pollers: fixedPollers(8), rank: func(s worker.SlotSupplier) worker.SlotSupplier { return peopleSlots{s, t} }},
		api.QueueTemplates: {tasks: 16, activities: 100, pollers: autoscaledPollers(8), rank: func(s worker.SlotSupplier) worker.SlotSupplier { return templateSlots{s, t} }},
		api.QueueSweep:     {tasks: 200, activities: 20, pollers: fixedPollers(8)},
	}
}

// fixedPollers polls with a number of pollers, whatever the kind of task.
func fixedPollers(pollers int) worker.PollerBehavior {
	return worker.NewPollerBehaviorSimpleMaximum(worker.PollerBehaviorSimpleMaximumOptions{MaximumNumberOfPollers: pollers})
}

// autoscaledPollers polls with separate pollers for the runs that the process has in memory, up to a number of each kind.
func autoscaledPollers(most int) worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{InitialNumberOfPollers: 2, MaximumNumberOfPollers: most})
}

func (s size) options(o Options) (worker.Options, error) {
	tasks, err := worker.NewFixedSizeSlotSupplier(s.tasks)
	if err != nil {
		return worker.Options{}, err
	}
	if s.rank != nil {
		tasks = s.rank(tasks)
	}
	slots, err := tuner(tasks, s.activities)
	if err != nil {
		return worker.Options{}, err
	}
	eager := 10
	options := worker.Options{
		Tuner:                        slots,
		DisableRegistrationAliasing:  true,
		WorkerStopTimeout:            cmp.Or(o.StopTimeout, stopTimeout),
		StickyScheduleToStartTimeout: cmp.Or(o.StickyTimeout, stickyTimeout),
		MaxEagerActivityReservationsPerWorkflowTask: &eager,
		WorkflowTaskPollerBehavior:                  s.pollers,
		ActivityTaskPollerBehavior:                  fixedPollers(4),
	}
	if o.FailOnPanic {
		options.WorkflowPanicPolicy = worker.FailWorkflow
	}
	return options, nil
}

// tuner gives a queue its slots: for workflow tasks from tasks, for activities a number of its own.
func tuner(tasks worker.SlotSupplier, activities int) (worker.WorkerTuner, error) {
	options := worker.CompositeTunerOptions{WorkflowSlotSupplier: tasks}
	for _, each := range []struct {
		supplier *worker.SlotSupplier
		slots    int
	}{
		{&options.ActivitySlotSupplier, activities},
		{&options.LocalActivitySlotSupplier, 200},
		{&options.NexusSlotSupplier, 1},
		{&options.SessionActivitySlotSupplier, 1},
	} {
		var err error
		if *each.supplier, err = worker.NewFixedSizeSlotSupplier(each.slots); err != nil {
			return nil, err
		}
	}
	return worker.NewCompositeTuner(options)
}
