package lifecycle

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/workflows/step"
)

// makeRoom stops a template's work, which the fresh run begins again: every step can be repeated. Work that came to an
// end of its own meanwhile is not begun again.
func (r *run) makeRoom(ctx workflow.Context, cancel workflow.CancelFunc, work workflow.Future) error {
	r.cut(cancel)
	last, end := workflow.NewDisconnectedContext(ctx)
	defer end()
	err := work.Get(last, nil)
	if waiting := workflow.Await(last, func() bool { return !r.responding && r.readBacks.reopened == 0 }); waiting != nil {
		return waiting
	}
	if err == nil || !step.StoppedShort(err) {
		return err
	}
	return step.ErrCrowded
}

// handOver goes on as a fresh run of the same type. It looks at the person before anything else ends it, so that a hint
// that this run could not take any more is answered.
func (r *run) handOver(ctx workflow.Context) error {
	r.hints.unanswered = true
	if r.readBacks.watching {
		r.in.Watching, r.in.CheckAt = true, r.State.Due
		switch {
		case !r.readBacks.betweenUntil.IsZero():
			r.in.CheckAt = r.readBacks.betweenUntil // The look that the fresh run begins with makes this one.
		case r.readBacks.checking:
			r.in.Check, r.in.CheckAt = r.in.Check-1, workflow.Now(ctx)
		}
	}
	return r.continueAs(ctx, r.State.Template)
}
