package inventory

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// SystemSweep keeps the inventory of one system beside OneLogin: every account with what it holds or, between that, what was changed.
// What it reads stays in the ledger, and what cannot be believed is an item there. It writes to no account.
func SystemSweep(ctx workflow.Context, in api.SystemSweepRequest) (api.SystemSweepOutcome, error) {
	c, err := step.Open(ctx, api.TypeSystemSweep, "Reading the accounts of "+in.System)
	if err != nil {
		return api.SystemSweepOutcome{}, err
	}
	var out api.SystemSweepOutcome
	sweep := api.Call.SystemsSweep(api.SystemSweepInput{SystemSweepRequest: in, Sweep: workflow.GetInfo(ctx).FirstRunID}, &out.Swept)
	err = runPart(ctx, c, step.Step{ID: "systems.sweep", Activity: sweep, Summary: "read the accounts of " + in.System})
	switch {
	case errors.Is(err, step.ErrAborted):
		out.Result = step.ErrAborted.Error()
	case err != nil:
		return api.SystemSweepOutcome{}, err
	default:
		out.Result = sweptAs(out.Swept)
	}
	c.Log(ctx, out.Result)
	if err := c.SetStage(ctx, api.StageDone); err != nil {
		return api.SystemSweepOutcome{}, err
	}
	return out, c.Settle(ctx)
}

// sweptAs says what a reading came to.
func sweptAs(read api.SystemSwept) string {
	if read.Kind == "" {
		return "skipped"
	}
	text := fmt.Sprintf("%s: %d accounts were seen, %d look other than before", read.Kind, read.Seen, read.Written)
	if read.Missing > 0 || read.Dropped > 0 {
		text += fmt.Sprintf("; %d were not shown, %d are gone", read.Missing, read.Dropped)
	}
	if read.GoneOfLeavers > 0 || read.GoneOfOthers > 0 {
		text += fmt.Sprintf(" (on record for people who have left: %d, for others: %d)", read.GoneOfLeavers, read.GoneOfOthers)
	}
	if read.Held > 0 {
		text += fmt.Sprintf("; %d memberships that were not shown are believed until they are due", read.Held)
	}
	if read.Linked > 0 {
		text += fmt.Sprintf("; %d were put on record for somebody", read.Linked)
	}
	if read.Hinted > 0 {
		text += fmt.Sprintf("; %d people were told", read.Hinted)
	}
	if read.Why != "" {
		text += "; quarantined: " + read.Why
	}
	return text
}
