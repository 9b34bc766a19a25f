package incident

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// mergedInPager says in the ticket that somebody has merged the incident into another one. The pager resolves it for that, which
// says nothing about the case: its questions stay, and what people do in the other incident counts from now on.
func (i *incident) mergedInPager(ctx workflow.Context, word api.PagerUpdate) error {
	if workflow.GetVersion(ctx, step.ChangePagerMerged, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	if i.seen.Status == caseResolved || word.MergedInto == i.pager.goesOnIn {
		return nil
	}
	i.pager.goesOnIn = word.MergedInto
	i.Log(ctx, "Pager: merged into "+word.MergedInto)
	i.pager.askedAt = time.Time{} // What was done in the other incident before is asked for now.
	text := fmt.Sprintf("Incident %s was merged into %s in the pager at %s. The work goes on there, and this ticket is done when that one is resolved.",
		word.IncidentID, word.MergedInto, stamp(word.At))
	if word.By != "" {
		text += " By pager user " + word.By + "."
	}
	return i.onTicket(ctx, func(ctx workflow.Context) error {
		return i.comment(ctx, "pager-merged/"+stampID(word), []string{text})
	})
}
