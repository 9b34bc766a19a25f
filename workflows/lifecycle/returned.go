package lifecycle

import (
	"strconv"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// readBacks is how a run stands with the later read-backs of a departure.
type readBacks struct {
	// watching says that the run's work is done and that it reads back from time to time, checking that it does so now.
	watching, checking bool
	// checkNow asks for the next read-back at once, because somebody wants it; readNow for one between two of them, because access
	// was seen to be back.
	checkNow, readNow bool
	// betweenUntil is, during a read-back between two of those that the policy lists, when the next of these is due.
	betweenUntil time.Time
	// returned says that a read-back found access that had come back, stillOpen that it has left it in place.
	returned, stillOpen bool
	// confirmed are the accounts that this run has read back as closed and does not read back now; reopened counts those that it reads
	// back because a look found them open.
	confirmed map[identity.Ref]bool
	reopened  int
}

// roundName tells what is done and said about access that has come back from what was done when the departure began; empty
// where it has not.
func (r *run) roundName() string {
	if r.assessment.Returned.IsZero() {
		return ""
	}
	return "/returned/" + strconv.FormatInt(r.assessment.Returned.UnixMicro(), 10)
}

// readsBackFor reports that an assessment which found access again is answered by a read-back at once: the run watches, and
// its read-backs take away what has come back, count it and say so.
func (r *run) readsBackFor(now api.Assessment) bool {
	return !now.Returned.IsZero() && r.reaches() && r.State.Stage == api.StageWatching && r.in.Check < len(r.assessment.VerifyAfter)
}

// readBackNow reads back between two of the moments that the policy lists. What has come back is taken away, and the same wait
// begins again; where nothing had, it goes on.
func (r *run) readBackNow(ctx workflow.Context) error {
	due := r.State.Due
	r.readBacks.betweenUntil = due
	r.State.Due, r.readBacks.readNow, r.readBacks.returned, r.readBacks.checking = step.NoTime, false, false, true
	if err := r.readBackAll(ctx, ":"+r.assessment.Returned.UTC().Format(roundOf)); err != nil {
		return err
	}
	r.readBacks.betweenUntil = step.NoTime
	if r.readBacks.checking = false; !r.readBacks.returned && due.Sub(workflow.Now(ctx)) > time.Second {
		r.in.CheckAt = due
	}
	return nil
}

// roundOf names a read-back by what it was for.
const roundOf = "20060102T150405.000Z"
