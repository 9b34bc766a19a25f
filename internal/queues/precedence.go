package queues

import (
	"context"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/worker"
)

const (
	// calmAt is how many people may be looked at, or about to be, while the next template begins its work.
	calmAt = 2
	// lull is how long no more than that may have come. A process that has to ask for each task, because its runs are
	// started elsewhere, has few of them at a time however many wait.
	lull = 300 * time.Millisecond
	// yieldFor bounds how long one poller of templates waits for that, unless the process says otherwise, so that a stream of
	// webhooks without an end slows their work down and does not stop it.
	yieldFor = 5 * time.Second
)

// traffic counts the workflow tasks of the people queue in a process: those worked on, and those of runs that are being
// started here and come back with the answer. Looks at people and containments come first: while there are more than a
// few of them, templates do not begin their work. What has begun goes on.
type traffic struct {
	mu   sync.Mutex
	busy map[*worker.SlotPermit]bool
	// quiet is closed while there are few.
	quiet chan struct{}
	// most is how long a template waits at most.
	most time.Duration
	// came are the times of the last tasks, the oldest first.
	came [calmAt + 1]time.Time
}

func newTraffic(most time.Duration) *traffic {
	t := &traffic{busy: map[*worker.SlotPermit]bool{}, quiet: make(chan struct{}), most: most}
	close(t.quiet)
	return t
}

func (t *traffic) begin(p *worker.SlotPermit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.busy)
	if !t.busy[p] {
		copy(t.came[:], t.came[1:])
		t.came[calmAt] = time.Now()
	}
	t.busy[p] = true
	if before == calmAt && len(t.busy) > calmAt {
		t.quiet = make(chan struct{})
	}
}

func (t *traffic) end(p *worker.SlotPermit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.busy)
	delete(t.busy, p)
	if before > calmAt && len(t.busy) == calmAt {
		close(t.quiet)
	}
}

// yield returns when there are few and few have come, or after a while.
func (t *traffic) yield(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, t.most)
	defer cancel()
	for {
		calm, settled := t.now()
		select {
		case <-calm:
		case <-ctx.Done():
			return
		}
		if settled <= 0 {
			return
		}
		select {
		case <-time.After(settled):
		case <-ctx.Done():
			return
		}
	}
}

// now returns what is closed while there are few, and when no more than few will have come.
func (t *traffic) now() (calm <-chan struct{}, settled time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.quiet, lull - time.Since(t.came[0])
}

// peopleSlots hands out the slots of the people queue and counts the tasks that take them.
type peopleSlots struct {
	worker.SlotSupplier
	traffic *traffic
}

// TryReserveSlot is asked for when a run is about to be started whose first task comes back with the answer.
func (f peopleSlots) TryReserveSlot(info worker.SlotReservationInfo) *worker.SlotPermit {
	p := f.SlotSupplier.TryReserveSlot(info)
	if p != nil {
		f.traffic.begin(p)
	}
	return p
}

// MarkSlotUsed is told when a task takes a slot.
func (f peopleSlots) MarkSlotUsed(info worker.SlotMarkUsedInfo) {
	f.traffic.begin(info.Permit())
	f.SlotSupplier.MarkSlotUsed(info)
}

// ReleaseSlot is told when a slot is free again, whether or not a task took it.
func (f peopleSlots) ReleaseSlot(info worker.SlotReleaseInfo) {
	f.traffic.end(info.Permit())
	f.SlotSupplier.ReleaseSlot(info)
}

// templateSlots hands out the slots of templates. A poller for runs that this process has in memory does not wait: their next
// task would be given to another process, to be replayed there.
type templateSlots struct {
	worker.SlotSupplier
	traffic *traffic
}

// ReserveSlot waits before a poll for a template that may be about to begin.
func (s templateSlots) ReserveSlot(ctx context.Context, info worker.SlotReservationInfo) (*worker.SlotPermit, error) {
	if info.TaskQueueKind() == enumspb.TASK_QUEUE_KIND_NORMAL {
		s.traffic.yield(ctx)
	}
	return s.SlotSupplier.ReserveSlot(ctx, info)
}
