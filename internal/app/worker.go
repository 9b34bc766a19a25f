package app

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"gatehouse/activities/api"
	"gatehouse/internal/attention"
	"gatehouse/internal/queues"
	"gatehouse/internal/templates"
)

// WorkerOptions choose what a process works on.
type WorkerOptions struct {
	People bool
	Sweeps bool
	// Queues changes how the queues are worked on; for tests.
	Queues queues.Options
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
	var serves []string
	if o.People {
		serves = append(serves, api.QueuePeople, api.QueueTemplates)
	}
	if o.Sweeps {
		serves = append(serves, api.QueueSweep)
	}
	all, err := queues.Serve(serves, o.Queues)
	if err != nil {
		return nil, err
	}
	if err := a.sayWhatIsMissing(ctx, v); err != nil {
		return nil, err
	}
	guard := a.deciders(ctx, v)
	w := &Workers{}
	for _, q := range all {
		q.Options.Interceptors = []interceptor.WorkerInterceptor{guard, attention.NewAttempts(v.Activities.Attention, a.clock, a.Log)}
		each := worker.New(a.Temporal, q.Name, q.Options)
		a.register(each, v, q.Name)
		w.list = append(w.list, each)
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
