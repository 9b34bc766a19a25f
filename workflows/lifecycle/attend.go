package lifecycle

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/workflows/step"
)

// listsWaiting says for a person's run what its assessment says. Where there is none yet, what waits is a look that has failed.
func (r *run) listsWaiting(ctx workflow.Context) bool {
	if r.seenAt.IsZero() {
		return workflow.GetVersion(ctx, step.ChangeAttended, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	}
	return r.latest.Attended
}
