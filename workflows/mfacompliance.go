package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// MFACompliance finds out who has no second factor and sees to it that a grace course runs for each of them. What it
// finds stays in the ledger, so that its history is as short for a hundred thousand people as for ten.
func MFACompliance(ctx workflow.Context, in api.ScanRequest) (api.ScanOutcome, error) {
	d, err := openDesk(ctx, api.TypeMFACompliance, "Reading who has a second factor")
	if err != nil {
		return api.ScanOutcome{}, err
	}
	c := &compliance{desk: d}
	err = c.run(ctx, api.MFAScanInput{Scan: workflow.GetInfo(ctx).FirstRunID, Everybody: in.Everybody})
	if errors.Is(err, errAborted) {
		c.out.Result, err = errAborted.Error(), nil
	}
	if err != nil {
		return api.ScanOutcome{}, err
	}
	if err := d.mark(ctx, api.StageDone); err != nil {
		return api.ScanOutcome{}, err
	}
	return c.out, d.settle(ctx)
}

// compliance is one run of MFACompliance.
type compliance struct {
	*desk
	out api.ScanOutcome
}

func (c *compliance) run(ctx workflow.Context, in api.MFAScanInput) error {
	s := step{ID: "mfa.scan", Activity: api.MFAScan, Summary: "read who has a second factor"}
	if _, err := c.doIn(sweepOptions(ctx, s), s, in, &c.out.Scanned, api.VerbRetry, api.VerbAbort); err != nil {
		return err
	}
	found := c.out.Scanned
	c.note(ctx, fmt.Sprintf("%d accounts can sign in, %d have a second factor, %d have none, %d are exempt; %d were read, %d events said so",
		found.Active, found.Some, found.None, found.Exempt, found.Checked, found.Events))
	c.doing(ctx, "Starting the grace courses")
	s = step{ID: "mfa.start", Activity: api.MFAStartGraces, Summary: "start a grace course for everybody who has none"}
	if _, err := c.doIn(sweepOptions(ctx, s), s, nil, &c.out.Started, api.VerbRetry, api.VerbAbort); err != nil {
		return err
	}
	c.doing(ctx, "Bringing the tracking sheet up to date")
	s = step{ID: "mfa.track", Activity: api.MFATrack, Summary: "bring the tracking sheet up to date"}
	if _, err := c.doIn(sweepOptions(ctx, s), s, api.MFATrackInput{}, &c.out.Tracked, api.VerbRetry, api.VerbSkip, api.VerbAbort); err != nil {
		return err
	}
	c.out.Result = fmt.Sprintf("%d without a second factor", found.None)
	return nil
}
