package lifecycle

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// contain ends sign-in: the account is suspended, then its sessions are ended, in this order so that nobody signs back
// in between. Nothing else comes before it. On a good day one activity does both; a log-out that fails is a step of its
// own and holds up no suspension. Round distinguishes a repetition ("again") in the list of activities.
func (r *run) contain(ctx workflow.Context, round string) error {
	r.SetStatus(ctx, "Ending sign-in")
	out := step.Step{ID: "onelogin.log-out" + round, Summary: "end its sessions"}
	if r.plan().Has(identity.StepSuspend) {
		began := workflow.Now(ctx)
		loggedOut, err := r.suspend(ctx, round)
		if err != nil {
			return err
		}
		// Only a suspension that was asked to says so, which tells runs apart that began when none was.
		if loggedOut {
			r.noteDone(ctx, out, began, nil)
			r.inTime(ctx)
			return nil
		}
		defer r.keepDeadline(ctx, "the account is suspended, its sessions are not ended")()
	}
	out.Activity = api.Call.OneLoginEnsureLoggedOut(r.accountInput(), &api.AccountState{})
	_, err := r.runStepWith(step.ContainOptions(ctx, out, step.Patience), out)
	if err == nil {
		r.inTime(ctx)
	}
	return err
}

// suspend gives the first try until the containment is overdue, says so to security, and then goes on trying. The
// deadline costs no timer of its own. LoggedOut is true if the sessions have been ended too.
func (r *run) suspend(ctx workflow.Context, round string) (loggedOut bool, err error) {
	in := r.accountInput()
	in.LogOut = true
	s := step.Step{ID: "onelogin.suspend" + round, Summary: "suspend the account"}
	left := r.assessment.ContainBy.Sub(workflow.Now(ctx))
	if r.assessment.ContainBy.IsZero() {
		left = step.Patience
	}
	overdue := left <= time.Second
	if !overdue {
		r.busy = true
		started := workflow.Now(ctx)
		var out api.AccountState
		s.Activity = api.Call.OneLoginEnsureSuspended(in, &out)
		err := r.execute(step.ContainOptions(ctx, s, left), s)
		if err == nil {
			r.recordFact(ctx, api.Fact{
				Step: s.ID, Template: r.State.Template, Outcome: "done", After: out,
				Before: r.assessment.Account, Cause: r.cause(), Started: started, Finished: workflow.Now(ctx),
			}, s.Summary)
			return out.LoggedOut, nil
		}
		if ctx.Err() != nil || temporal.IsCanceledError(err) {
			return false, err
		}
		overdue = outOfTime(err)
	}
	if overdue {
		r.tellOverdue(ctx)
	} else {
		defer r.keepDeadline(ctx, "OneLogin refuses to suspend the account")()
	}
	var out api.AccountState
	s.Activity = api.Call.OneLoginEnsureSuspended(in, &out)
	s = s.Noting(func(f *api.Fact) { f.Before, f.Cause = r.assessment.Account, r.cause() })
	_, err = r.runStepWith(step.ContainOptions(ctx, s, step.Patience), s)
	return out.LoggedOut, err
}

// cause is why the person is being contained, for the evidence.
func (r *run) cause() string {
	order := r.assessment.Order
	if r.plan().Verdict == identity.VerdictSuspend {
		order = r.assessment.Suspend
	}
	if order != nil {
		return "order " + order.ID + " by " + order.By
	}
	return "HR via " + r.hints.last.Source + " " + r.hints.last.Cause
}

// tellOverdue warns security without waiting for the answer: the suspension goes on beside it. What has not got through
// when the run hands over is left to Offboarding.
func (r *run) tellOverdue(ctx workflow.Context) {
	if r.in.Overdue || r.warned[r.assessment.Episode] {
		return
	}
	if r.beside() {
		r.warned[r.assessment.Episode] = true
		r.ShowOverdue(ctx, r.assessment.OverdueAt)
		if err := r.deliver(ctx, r.overdueWord()); err != nil {
			workflow.GetLogger(ctx).Warn("overdue warning not sent", "error", err)
		}
		return
	}
	r.in.Overdue = true
	workflow.GoNamed(ctx, "overdue", func(ctx workflow.Context) {
		if err := r.warnOverdue(ctx); err != nil {
			workflow.GetLogger(ctx).Warn("overdue warning not sent", "error", err)
		}
	})
}

