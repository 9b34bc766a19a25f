package lifecycle

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// hints are what a run hears of its person while it is at work.
type hints struct {
	channel workflow.ReceiveChannel
	// last is the latest one. Unanswered says that an assessment has yet to follow.
	last       api.Hint
	unanswered bool
	// taken counts them with the other signals of the run.
	taken *int
}

// take takes the hints that have arrived and remembers that there were some.
func (h *hints) take() {
	for {
		var hint api.Hint
		if !h.channel.ReceiveAsync(&hint) {
			return
		}
		h.unanswered, h.last = true, hint
		*h.taken++
	}
}

// drain takes all hints and reports whether there was one, because the person is looked at now.
func (h *hints) drain() bool {
	h.take()
	was := h.unanswered
	h.unanswered = false
	return was
}

// arrived takes waiting hints and reports whether the person should be looked at again.
func (h *hints) arrived() bool {
	h.take()
	return h.unanswered
}
