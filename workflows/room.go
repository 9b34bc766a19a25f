package workflows

import (
	"errors"
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// A run has limits: the server takes 10,000 signals for one, and ends one of 51,200 events for good. Long before either, a
// run goes on as a fresh one, so that no flood of hints shuts anybody out.
const (
	roomForSignals = 1000
	roomForEvents  = 4096
)

// errCrowded ends a run that goes on as a fresh one of the same type.
var errCrowded = errors.New("goes on as a fresh run: this one has taken many signals")

// crowded reports that the run should go on as a fresh one, and from then on says so always. A run that is replayed past
// one threshold and did not hand over there, because it began before this was so, does at the next.
func (d *desk) crowded(ctx workflow.Context) bool {
	level := max(d.signals/roomForSignals, workflow.GetInfo(ctx).GetCurrentHistoryLength()/roomForEvents)
	if d.full || level <= d.level {
		return d.full
	}
	d.level = level
	change := changeCrowded + strconv.Itoa(level)
	d.full = workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	return d.full
}

// makeRoom stops a template's work, which the fresh run begins again: every step can be repeated. Work that came to an
// end of its own meanwhile is not begun again.
func (r *run) makeRoom(ctx workflow.Context, cancel workflow.CancelFunc, work workflow.Future) error {
	cancel()
	last, end := workflow.NewDisconnectedContext(ctx)
	defer end()
	err := work.Get(last, nil)
	if waiting := workflow.Await(last, func() bool { return !r.responding }); waiting != nil {
		return waiting
	}
	if err == nil || !stoppedShort(err) {
		return err
	}
	return errCrowded
}

// stoppedShort reports that cancelled work left something undone, and that nothing else ended it.
func stoppedShort(err error) bool {
	return temporal.IsCanceledError(err) && !errors.Is(err, errAborted) && !isSuperseded(err)
}

// handOver goes on as a fresh run of the same type. It looks at the person before anything else ends it, so that a hint
// that this run could not take any more is answered.
func (r *run) handOver(ctx workflow.Context) error {
	r.hinted = true
	if r.watching {
		r.in.Watching, r.in.CheckAt = true, r.state.Due
		if r.checking {
			r.in.Check, r.in.CheckAt = r.in.Check-1, workflow.Now(ctx)
		}
	}
	return r.continueAs(ctx, r.state.Template)
}
