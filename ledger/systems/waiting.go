package systems

import (
	"context"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// waiting are the steps of a departure of somebody's that waited for room in a budget.
type waiting struct {
	Key     string                    `json:"key"`
	Episode int                       `json:"episode"`
	Steps   []identity.SystemStepKind `json:"steps"`
}

// NoteWaiting writes down with which steps about an account a departure of somebody's waits for room in a budget, in the place of what was
// known of that. They stand until they are carried out, also once there is room.
func (s Store) NoteWaiting(ctx context.Context, ref identity.Ref, steps []identity.SystemStepKind, key string, episode int) error {
	err := s.change(ctx, ref, func(x *extra) {
		x.ownPart.Waiting = nil
		if len(steps) > 0 {
			x.ownPart.Waiting = &waiting{Key: key, Episode: episode, Steps: steps}
		}
	})
	return engine.Wrapf(err, "write down what a departure waits with about %s", ref)
}

// of are those of somebody in an episode, if that is the departure's or the next one.
func (w *waiting) of(whose Whose) []identity.SystemStepKind {
	if w == nil || w.Key != whose.Key || w.Episode != whose.Episode && w.Episode != whose.Episode-1 {
		return nil
	}
	return w.Steps
}
