package attention

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/attention"
	"gatehouse/ledger/worklist"
)

// Attempts puts what keeps failing on the list, and takes it off once it succeeds. It stands around every activity, and asks
// nothing but how often this one was tried before of one that succeeds at once.
type Attempts struct {
	interceptor.WorkerInterceptorBase
	attention *attention.Attention
	clock     func() time.Time
	log       *slog.Logger

	mu sync.Mutex
	// renewed is when this process listed a failing activity last, by its run and id.
	renewed map[[2]string]time.Time
}

const (
	// failingFor is how long a step fails before anybody hears of it, refusedFor the same of a credential: nothing but a
	// person repairs that.
	failingFor = 10 * time.Minute
	refusedFor = 2 * time.Minute
	// renewEvery is how often a step that fails on is listed again.
	renewEvery = 20 * time.Minute
	// writeWithin bounds what the list costs a step that has failed.
	writeWithin = 2 * time.Second
)

// NewAttempts makes the wrapper of a worker's activities.
func NewAttempts(a *attention.Attention, clock func() time.Time, log *slog.Logger) *Attempts {
	return &Attempts{attention: a, clock: clock, log: log, renewed: map[[2]string]time.Time{}}
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (a *Attempts) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &attempt{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, all: a}
}

type attempt struct {
	interceptor.ActivityInboundInterceptorBase
	all *Attempts
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (a *attempt) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := a.Next.ExecuteActivity(ctx, in)
	if info := activity.GetInfo(ctx); info.Attempt > 1 && !info.IsLocalActivity {
		a.all.Seen(ctx, Try{
			Workflow: info.WorkflowExecution.ID, Run: info.WorkflowExecution.RunID, Activity: info.ActivityType.Name, ID: info.ActivityID,
			Since: info.ScheduledTime, Urgent: info.Priority.PriorityKey == 1,
		}, err)
	}
	return out, err
}

// Try is an attempt of an activity that was tried before.
type Try struct {
	Workflow, Run, Activity, ID string
	// Since is when it was to be carried out first. Urgent work ends somebody's access.
	Since  time.Time
	Urgent bool
}

// Seen takes notice of what an attempt came to. What it cannot write down is only logged: the attempt counts as it is.
func (a *Attempts) Seen(ctx context.Context, t Try, failed error) {
	lasting := a.clock().Sub(t.Since)
	key := [2]string{t.Workflow, t.ID}
	if lasting < refusedFor || errors.Is(failed, context.Canceled) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWithin)
	defer cancel()
	holder := worklist.Holder{Workflow: t.Workflow, FirstRun: t.Run, Step: worklist.AttemptPrefix + t.ID}
	var err error
	var app *temporal.ApplicationError
	switch errors.As(failed, &app); {
	case failed == nil, app != nil && app.NonRetryable():
		// It is over, or the run asks a person about it.
		a.forget(key)
		err = a.attention.Ledger.Worklist().DropHolder(ctx, holder)
	case lasting < failingFor && (app == nil || app.Type() != api.ErrUnauthorized), !a.due(key):
	default:
		if err = a.list(ctx, t, failed, holder); err != nil {
			a.forget(key)
		}
	}
	if err != nil {
		a.log.Warn("attention: what a step came to is not on the list", "workflow", t.Workflow, "step", t.ID, "error", err)
	}
}

// list puts a failing step on the list.
func (a *Attempts) list(ctx context.Context, t Try, failed error, holder worklist.Holder) error {
	item, err := a.attention.FailingItem(t.Activity, t.ID, failed)
	if err != nil {
		return err
	}
	item.Deadline = t.Since.Add(24 * time.Hour)
	if t.Urgent {
		item.Severity, item.Owner = worklist.SeverityCritical, "security"
	}
	return a.attention.Ledger.Worklist().HoldItem(ctx, item, holder)
}

// due reports that a failing step has to be listed again, and notes that it is.
func (a *Attempts) due(key [2]string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock()
	if at, listed := a.renewed[key]; listed && now.Sub(at) < renewEvery {
		return false
	}
	for other, at := range a.renewed {
		if now.Sub(at) > attemptWithin {
			delete(a.renewed, other)
		}
	}
	a.renewed[key] = now
	return true
}

func (a *Attempts) forget(key [2]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.renewed, key)
}