// warnOverdue warns security that a containment is late. A warning that cannot be delivered parks where an operator
// sees it.
func (r *run) warnOverdue(ctx workflow.Context) error {
	err := r.deliverInLine(ctx, r.overdueWord())
	if err == nil {
		r.in.Overdue = false
	}
	return err
}

func (r *run) overdueWord() api.Word {
	return r.message("slack.overdue", "warn security: containment is overdue", api.Message{
		OnceKey: r.effect("contain-overdue") + r.roundName(), Kind: api.MessageContainOverdue, Audience: api.AudienceSecurity, Account: r.assessment.Account,
	})
}

// outOfTime reports that an activity used up its schedule-to-close budget. Attempts are not limited, so a failure that
// could have been retried means just that: the server reports a timeout only if an attempt was under way at the end,
// and otherwise the last failure, as soon as the next attempt would come too late.
func outOfTime(err error) bool {
	var t *temporal.TimeoutError
	var app *temporal.ApplicationError
	return errors.As(err, &t) || errors.As(err, &app) && !app.NonRetryable()
}

// runInterruptible does a template's work and keeps an ear open for hints meanwhile. If a hint turns out to be a departure it
// suspends at once, cancels the work and waits for it to stop, and suspends again, because a step in flight may have
// landed in between. Overtaken says that the work was stopped and the chain has to go on from a fresh look.
func (r *run) runInterruptible(ctx workflow.Context, work func(workflow.Context) error) (overtaken bool, err error) {
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	finished, settle := workflow.NewFuture(ctx)
	workflow.GoNamed(scope, "work", func(ctx workflow.Context) { settle.Set(nil, r.untilHeard(ctx, work)) })
	for {
		done := func() bool { return finished.IsReady() && !r.responding && r.readBacks.reopened == 0 }
		if err := workflow.Await(ctx, func() bool { return done() || r.hints.arrived() }); err != nil {
			return false, r.stopped(ctx, finished, err)
		}
		if done() {
			return false, finished.Get(ctx, nil)
		}
		r.hints.unanswered = false
		departed, err := r.departedMeanwhile(ctx, scope)
		switch {
		case err == nil && departed:
			return true, r.interrupt(ctx, cancel, finished)
		case err == nil && (done() || !r.Crowded(ctx)):
			continue
		case err == nil || errors.Is(err, step.ErrCrowded):
			return false, r.makeRoom(ctx, cancel, finished)
		}
		r.cut(cancel)
		return false, r.stopped(ctx, finished, err)
	}
}

// interrupt stops a template's work for a departure. The word to stop goes out together with the suspension, so that no
// further step is begun, and is not waited for before it.
func (r *run) interrupt(ctx workflow.Context, cancel workflow.CancelFunc, work workflow.Future) error {
	leaving := r.assessment
	r.cut(cancel)
	r.haltSystems()
	if r.mayContain() {
		if err := r.contain(ctx, ""); err != nil {
			return err
		}
	}
	if err := r.stopped(ctx, work, nil); err != nil {
		return err
	}
	// A creation in flight may have put the account it made in place of the one that was found.
	r.assessment = leaving
	if r.mayContain() {
		return r.contain(ctx, ":again")
	}
	return nil
}

// stopped waits until cancelled work has come to rest, even in a run that is cancelled itself, so that what it did can
// be recorded. What becomes of it does not matter any more; why it was stopped is passed on.
func (r *run) stopped(ctx workflow.Context, work workflow.Future, why error) error {
	last, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if err := work.Get(last, nil); err != nil && !temporal.IsCanceledError(err) {
		workflow.GetLogger(ctx).Info("work was stopped", "outcome", err)
	}
	return why
}

// mayContain reports whether a template that finds a departure may end sign-in by itself. Where offboarding observes or
// asks first, Person sees to that.
func (r *run) mayContain() bool {
	ends := r.plan().Verdict == identity.VerdictLeave || r.plan().Verdict == identity.VerdictSuspend
	return ends && r.assessment.Mode == api.ModeEnforce
}

