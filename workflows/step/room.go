package step

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

// ErrCrowded ends a run that goes on as a fresh one of the same type.
var ErrCrowded = errors.New("goes on as a fresh run: this one has taken many signals")

// Crowded reports that the run should go on as a fresh one, and from then on says so always. A run that is replayed past
// one threshold and did not hand over there, because it began before this was so, does at the next.
func (d *Console) Crowded(ctx workflow.Context) bool {
	level := max(d.Signals/roomForSignals, workflow.GetInfo(ctx).GetCurrentHistoryLength()/roomForEvents)
	if d.Full || level <= d.level {
		return d.Full
	}
	d.level = level
	change := changeCrowded + strconv.Itoa(level)
	d.Full = workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	return d.Full
}

// StoppedShort reports that cancelled work left something undone, and that nothing else ended it.
func StoppedShort(err error) bool {
	return temporal.IsCanceledError(err) && !errors.Is(err, ErrAborted) && !IsSuperseded(err)
}
