package lifecycle

import (
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/workflows/step"
)

// call is the last activity that was scheduled by an id.
type call struct {
	ctx    workflow.Context
	result workflow.Future
	// cut says that it was to be cut short while it was under way.
	cut bool
}

// usesUp reports that the id cannot be used again now. The SDK keeps the command of a call that was to be cut short and ended
// otherwise, and a second one of an id would stop the run for good.
func (c *call) usesUp() bool {
	return c != nil && (!c.result.IsReady() || c.cut && !temporal.IsCanceledError(c.result.Get(c.ctx, nil)))
}

// begin schedules a step with the options of ctx, by a numbered id if its own is used up.
func (r *run) begin(ctx workflow.Context, s step.Step) workflow.Future {
	id := s.ID
	for n := 2; r.calls[id].usesUp(); n++ {
		id = s.ID + ":" + strconv.Itoa(n)
	}
	if id != s.ID {
		options := workflow.GetActivityOptions(ctx)
		options.ActivityID = id
		ctx = workflow.WithActivityOptions(ctx, options)
	}
	r.calls[id] = &call{ctx: ctx, result: s.Start(ctx)}
	return r.calls[id].result
}

// execute carries a step out with the options of ctx, and keeps its result.
func (r *run) execute(ctx workflow.Context, s step.Step) error {
	return r.begin(ctx, s).Get(ctx, s.Activity.Result())
}

// cut cancels a scope, and notes which calls are under way in it.
func (r *run) cut(cancel workflow.CancelFunc) {
	cancel()
	for _, id := range workflow.DeterministicKeys(r.calls) {
		if c := r.calls[id]; c.ctx.Err() != nil && !c.result.IsReady() {
			c.cut = true
		}
	}
}
