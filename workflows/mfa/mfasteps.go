package mfa

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// The stages of a grace period, as the ledger and the tracking sheet name them.
const (
	stageGrace      = "grace"
	stageEscalated  = "escalated"
	stageRestricted = "restricted"
	stageExempt     = "exempt"
	stageLeave      = "leave"
	stageEnrolled   = "enrolled"
	stageEnded      = "ended"
)

// dispatch does what a look has found to be due. In observe mode it is only recorded.
func (g *grace) dispatch(ctx workflow.Context) error {
	g.withdraw(ctx)
	switch g.found.Verdict {
	case api.MFAMoved:
		return nil
	case api.MFAEnrolled:
		return g.enrolled(ctx)
	case api.MFAEnded:
		if err := g.lift(ctx, g.found.Reason); err != nil {
			return err
		}
		return g.moved(ctx, stageEnded, "end", g.found.Reason)
	case api.MFAExempt:
		if err := g.lift(ctx, "exempt"); err != nil {
			return err
		}
		return g.moved(ctx, stageExempt, "exempt", g.found.Reason)
	case api.MFALeave:
		return g.moved(ctx, stageLeave, "leave", g.found.Reason)
	case api.MFACourse:
	}
	if g.found.Resume {
		if err := g.lift(ctx, "the grace was extended"); err != nil {
			return err
		}
		if err := g.moved(ctx, stageGrace, "resume", "the grace was extended"); err != nil {
			return err
		}
	}
	if g.found.Reminder > 0 {
		if err := g.remind(ctx); err != nil {
			return err
		}
	}
	if g.found.Escalate {
		if err := g.escalate(ctx); err != nil {
			return err
		}
	}
	if g.found.Order != nil {
		return g.restrict(ctx)
	}
	return g.explain(ctx)
}

// enrolled ends the grace period: whatever was restricted is lifted, and the person is told if they ever heard of it.
func (g *grace) enrolled(ctx workflow.Context) error {
	if err := g.lift(ctx, "enrolled"); err != nil {
		return err
	}
	if g.acts() && g.told() {
		text := "Thank you: a second factor is enrolled. Nothing more is to be done."
		if g.standing() {
			text = "Thank you: a second factor is enrolled, and the restriction of your account is being lifted."
		}
		if err := g.tell(ctx, "enrolled", api.MessageMFALifted, text); err != nil {
			return err
		}
	}
	if g.found.Stage == "" {
		return nil
	}
	return g.moved(ctx, stageEnrolled, "enrolled", g.found.Reason)
}

// acts reports whether the grace period may do more than record.
func (g *grace) acts() bool { return g.found.Mode != api.ModeObserve }

// outcome says what came of a step, or that it was only planned.
func (g *grace) outcome(text string) string {
	if g.acts() {
		return text
	}
	return "planned, not carried out: " + text
}

func (g *grace) remind(ctx workflow.Context) error {
	n := strconv.Itoa(g.found.Reminder)
	if g.acts() {
		text := g.lack("Your account has") + ". " + g.counts() + "Please enrol one before " + step.Day(g.found.EscalateAt) + ".\n" + g.found.Instructions
		if !workflow.Now(ctx).Before(g.found.EscalateAt) {
			text = g.lack("Your account still has") + ", and the time to enrol one has passed. " + g.counts() + g.consequence("Your") + "\n" + g.found.Instructions
		}
		if err := g.tell(ctx, "remind-"+n, api.MessageMFARemind, text); err != nil {
			return err
		}
		g.explained()
	}
	g.found.Reminders = g.found.Reminder
	return g.moved(ctx, cmp.Or(g.found.Stage, stageGrace), "remind", g.outcome("reminder "+n))
}

// consequence says what is next for whose account.
func (g *grace) consequence(whose string) string {
	if g.found.RestrictAt.IsZero() {
		return ""
	}
	return whose + " account will be restricted on " + step.Day(g.found.RestrictAt) + ". "
}

