package review

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// scheduledStart is set by Temporal on runs that a schedule starts: the time they were meant for, which for a backfill
// is not now.
var scheduledStart = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// AccessReview shows who has access to what to those who answer for it. A run that is not the campaign's own, such
// as one that a schedule started, starts that one and ends: however often a month is asked for, it is
// reviewed once. What is collected stays in the ledger; the run carries numbers only.
func AccessReview(ctx workflow.Context, in api.ReviewRequest) (api.ReviewOutcome, error) {
	d, err := step.Open(ctx, api.TypeAccessReview, "Beginning")
	if err != nil {
		return api.ReviewOutcome{}, err
	}
	r := &accessReview{Console: d, zone: in.Zone, out: api.ReviewOutcome{Campaign: in.Campaign}}
	if in.Own {
		err = r.carryOut(ctx)
	} else {
		err = r.handOver(ctx)
	}
	if settled := d.Settle(ctx); err == nil {
		err = settled
	}
	if err != nil {
		// A run that a person aborted fails, so that the same campaign can be started again; it goes on where it was.
		return r.out, err
	}
	return r.out, d.SetStage(ctx, api.StageDone)
}

// accessReview is one run of AccessReview.
type accessReview struct {
	*step.Console
	zone string
	out  api.ReviewOutcome
}

// handOver starts the campaign's own run.
func (r *accessReview) handOver(ctx workflow.Context) error {
	at, scheduled := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledStart)
	if !scheduled {
		at = workflow.Now(ctx)
	}
	var started api.ReviewStarted
	start := api.Call.ReviewBegin(api.ReviewStart{Campaign: r.out.Campaign, At: at.UTC(), Zone: r.zone}, &started)
	if err := r.run(ctx, step.Step{ID: "review.start", Activity: start, Summary: "start the review of the month"}); err != nil {
		return err
	}
	r.out.Campaign, r.out.Result = started.Campaign, "is reviewed by "+started.WorkflowID
	r.Log(ctx, r.out.Result)
	return nil
}

// carryOut collects, judges, freezes, writes and tells, in this order: nobody is shown what may still change.
func (r *accessReview) carryOut(ctx workflow.Context) error {
	in := api.ReviewInput{Campaign: r.out.Campaign}
	var opened api.ReviewOpened
	open := step.Step{ID: "review.open", Activity: api.Call.ReviewOpen(in, &opened), Summary: "begin the review"}
	if err := r.run(ctx, open); err != nil {
		return err
	}
	if opened.Finished {
		r.out.Result = "was finished before"
		return nil
	}
	if err := r.collect(ctx, in); err != nil {
		return err
	}
	freeze := step.Step{ID: "review.freeze", Activity: api.Call.ReviewFreeze(in, &r.out.Snapshot), Summary: "freeze what was collected"}
	if err := r.run(ctx, freeze); err != nil {
		return err
	}
	r.Log(ctx, fmt.Sprintf("frozen as of %s: %d accounts, %d rows, %d findings",
		r.out.Snapshot.AsOf.UTC().Format("2006-01-02 15:04 UTC"), r.out.Snapshot.Users, r.out.Snapshot.Access, r.out.Snapshot.Findings))
	if err := r.publish(ctx, in); err != nil {
		return err
	}
	r.out.Result = "reviewed"
	return nil
}

// collect reads names before members, and members before anything is judged.
func (r *accessReview) collect(ctx workflow.Context, in api.ReviewInput) error {
	for _, part := range []struct {
		id, summary string
		call        func(api.ReviewInput, *api.ReviewCount) api.Activity
		doing, done string
	}{
		{"review.apps", "read roles, groups and apps", api.Call.ReviewApps, "Reading roles and apps", "%d roles, groups and apps read"},
		{"review.users", "read all accounts", api.Call.ReviewUsers, "Reading accounts", "%d accounts read"},
		{"review.roles", "read who has which role since when", api.Call.ReviewRoles, "Reading who has which role", "%d members of roles read"},
		{"review.assess", "judge all accounts", api.Call.ReviewAssess, "Judging", "%d accounts judged"},
	} {
		r.SetStatus(ctx, part.doing)
		var n api.ReviewCount
		if err := r.run(ctx, step.Step{ID: part.id, Activity: part.call(in, &n), Summary: part.summary}); err != nil {
			return err
		}
		r.Log(ctx, fmt.Sprintf(part.done, n.Items))
	}
	return nil
}

