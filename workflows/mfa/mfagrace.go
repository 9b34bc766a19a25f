package mfa

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// Grace accompanies one person from "no second factor" to having one: it reminds, waits, looks again, escalates,
// has the account restricted and the restriction lifted. The clock is the ledger's; the run only keeps the time.
func Grace(ctx workflow.Context, in api.GraceInput) (api.GraceOutcome, error) {
	g, err := openGrace(ctx, in)
	if err != nil {
		return api.GraceOutcome{}, err
	}
	if err := g.wait(ctx, in.Until); err != nil {
		return api.GraceOutcome{}, err
	}
	for {
		g.listen()
		if g.Crowded(ctx) {
			return api.GraceOutcome{}, g.handOver(ctx, workflow.Now(ctx))
		}
		g.poked, g.recheck = false, false
		err := g.check(ctx)
		if err == nil {
			err = g.dispatch(ctx)
		}
		if err == nil {
			err = g.redated(ctx)
		}
		switch {
		case errors.Is(err, step.ErrAborted):
			return g.finish(ctx, step.ErrAborted.Error())
		case err != nil:
			return api.GraceOutcome{}, err
		case g.recheck && !workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			continue
		case g.recheck:
			return api.GraceOutcome{}, g.handOver(ctx, workflow.Now(ctx))
		case g.over():
			// An exception that somebody is about to make may change what was found.
			if err := g.Settle(ctx); err != nil {
				return api.GraceOutcome{}, err
			}
			if g.woken() || g.Crowded(ctx) {
				continue
			}
			return g.finish(ctx, string(g.found.Verdict)+": "+g.found.Reason)
		}
		if err := g.recheckLater(ctx); err != nil {
			return api.GraceOutcome{}, err
		}
	}
}

// grace is one run of MFAGrace.
type grace struct {
	*step.Console
	in    api.GraceInput
	found api.MFALook
	// looked says that found holds something.
	looked bool
	pokes  []workflow.ReceiveChannel
	poked  bool
	// extended says that the tracking sheet does not show an extension yet.
	extended bool
	// again asks for a fresh look instead of a wait.
	recheck bool
	// words are told beside the grace period. tracking says that the sheet is being written, trackAgain that it has to be once more.
	words                *step.Asides
	tracking, trackAgain bool
}

func openGrace(ctx workflow.Context, in api.GraceInput) (*grace, error) {
	d, err := step.Open(ctx, api.TypeMFAGrace, cmp.Or(in.Doing, "Looking at the account"))
	if err != nil {
		return nil, err
	}
	d.State.Key, d.Taken = in.Key, in.Decided
	d.Stage = cmp.Or(in.Stage, api.StageWorking)
	g := &grace{Console: d, in: in, poked: in.Poked, words: step.NewAsides(ctx, d)}
	g.words.Told, d.Steady = g.noteTold, in.Beside
	g.found.AccountID = in.AccountID
	for _, name := range []string{api.SignalEnrolled, api.SignalPoke} {
		g.pokes = append(g.pokes, workflow.GetSignalChannelWithOptions(ctx, name, workflow.SignalChannelOptions{
			Description: "Look at the account now. Carries no facts.",
		}))
	}
	for _, verb := range []string{api.VerbExtend, api.VerbExempt} {
		if err := g.takeExceptions(ctx, verb); err != nil {
			return nil, err
		}
	}
	d.Render(ctx)
	for _, w := range in.Words {
		g.words.Say(w)
	}
	return g, nil
}

// takeExceptions registers the update of an exception with an end.
func (g *grace) takeExceptions(ctx workflow.Context, verb string) error {
	description := map[string]string{
		api.VerbExtend: "Give this person longer to enrol, until a moment. Recorded with your name and reason.",
		api.VerbExempt: "Excuse this person until a moment. Recorded with your name and reason, as an exempt order.",
	}[verb]
	validate := func(ctx workflow.Context, d api.MFADecision) error {
		switch {
		case g.Took(ctx):
		case d.By == "" || d.Reason == "":
			return fmt.Errorf("%s needs \"by\" and \"reason\": who decides, and why? Both are recorded", verb)
		case !d.Until.After(workflow.Now(ctx)):
			return fmt.Errorf("%s needs \"until\", a moment that is still to come, like 2026-01-31T18:00:00Z", verb)
		}
		return nil
	}
	handle := func(ctx workflow.Context, d api.MFADecision) (api.State, error) {
		if g.Took(ctx) {
			return g.State, nil
		}
		// A run that was started together with the exception does not know the account before its first look.
		if err := workflow.Await(ctx, func() bool { return g.in.AccountID != 0 || g.looked }); err != nil {
			return g.State, err
		}
		d.Verb, d.Key, d.AccountID = verb, g.in.Key, g.in.AccountID
		err := g.except(ctx, d)
		if err == nil {
			g.Keep(workflow.GetCurrentUpdateInfo(ctx).ID, verb)
		}
		return g.State, err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, verb, handle,
		workflow.UpdateHandlerOptions{Description: description, Validator: validate})
}