func (g *grace) escalate(ctx workflow.Context) error {
	if g.acts() {
		whose := "Your"
		if workflow.GetVersion(ctx, step.ChangeEscalationTheirs, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
			whose = "Their"
		}
		if err := g.post(ctx, g.escalation(), api.MessageMFAEscalate, g.since()+step.Day(g.found.Since)+", and the grace period is over. "+
			g.counts()+g.consequence(whose)+"Please see to it that they enrol."); err != nil {
			return err
		}
	}
	return g.moved(ctx, stageEscalated, "escalate", g.outcome("escalated"))
}

// escalation names the telling of the manager: once for each time that the grace period comes to its end.
func (g *grace) escalation() string {
	if g.found.Resumed.IsZero() {
		return "escalate"
	}
	return fmt.Sprintf("escalate/%d", g.found.Resumed.Unix())
}

// restrict has the account restricted by its person's own run: after somebody's word in approve mode.
func (g *grace) restrict(ctx workflow.Context) error {
	order := *g.found.Order
	if g.found.Mode == api.ModeApprove && g.in.Allowed != order.ID {
		allowed, err := g.approved(ctx, order.ID)
		if err != nil || !allowed {
			return err
		}
		if workflow.GetVersion(ctx, step.ChangeLookAfterApproval, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
			// The last look may be a day old, and they may have enrolled or left since.
			g.in.Allowed, g.recheck = order.ID, true
			return nil
		}
	}
	if g.acts() {
		give := api.Call.OrdersGive(api.GiveOrder{Order: order, Hint: api.Hint{Source: "mfa", Cause: "restrict"}}, nil)
		s := step.Step{ID: "orders.give", Activity: give, Summary: "restrict the account: no second factor"}
		if skipped, err := g.Run(ctx, s); err != nil || skipped {
			return err
		}
		if err := g.tell(ctx, "restricted/"+order.ID, api.MessageMFARestricted, g.lack("Your account is restricted, because it has")+". "+g.counts()+
			"The restriction is lifted as soon as you have enrolled one.\n"+g.found.Instructions); err != nil {
			return err
		}
		if err := g.post(ctx, "restricted/"+order.ID+"/manager", api.MessageMFAEscalate, g.lack("The account is restricted, because it has")+". "+g.counts()+
			"The restriction is lifted as soon as one is enrolled."); err != nil {
			return err
		}
		g.explained()
	}
	return g.moved(ctx, stageRestricted, "restrict", g.outcome("restricted by order "+order.ID))
}

// approved asks before an account is restricted. A rejection gives the person another week.
func (g *grace) approved(ctx workflow.Context, order string) (bool, error) {
	d, decided, err := g.Wait(ctx, api.Attention{
		Step: "mfa.restrict", Code: "approval_needed",
		Text:    "This template asks before it restricts an account. The grace period is over and there is no second factor. A rejection gives another week.",
		Options: []string{api.VerbAllow, api.VerbReject},
	}, step.ReassessAfter, g.woken)
	if err != nil {
		return false, err
	}
	if !decided {
		g.recheck = true
		return false, nil
	}
	if err := g.record(ctx, api.Fact{
		Step: "mfa.approve", Template: api.TypeMFAGrace, Outcome: d.Verb + ": " + order, Actor: d.By, Cause: d.Reason,
		Started: workflow.Now(ctx), Finished: workflow.Now(ctx),
	}); err != nil {
		return false, err
	}
	if d.Verb == api.VerbAllow {
		return true, nil
	}
	postpone := api.Call.MFADecide(api.MFADecision{
		Key: g.in.Key, AccountID: g.found.AccountID, Verb: api.VerbExtend, By: d.By, Reason: "rejected: " + cmp.Or(d.Reason, "no reason given"),
		Until: workflow.Now(ctx).Add(7 * 24 * time.Hour),
	})
	_, err = g.Run(ctx, step.Step{ID: "mfa.postpone", Activity: postpone, Summary: "another week: rejected by " + d.By})
	g.recheck = true
	return false, err
}