// publish writes the spreadsheets and then tells those who are to look at them.
func (r *accessReview) publish(ctx workflow.Context, in api.ReviewInput) error {
	r.SetStatus(ctx, "Writing the spreadsheet")
	var written api.ReviewWritten
	write := step.Step{ID: "sheets.write", Activity: api.Call.ReviewWrite(in, &written), Summary: "write the spreadsheet"}
	if err := r.run(ctx, write); err != nil {
		return err
	}
	r.out.Link = written.Link
	r.Log(ctx, fmt.Sprintf("%d rows written: %s", written.Rows, written.Link))
	r.SetStatus(ctx, "Telling those who are to look at it")
	var told api.ReviewTold
	compliance := step.Step{ID: "gmail.compliance", Activity: api.Call.ReviewMail(in, &told), Summary: "tell compliance"}
	managers := step.Step{ID: "gmail.managers", Activity: api.Call.ReviewManagers(in, &r.out.Mailed), Summary: "tell each manager about their people"}
	if workflow.GetVersion(ctx, step.ChangeReviewAside, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		return r.tellSideBySide(ctx, written, &told, compliance, managers)
	}
	if err := r.run(ctx, compliance); err != nil {
		return err
	}
	if err := r.run(ctx, managers); err != nil {
		return err
	}
	r.noteMailed(ctx)
	return nil
}

func (r *accessReview) noteMailed(ctx workflow.Context) {
	r.Log(ctx, fmt.Sprintf("%d managers written to; the fallback owner was told about %d accounts without one",
		r.out.Mailed.Managers, r.out.Mailed.Unmanaged))
}

// tellSideBySide tells compliance and the managers, neither of whom waits for the other, and IT about those who could not
// be given access or written to.
func (r *accessReview) tellSideBySide(ctx workflow.Context, written api.ReviewWritten, told *api.ReviewTold, compliance, managers step.Step) error {
	words := step.NewAsides(ctx, r.Console)
	if len(written.Unshared) > 0 {
		words.Say(r.unshared(ctx, written.Unshared))
	}
	var errs [2]error
	wg := workflow.NewWaitGroup(ctx)
	for n, tell := range []step.Step{compliance, managers} {
		wg.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer wg.Done()
			errs[n] = r.optionally(ctx, tell)
		})
	}
	wg.Wait(ctx)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	r.noteMailed(ctx)
	if told.Refused {
		words.Say(r.message(ctx, "compliance", &api.Message{Kind: api.MessageAttention, Text: "Google refuses the e-mail to review.compliance about access " +
			"review " + r.out.Campaign + ". Tell them where it is, and correct the address in the policy: " + written.Link}))
	}
	if n := r.out.Mailed.Refused; n > 0 {
		words.Say(r.message(ctx, "letters", &api.Message{Kind: api.MessageAttention, Text: fmt.Sprintf(
			"%s of access review %s could be delivered neither to the manager nor to the fallback owner. The rows are in the "+
				"spreadsheet: pass them on by hand.", letters(n), r.out.Campaign)}))
	}
	return words.Leave(ctx, step.Heard)
}

// letters is a number of e-mails.
func letters(n int64) string {
	if n == 1 {
		return "1 e-mail"
	}
	return fmt.Sprintf("%d e-mails", n)
}

// optionally is run for what a person may also choose to go without.
func (r *accessReview) optionally(ctx workflow.Context, s step.Step) error {
	ctx = workflow.WithHeartbeatTimeout(step.SweepOptions(ctx, s), reviewHeartbeat)
	_, err := r.RunWith(ctx, s, api.VerbRetry, api.VerbSkip, api.VerbAbort)
	return err
}

// unshared tells IT whom to give access by hand.
func (r *accessReview) unshared(ctx workflow.Context, readers []api.Unshared) api.Word {
	return r.message(ctx, "unshared", step.Unshared("Google refuses to share the spreadsheet of access review "+r.out.Campaign+
		" with these readers. Everybody else has it. Give them access by hand, or correct the policy.", readers))
}

func (r *accessReview) message(ctx workflow.Context, name string, m *api.Message) api.Word {
	m.WorkflowID = workflow.GetInfo(ctx).WorkflowExecution.ID
	m.OnceKey, m.Audience = m.WorkflowID+"/"+name, api.AudienceIT
	return api.Word{Step: "slack." + name, Summary: "tell IT: " + name, Template: api.TypeAccessReview, Message: m}
}

// reviewHeartbeat is how soon a step that died with its process is begun again. A page of a list takes much less.
const reviewHeartbeat = 30 * time.Second

// run carries out a step on the sweep queue. No step can be left out, so that a person may only retry or abort.
func (r *accessReview) run(ctx workflow.Context, s step.Step) error {
	ctx = workflow.WithHeartbeatTimeout(step.SweepOptions(ctx, s), reviewHeartbeat)
	_, err := r.RunWith(ctx, s, api.VerbRetry, api.VerbAbort)
	return err
}