// continueInterrupted hands the chain over after a template's work was stopped for a departure.
func (r *run) continueInterrupted(ctx workflow.Context) error {
	if r.mayContain() && r.plan().Verdict == identity.VerdictLeave {
		return r.continueAs(ctx, api.TypeOffboarding)
	}
	return r.continueAsPerson(ctx)
}

// departedMeanwhile looks at the person while a template is at work. A suspend order counts as a departure here, and
// responses are carried out beside the work. Anything else can wait until the work is done; the chain then looks once
// more. The work goes on during the look: what it notes in the assessment it works on, such as the account that it has
// made, stays there.
func (r *run) departedMeanwhile(ctx, beside workflow.Context) (bool, error) {
	noted := r.plan().Notices
	now, err := r.look(ctx)
	if err != nil {
		return false, err
	}
	working := r.assessment
	if mustStop(working.Plan.Verdict, now) {
		r.assessment = now
		return true, nil
	}
	if len(working.Plan.Notices) > len(noted) &&
		workflow.GetVersion(ctx, step.ChangeNotedMeanwhile, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		r.assessment.Plan.Notices = noted
	}
	if err := r.takeWord(ctx, now.Settled); err != nil {
		return false, err
	}
	if err := r.attendOwned(ctx, now); err != nil {
		return false, err
	}
	leaving := working.Plan.Verdict == identity.VerdictLeave
	r.takeSystems(ctx, now, leaving)
	if leaving && now.Plan.Verdict == identity.VerdictLeave && r.onlyCarried(now) {
		now.Plan.Verdict = identity.VerdictNone
	}
	responses := slices.ContainsFunc(now.Plan.Steps, isResponse)
	if responses && working.Plan.Verdict != identity.VerdictRespond {
		r.respondBeside(beside, now)
	}
	switch {
	case leaving && responses && now.Plan.Verdict == identity.VerdictRespond:
		// A finished departure, and orders that came too late.
		r.assessment.Plan.Due = now.Plan.Due
	case leaving && now.Plan.Verdict == identity.VerdictAttention && r.reaches() && len(now.Doubts) > 0:
		r.raise(ctx, now.Doubts)
	case leaving && (now.Plan.Verdict == identity.VerdictNone || now.Plan.Verdict == identity.VerdictWait):
		// This is what a finished departure looks like. What it waits for is waited for after the watch.
		r.assessment.Plan.Due = now.Plan.Due
	case leaving && now.Plan.Verdict == identity.VerdictLeave && r.closeReopened(beside, now):
	case leaving && now.Plan.Verdict == identity.VerdictLeave && r.readsBackFor(now) && !r.keepsReturning():
		r.readBacks.readNow, r.assessment.Returned = true, now.Returned
	case leaving && now.Plan.Verdict == identity.VerdictLeave:
		// While the work goes on, its read-back mends this; later the account must not stay open until the next one.
		r.backBetweenChecks()
	case !leaving && now.Want != working.Want, now.Plan.Verdict != working.Plan.Verdict:
		r.lookAfter = true
	}
	return false, nil
}

// mustStop reports that what a look found leaves no room for the work at hand. A suspend order stops whatever opens an
// account, even if there is nothing to suspend yet: the step in flight may be the one that opens it.
func mustStop(working identity.Verdict, now api.Assessment) bool {
	switch working {
	case identity.VerdictLeave:
		return false
	case identity.VerdictSuspend:
		return departed(now) && now.Plan.Verdict != identity.VerdictSuspend
	case identity.VerdictJoin, identity.VerdictChange, identity.VerdictLift:
		return departed(now) || now.Suspend != nil
	case identity.VerdictDelete:
		return now.Plan.Verdict != identity.VerdictDelete
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictUndo, identity.VerdictAttention, identity.VerdictRespond:
	}
	return departed(now)
}

// departed reports that the person must not have access now, whether or not an account has been seen yet.
func departed(a api.Assessment) bool {
	return a.Plan.Verdict == identity.VerdictLeave || a.Plan.Verdict == identity.VerdictUndo ||
		a.Plan.Verdict == identity.VerdictSuspend ||
		a.Person.Standing == identity.StandingLeft || a.Person.Standing == identity.StandingRescinded
}
