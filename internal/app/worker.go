package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/workflows"
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
}

// Workers are the running workers of a process.
type Workers struct{ list []worker.Worker }

// StartWorkers makes sure that the search attributes exist and starts working.
func (a *App) StartWorkers(ctx context.Context, v *Vendors, o WorkerOptions) (*Workers, error) {
	if err := a.EnsureSearchAttributes(ctx); err != nil {
		return nil, err
	}
	w := &Workers{}
	if o.People {
		people := worker.New(a.Temporal, api.QueuePeople, a.workerOptions(o, limits{tasks: 200, activities: 400}))
		templates := worker.New(a.Temporal, api.QueueTemplates, a.workerOptions(o, limits{tasks: 16, activities: 100}))
		for _, each := range []worker.Worker{people, templates} {
			workflows.RegisterPeople(each)
			v.Activities.RegisterPeople(each)
			w.list = append(w.list, each)
		}
	}
	if o.Sweeps {
		sweeps := worker.New(a.Temporal, api.QueueSweep, a.workerOptions(o, limits{tasks: 200, activities: 20}))
		workflows.RegisterSweeps(sweeps)
		v.Activities.RegisterSweeps(sweeps)
		w.list = append(w.list, sweeps)
	}
	for _, each := range w.list {
		if err := each.Start(); err != nil {
			w.Stop()
			return nil, fmt.Errorf("start a worker: %w", err)
		}
	}
	return w, nil
}

// Stop takes no new work, lets running activities finish, and returns.
func (w *Workers) Stop() {
	for _, each := range w.list {
		each.Stop()
	}
}

// limits are how many workflow tasks and activities of a queue a process works on at a time. Few tasks of templates, so
// that looks at people, which end sign-in, come first.
type limits struct{ tasks, activities int }

func (a *App) workerOptions(o WorkerOptions, most limits) worker.Options {
	eager := 10
	options := worker.Options{
		DisableRegistrationAliasing:                 true,
		WorkerStopTimeout:                           stopTimeout,
		StickyScheduleToStartTimeout:                stickyTimeout,
		MaxConcurrentActivityExecutionSize:          most.activities,
		MaxConcurrentLocalActivityExecutionSize:     200,
		MaxConcurrentWorkflowTaskExecutionSize:      most.tasks,
		MaxEagerActivityReservationsPerWorkflowTask: &eager,
		WorkflowTaskPollerBehavior:                  worker.NewPollerBehaviorSimpleMaximum(worker.PollerBehaviorSimpleMaximumOptions{MaximumNumberOfPollers: 8}),
		ActivityTaskPollerBehavior:                  worker.NewPollerBehaviorSimpleMaximum(worker.PollerBehaviorSimpleMaximumOptions{MaximumNumberOfPollers: 4}),
	}
	if o.StopTimeout > 0 {
		options.WorkerStopTimeout = o.StopTimeout
	}
	if o.FailOnPanic {
		options.WorkflowPanicPolicy = worker.FailWorkflow
	}
	return options
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
		workflows.AttrPersonKey.GetName(), workflows.AttrStage.GetName(), workflows.AttrSource.GetName(),
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
