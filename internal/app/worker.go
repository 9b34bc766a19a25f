package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/internal/attention"
	"gatehouse/internal/templates"
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

// WorkerOptions choose what a process works on.
type WorkerOptions struct {
	People bool
	Sweeps bool
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

// Workers are the running workers of a process.
type Workers struct {
	list []worker.Worker
	// unlisted ends the watch over the list of what needs a person.
	unlisted func()
}

// StartWorkers makes sure that the search attributes exist and starts working.
func (a *App) StartWorkers(ctx context.Context, v *Vendors, o WorkerOptions) (*Workers, error) {
	if err := a.EnsureSearchAttributes(ctx); err != nil {
		return nil, err
	}
	guard := a.deciders(ctx, v)
	w := &Workers{}
	if o.People {
		t := newTraffic(cmp.Or(o.YieldFor, yieldFor))
		for _, q := range []queue{
			{name: api.QueuePeople, tasks: 200, activities: 400, pollers: fixedPollers(8), rank: func(s worker.SlotSupplier) worker.SlotSupplier { return peopleSlots{s, t} }},
			{name: api.QueueTemplates, tasks: 16, activities: 100, pollers: autoscaledPollers(8), rank: func(s worker.SlotSupplier) worker.SlotSupplier { return templateSlots{s, t} }},
		} {
			each, err := a.worker(q, o, guard)
			if err != nil {
				return nil, err
			}
			a.register(each, v, q.name)
			w.list = append(w.list, each)
		}
	}
	if o.Sweeps {
		sweeps, err := a.worker(queue{name: api.QueueSweep, tasks: 200, activities: 20, pollers: fixedPollers(8)}, o, guard)
		if err != nil {
			return nil, err
		}
		a.register(sweeps, v, api.QueueSweep)
		w.list = append(w.list, sweeps)
	}
	for _, each := range w.list {
		if err := each.Start(); err != nil {
			w.Stop()
			return nil, fmt.Errorf("start a worker: %w", err)
		}
	}
	w.unlisted = a.keepList(ctx, v)
	return w, nil
}

// register gives a worker what the templates of its queue need.
func (a *App) register(w worker.Worker, v *Vendors, queue string) {
	templates.RegisterWorkflows(w, a.Templates(), queue)
	templates.RegisterActivities(w, a.Templates(), v.Activities, queue)
}

// Stop takes no new work, lets running activities finish, and returns.
func (w *Workers) Stop() {
	if w.unlisted != nil {
		w.unlisted()
	}
	for _, each := range w.list {
		each.Stop()
	}
}

// queue is how much of a task queue a process takes on at a time.
type queue struct {
	name              string
	tasks, activities int
	pollers           worker.PollerBehavior
	// rank, if there is one, puts the queue's workflow tasks before or behind those of another.
	rank func(worker.SlotSupplier) worker.SlotSupplier
}

// fixedPollers polls with a number of pollers, whatever the kind of task.
func fixedPollers(pollers int) worker.PollerBehavior {
	return worker.NewPollerBehaviorSimpleMaximum(worker.PollerBehaviorSimpleMaximumOptions{MaximumNumberOfPollers: pollers})
}

// autoscaledPollers polls with separate pollers for the runs that the process has in memory, up to a number of each kind.
func autoscaledPollers(most int) worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{InitialNumberOfPollers: 2, MaximumNumberOfPollers: most})
}

func (a *App) worker(q queue, o WorkerOptions, guard interceptor.WorkerInterceptor) (worker.Worker, error) {
	tasks, err := worker.NewFixedSizeSlotSupplier(q.tasks)
	if err != nil {
		return nil, fmt.Errorf("divide the work of a process: %w", err)
	}
	if q.rank != nil {
		tasks = q.rank(tasks)
	}
	slots, err := tuner(tasks, q.activities)
	if err != nil {
		return nil, err
	}
	eager := 10
	options := worker.Options{
		Tuner:                        slots,
		DisableRegistrationAliasing:  true,
		WorkerStopTimeout:            stopTimeout,
		StickyScheduleToStartTimeout: stickyTimeout,
		MaxEagerActivityReservationsPerWorkflowTask: &eager,
		WorkflowTaskPollerBehavior:                  q.pollers,
		ActivityTaskPollerBehavior:                  fixedPollers(4),
		Interceptors:                                []interceptor.WorkerInterceptor{guard, attention.NewAttempts(a.Ledger, a.clock, a.Log)},
	}
	if o.StopTimeout > 0 {
		options.WorkerStopTimeout = o.StopTimeout
	}
	if o.StickyTimeout > 0 {
		options.StickyScheduleToStartTimeout = o.StickyTimeout
	}
	if o.FailOnPanic {
		options.WorkflowPanicPolicy = worker.FailWorkflow
	}
	return worker.New(a.Temporal, q.name, options), nil
}

// EnsureSearchAttributes registers the search attributes that runs use, if they are not there yet.
func (a *App) EnsureSearchAttributes(ctx context.Context) error {
	namespace := a.Config.Temporal.Namespace
	operator := a.Temporal.OperatorService()
	have, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("read the search attributes of namespace %q: %w", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, name := range []string{
		api.AttrPersonKey.GetName(), api.AttrStage.GetName(), api.AttrSource.GetName(),
	} {
		if _, ok := have.GetCustomAttributes()[name]; !ok {
			missing[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("register the search attributes in namespace %q: %w; an operator can do it with "+
			"`temporal operator search-attribute create`", namespace, err)
	}
	return nil
}