// lift ends the restrictions in force. Whether the account opens is its person's run to decide: a leaver's does not.
func (g *grace) lift(ctx workflow.Context, reason string) error {
	for _, id := range g.found.Standing {
		release := api.Call.OrdersRelease(api.ReleaseOrder{ID: id, Key: g.in.Key, By: "gatehouse", Reason: reason}, nil)
		if _, err := g.Run(ctx, step.Step{ID: "orders.release:" + id, Activity: release, Summary: "lift the restriction"}); err != nil {
			return err
		}
	}
	return nil
}

// tell reaches the person: in Slack, else by mail. Who cannot be reached at all is told to whoever answers for it.
func (g *grace) tell(ctx workflow.Context, name string, kind api.MessageKind, text string) error {
	if g.in.Beside {
		g.words.Say(g.wordTo(name, kind, text))
		return nil
	}
	var posted api.Posted
	post := api.Call.SlackPost(api.Message{
		OnceKey: g.effect(name), Kind: kind, Audience: api.AudiencePerson, Strict: true, Key: g.in.Key, Text: text,
	}, &posted)
	skipped, err := g.Run(ctx, step.Step{ID: "slack." + name, Activity: post, Summary: "tell the person"})
	if err != nil || skipped || !posted.Unreachable {
		return err
	}
	var mailed api.MFALettered
	mail := api.Call.MFALetter(api.MFALetterInput{
		OnceKey: g.effect(name + "/mail"), Key: g.in.Key, AccountID: g.found.AccountID, Kind: kind, Text: text,
	}, &mailed)
	skipped, err = g.Run(ctx, step.Step{ID: "gmail." + name, Activity: mail, Summary: "mail the person: Slack does not reach them"})
	if err != nil || skipped || mailed.Sent {
		return err
	}
	post = api.Call.SlackPost(api.Message{
		OnceKey: g.effect(name + "/owner"), Kind: api.MessageMFAEscalate, Audience: api.AudienceOwner, Owner: g.found.FallbackOwner,
		Key: g.in.Key, Account: g.found.Account, WorkflowID: api.MFAGraceID(g.in.Key),
		Text: "Neither Slack nor mail reaches this person. Please tell them yourself:\n" + text,
	}, nil)
	_, err = g.Run(ctx, step.Step{ID: "slack." + name + ".owner", Activity: post, Summary: "tell the owner: nobody could reach the person"})
	return err
}

// post tells the manager, or whoever the look found in their place.
func (g *grace) post(ctx workflow.Context, name string, kind api.MessageKind, text string) error {
	m := api.Message{
		OnceKey: g.effect(name), Kind: kind, Audience: api.AudienceOwner, Owner: cmp.Or(g.found.Owner, g.found.FallbackOwner),
		Key: g.in.Key, Account: g.found.Account, Text: text, WorkflowID: api.MFAGraceID(g.in.Key),
	}
	if g.found.ManagerKey != "" {
		m.Audience, m.ManagerKey, m.Owner = api.AudienceManager, g.found.ManagerKey, g.found.FallbackOwner
	}
	s := step.Step{ID: "slack." + name, Activity: api.Call.SlackPost(m, nil), Summary: "tell the manager"}
	if g.in.Beside {
		g.words.Say(g.message(s, api.Word{Message: &m}))
		return nil
	}
	_, err := g.Run(ctx, s)
	return err
}