// except stores an exception and has the grace period look at it.
func (g *grace) except(ctx workflow.Context, d api.MFADecision) error {
	s := step.Step{ID: "mfa." + d.Verb, Activity: api.Call.MFADecide(d), Summary: d.Verb + " by " + d.By}
	s.ID += ":" + workflow.GetCurrentUpdateInfo(ctx).ID
	started := workflow.Now(ctx)
	if err := s.Execute(step.Options(ctx, s)); err != nil {
		var app *temporal.ApplicationError
		if errors.As(err, &app) {
			return errors.New(app.Message())
		}
		return err
	}
	fact := api.Fact{
		Step: "mfa.decide." + d.Verb, Template: api.TypeMFAGrace, Outcome: d.Verb + " until " + d.Until.UTC().Format(time.RFC3339), Actor: d.By,
		Cause: d.Reason, Started: started, Finished: workflow.Now(ctx),
	}
	if err := g.record(ctx, fact); err != nil {
		return err
	}
	g.poked, g.extended = true, g.extended || d.Verb == api.VerbExtend
	g.Log(ctx, d.Verb+" until "+d.Until.UTC().Format("2006-01-02 15:04 MST")+" by "+d.By+step.Unverified)
	return nil
}

// listen takes the signals that have arrived.
func (g *grace) listen() {
	for _, c := range g.pokes {
		for c.ReceiveAsync(nil) {
			g.poked = true
			g.Signals++
		}
	}
}

func (g *grace) woken() bool {
	g.listen()
	return g.poked
}

// check asks where the grace period stands.
func (g *grace) check(ctx workflow.Context) error {
	g.SetStatus(ctx, "Looking at the account")
	var found api.MFALook
	check := api.Call.MFACheck(api.MFACheckInput{Key: g.in.Key, AccountID: g.in.AccountID}, &found)
	s := step.Step{ID: "mfa.check", Activity: check, Summary: "factors, HR, orders and policy"}
	if _, err := g.RunWith(step.Options(ctx, s), s, api.VerbRetry, api.VerbAbort); err != nil {
		return err
	}
	g.found, g.looked, g.in.AccountID = found, true, found.AccountID
	g.State.Episode = found.Episode
	return nil
}

// over reports whether the grace period has come to its end.
func (g *grace) over() bool {
	switch g.found.Verdict {
	case api.MFAEnrolled, api.MFAEnded, api.MFAMoved:
		return true
	case api.MFACourse, api.MFAExempt, api.MFALeave:
	}
	return false
}

// recheckLater waits for the next moment. A wait of days is entered by a run without history, so that a deploy in the
// meantime meets little of it.
func (g *grace) recheckLater(ctx workflow.Context) error {
	due := g.found.Due
	if due.IsZero() {
		due = workflow.Now(ctx).Add(step.ReassessAfter)
	}
	if due.Sub(workflow.Now(ctx)) <= step.LongWait {
		return g.wait(ctx, due)
	}
	g.SetStatus(ctx, g.waitingFor())
	if err := g.SetStage(ctx, api.StageWaiting); err != nil {
		return err
	}
	return g.handOver(ctx, due)
}

// handOver goes on as a fresh run, which begins by waiting.
func (g *grace) handOver(ctx workflow.Context, due time.Time) error {
	if err := g.hear(ctx); err != nil {
		return err
	}
	if err := g.Settle(ctx); err != nil {
		return err
	}
	g.listen()
	next := g.in
	next.Until, next.Stage, next.Doing = due, g.Stage, g.State.Doing
	next.Poked, next.Decided, next.Words = g.poked || g.Crowded(ctx), g.Taken, g.words.Owed()
	return workflow.NewContinueAsNewError(ctx, api.TypeMFAGrace, next)
}

func (g *grace) waitingFor() string {
	switch {
	case g.found.Verdict == api.MFAExempt:
		return "Exempt"
	case g.found.Verdict == api.MFALeave:
		return "On leave"
	case g.found.Stage == stageRestricted:
		return "Restricted, waiting for enrolment"
	case g.found.Stage == stageEscalated:
		return "Escalated, waiting for enrolment"
	}
	return "Waiting for enrolment"
}

// wait waits for a moment, a signal or an exception.
func (g *grace) wait(ctx workflow.Context, until time.Time) error {
	timeout := until.Sub(workflow.Now(ctx))
	if until.IsZero() || timeout <= 0 || g.woken() {
		return nil
	}
	g.State.Due = until
	if err := g.SetStage(ctx, api.StageWaiting); err != nil {
		return err
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: timeout, TimerOptions: workflow.TimerOptions{Summary: "next look"},
	}, g.woken)
	g.State.Due = step.NoTime
	if err != nil {
		return err
	}
	return g.SetStage(ctx, api.StageWorking)
}

func (g *grace) finish(ctx workflow.Context, result string) (api.GraceOutcome, error) {
	if err := errors.Join(g.awaitSheet(ctx), g.words.Leave(ctx, step.Heard), g.Settle(ctx)); err != nil {
		return api.GraceOutcome{}, err
	}
	g.SetStatus(ctx, result)
	if err := g.SetStage(ctx, api.StageDone); err != nil {
		return api.GraceOutcome{}, err
	}
	return api.GraceOutcome{Key: g.in.Key, Clock: g.found.Clock, Result: result}, nil
}

// effect is the key of something that happens once per clock.
func (g *grace) effect(name string) string {
	return fmt.Sprintf("mfa/%d/%d/%s", g.found.AccountID, g.found.Clock, name)
}

// standing reports whether a restriction is in force.
func (g *grace) standing() bool { return len(g.found.Standing) > 0 }

// told reports whether the person has ever heard of the grace period.
func (g *grace) told() bool {
	return g.found.Reminders > 0 || slices.Contains([]string{stageEscalated, stageRestricted}, g.found.Stage)
}
