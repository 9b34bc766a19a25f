package mfa

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// Compliance finds out who has no second factor and sees to it that a grace period runs for each of them. What it
// finds stays in the ledger, so that its history is as short for a hundred thousand people as for ten.
func Compliance(ctx workflow.Context, in api.ScanRequest) (api.ScanOutcome, error) {
	d, err := step.Open(ctx, api.TypeMFACompliance, "Reading who has a second factor")
	if err != nil {
		return api.ScanOutcome{}, err
	}
	c := &compliance{Console: d, words: step.NewAsides(ctx, d)}
	err = c.run(ctx, api.MFAScanInput{Scan: workflow.GetInfo(ctx).FirstRunID, Everybody: in.Everybody})
	if errors.Is(err, step.ErrAborted) {
		c.out.Result, err = step.ErrAborted.Error(), nil
	}
	if err != nil {
		return api.ScanOutcome{}, err
	}
	if err := d.SetStage(ctx, api.StageDone); err != nil {
		return api.ScanOutcome{}, err
	}
	return c.out, d.Settle(ctx)
}

// compliance is one run of MFACompliance.
type compliance struct {
	*step.Console
	out   api.ScanOutcome
	words *step.Asides
}

// sheetTime is how long a scan waits for the tracking sheet of a large company.
const sheetTime = 2 * time.Hour

func (c *compliance) run(ctx workflow.Context, in api.MFAScanInput) error {
	s := step.Step{ID: "mfa.scan", Activity: api.Call.MFAScan(in, &c.out.Scanned), Summary: "read who has a second factor"}
	unread, err := c.RunWith(step.SweepOptions(ctx, s), s, api.VerbRetry, api.VerbSkip, api.VerbAbort)
	if err != nil {
		return err
	}
	found := c.out.Scanned
	if !unread {
		c.Log(ctx, fmt.Sprintf("%d accounts can sign in, %d have a second factor, %d have none, %d are exempt; %d were read, %d events said so",
			found.Active, found.Some, found.None, found.Exempt, found.Checked, found.Events))
	}
	c.SetStatus(ctx, "Starting the grace periods")
	s = step.Step{ID: "mfa.start", Activity: api.Call.MFAStartGraces(&c.out.Started), Summary: "start a grace period for everybody who has none"}
	if _, err := c.RunWith(step.SweepOptions(ctx, s), s, api.VerbRetry, api.VerbSkip, api.VerbAbort); err != nil {
		return err
	}
	c.out.Result = fmt.Sprintf("%d without a second factor", found.None)
	if unread {
		c.out.Result = "nobody was read: skipped"
	}
	c.SetStatus(ctx, "Bringing the tracking sheet up to date")
	if workflow.GetVersion(ctx, step.ChangeScanAside, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		return c.tell(ctx)
	}
	s = step.Step{ID: "mfa.track", Activity: api.Call.MFATrack(api.MFATrackInput{}, &c.out.Tracked), Summary: "bring the tracking sheet up to date"}
	if _, err := c.RunWith(step.SweepOptions(ctx, s), s, api.VerbRetry, api.VerbSkip, api.VerbAbort); err != nil {
		return err
	}
	return nil
}

// tell says what the scan could not use, and writes the tracking sheet. What cannot be told or written now is left to runs
// of their own, so that the next scan is not kept from beginning.
func (c *compliance) tell(ctx workflow.Context) error {
	info := workflow.GetInfo(ctx)
	say := func(code, text string) {
		c.words.Say(api.Word{Step: "slack." + code, Summary: "tell IT: " + code, Template: api.TypeMFACompliance, Message: &api.Message{
			OnceKey: info.WorkflowExecution.ID + "/" + info.FirstRunID + "/" + code, Kind: api.MessageAttention, Audience: api.AudienceIT,
			Text: text, WorkflowID: info.WorkflowExecution.ID,
		}})
	}
	if names := c.out.Scanned.Misnamed; len(names) > 0 {
		say("enrolment_events_unknown", fmt.Sprintf("OneLogin has no event type %s. Correct mfa.enrolment_events in the policy: until then "+
			"every scan reads everybody, which takes one call each.", strings.Join(names, ", ")))
	}
	if n := c.out.Scanned.Unread; n > 0 {
		say("factors_unread", fmt.Sprintf("The factors of %d accounts could not be read. What was known of them stands; all others were read.", n))
	}
	c.words.Told = func(ctx workflow.Context, w *step.Word, _ string) {
		if written, ok := w.Got.(*api.MFATracked); ok {
			c.out.Tracked = *written
			c.unshared(ctx, written.Unshared)
		}
	}
	c.words.Say(api.Word{
		Step: "mfa.track", Summary: "bring the tracking sheet up to date", Template: api.TypeMFACompliance, Track: &api.MFATrackInput{},
	})
	return c.words.Leave(ctx, sheetTime)
}

// unshared tells IT whom to give access to the tracking sheet by hand, with each scan until they have it.
func (c *compliance) unshared(ctx workflow.Context, readers []api.Unshared) {
	if len(readers) == 0 {
		return
	}
	info := workflow.GetInfo(ctx)
	m := step.Unshared("Google refuses to share the MFA tracking sheet with these readers. Everybody else has it. Give them access by hand, or "+
		"correct review in the policy.", readers)
	m.OnceKey, m.Audience = info.WorkflowExecution.ID+"/"+info.FirstRunID+"/unshared", api.AudienceIT
	m.WorkflowID = info.WorkflowExecution.ID
	c.words.Say(api.Word{Step: "slack.unshared", Summary: "tell IT: unshared", Template: api.TypeMFACompliance, Message: m})
}