// moved records a transition where there is one: in the ledger and the evidence at once, and in the tracking sheet as
// soon as that can be written. The grace period does not wait long for the sheet: the next scan writes it anew.
func (g *grace) moved(ctx workflow.Context, stage, action, text string) error {
	lasts := slices.Contains([]string{stageExempt, stageLeave, stageEnrolled, stageEnded}, stage)
	if lasts && stage == g.found.Stage && !g.standing() && !g.found.Redated {
		return nil
	}
	now := workflow.Now(ctx)
	in := api.MFAMoveInput{
		AccountID: g.found.AccountID, Clock: g.found.Clock, Stage: stage, Reminders: g.found.Reminders, Deadline: g.deadline(now, stage),
		Record: g.evidence(ctx, api.Fact{
			Step: "mfa." + action, Template: api.TypeMFAGrace, Outcome: text, Cause: g.found.Rule, Before: g.found.Stage, After: g.found,
			Started: now, Finished: now,
		}),
	}
	s := step.Step{ID: "mfa.move", Activity: api.Call.MFAMove(in), Summary: text}
	if err := step.LocalFirst(ctx, s); err != nil {
		if ctx.Err() != nil {
			return err
		}
		if _, err := g.Run(ctx, s); err != nil {
			return err
		}
	}
	g.found.Stage, g.found.Redated = stage, false
	g.Log(ctx, step.Day(now)+": "+text)
	if g.acts() {
		g.trackBeside(ctx)
	}
	return nil
}

// deadline is the next one that the person faces in a stage, zero if none is left.
func (g *grace) deadline(now time.Time, stage string) time.Time {
	switch {
	case g.found.Verdict != api.MFACourse || stage == stageRestricted:
		return step.NoTime
	case now.Before(g.found.EscalateAt):
		return g.found.EscalateAt
	}
	return g.found.RestrictAt
}

// redated records a deadline that has changed where nothing else has moved, and tells the person where it comes sooner than they
// were told. An extension is on record by then, and only the tracking sheet does not show it.
func (g *grace) redated(ctx workflow.Context) error {
	extended := g.extended
	g.extended = false
	if !g.found.Redated {
		if extended && g.acts() && workflow.GetVersion(ctx, step.ChangeExtensionTracked, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
			g.trackBeside(ctx)
		}
		return nil
	}
	now, text := workflow.Now(ctx), "no deadline is left"
	if at := g.deadline(now, g.found.Stage); !at.IsZero() {
		text = "the deadline is " + at.UTC().Format(time.RFC3339)
	}
	if g.acts() && g.found.Sooner && g.told() && now.Before(g.found.EscalateAt) {
		if err := g.tell(ctx, fmt.Sprintf("redated/%d", g.found.EscalateAt.Unix()), api.MessageMFARemind, "There is less time than you were told: "+
			"please enrol a second factor before "+step.Day(g.found.EscalateAt)+".\n"+g.found.Instructions); err != nil {
			return err
		}
	}
	return g.moved(ctx, g.found.Stage, "redate", text)
}

// track writes the account's row of the tracking sheet.
func (g *grace) track(ctx workflow.Context) {
	write := api.Call.MFATrack(api.MFATrackInput{AccountID: g.found.AccountID}, nil)
	s := step.Step{ID: "mfa.track", Activity: write, Summary: "bring the tracking sheet up to date"}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID: s.ID, Summary: s.Summary, StartToCloseTimeout: 30 * time.Second, ScheduleToCloseTimeout: 10 * time.Minute,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
	if err := s.Execute(ctx); err != nil {
		g.Log(ctx, "the tracking sheet was not written: "+step.Failed(s, err).Code+"; the next scan writes it")
	}
}

// record writes one fact about the grace period into the evidence.
func (g *grace) record(ctx workflow.Context, fact api.Fact) error {
	record := api.Call.LedgerRecord(g.evidence(ctx, fact))
	return step.LocalFirst(ctx, step.Step{ID: "ledger.record", Activity: record, Summary: "record the evidence"})
}

func (g *grace) evidence(ctx workflow.Context, fact api.Fact) api.RecordInput {
	return api.RecordInput{
		Key: g.in.Key, Episode: g.found.Episode, RunID: workflow.GetInfo(ctx).WorkflowExecution.RunID,
		PolicyHash: g.found.PolicyHash, Facts: []api.Fact{fact},
	}
}
