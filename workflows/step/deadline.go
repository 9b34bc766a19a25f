package step

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// ShowOverdue shows it in the run's state and at what waits for a decision, messages apart.
func (d *Console) ShowOverdue(ctx workflow.Context, by time.Time) {
	d.State.Overdue = by
	for i, item := range d.State.Attention {
		if !AboutWords(item) {
			d.State.Attention[i].Overdue = by
		}
	}
	d.Render(ctx)
}
