package mfa

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// A grace period tells people beside its work: a reminder that cannot be delivered keeps nobody from being escalated, and nobody
// who has enrolled restricted.

// message makes a word of the grace period.
func (g *grace) message(s step.Step, w api.Word) api.Word {
	w.Step, w.Summary, w.Template, w.Episode = s.ID, s.Summary, api.TypeMFAGrace, g.found.Episode
	return w
}

// wordTo is a word to the person: in Slack, else by e-mail. Who cannot be reached at all is told to whoever answers for it.
func (g *grace) wordTo(name string, kind api.MessageKind, text string) api.Word {
	owner := g.message(step.Step{ID: "slack." + name + ".owner", Summary: "tell the owner: nobody could reach the person"}, api.Word{
		Message: &api.Message{
			OnceKey: g.effect(name + "/owner"), Kind: api.MessageMFAEscalate, Audience: api.AudienceOwner, Owner: g.found.FallbackOwner,
			Key: g.in.Key, Account: g.found.Account, WorkflowID: api.MFAGraceID(g.in.Key),
			Text: "Neither Slack nor mail reaches this person. Please tell them yourself:\n" + text,
		},
	})
	mail := g.message(step.Step{ID: "gmail." + name, Summary: "mail the person: Slack does not reach them"}, api.Word{
		Letter: &api.MFALetterInput{
			OnceKey: g.effect(name + "/mail"), Key: g.in.Key, AccountID: g.found.AccountID, Kind: kind, Text: text,
		},
		Otherwise: &owner,
	})
	return g.message(step.Step{ID: "slack." + name, Summary: "tell the person"}, api.Word{
		Message: &api.Message{
			OnceKey: g.effect(name), Kind: kind, Audience: api.AudiencePerson, Strict: true, Key: g.in.Key, Text: text,
		},
		Otherwise: &mail,
	})
}

// withdraw gives up what could not be told yet and is not true any more: whatever is due now says it better, and whoever has
// enrolled or is excused needs no reminder.
func (g *grace) withdraw(ctx workflow.Context) {
	f := g.found
	if len(g.words.Words) == 0 || f.Verdict == api.MFACourse && !f.Resume && f.Reminder == 0 && !f.Escalate && f.Order == nil {
		return
	}
	for _, w := range g.words.Withdraw() {
		g.noteWord(ctx, w, "not known to be delivered, and withdrawn", "")
	}
}

// noteTold keeps in the evidence what became of a word that was refused.
func (g *grace) noteTold(ctx workflow.Context, w *step.Word, skippedBy string) {
	switch {
	case skippedBy != "":
		g.noteWord(ctx, w.Word, "skipped", skippedBy)
	case w.Refused:
		g.noteWord(ctx, w.Word, "delivered", "")
	}
}

func (g *grace) noteWord(ctx workflow.Context, w api.Word, outcome, by string) {
	now := workflow.Now(ctx)
	fact := api.Fact{
		Step: w.Step, Template: w.Template, Episode: w.Episode, Outcome: outcome, Actor: by, Started: now, Finished: now,
	}
	if err := g.record(ctx, fact); err != nil {
		workflow.GetLogger(ctx).Warn("what became of a message was not recorded", "step", w.Step, "error", err)
	}
}

// hear gives words and sheet a little time before the run goes on as another, and leaves the rest to that one.
func (g *grace) hear(ctx workflow.Context) error {
	busy := func() bool { return g.words.Busy() || g.tracking }
	if busy() && !g.woken() {
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: step.Heard, TimerOptions: workflow.TimerOptions{Summary: "until everybody has been told"},
		}, func() bool { return !busy() || g.woken() }); err != nil {
			return err
		}
	}
	return g.words.Hush(ctx)
}

// trackBeside writes the account's row of the tracking sheet beside the grace period. Of several rows that are due at a time the
// last one is enough.
func (g *grace) trackBeside(ctx workflow.Context) {
	if !g.in.Beside {
		g.track(ctx)
		return
	}
	g.trackAgain = g.tracking
	if g.tracking {
		return
	}
	g.tracking = true
	workflow.GoNamed(g.words.Root, "track", func(ctx workflow.Context) {
		for again := true; again && ctx.Err() == nil; again = g.trackAgain {
			g.trackAgain = false
			g.track(ctx)
		}
		g.tracking = false
	})
}

// awaitSheet waits, at the end of a grace period, until its row is written or was given up.
func (g *grace) awaitSheet(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return !g.tracking })
}
