package workflows

import (
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// contain ends sign-in: the account is suspended, then its sessions are ended, in this order so that nobody signs back
// in between. Nothing else comes before it. Round distinguishes a repetition ("again") in the list of activities.
func (r *run) contain(ctx workflow.Context, round string) error {
	r.doing(ctx, "Ending sign-in")
	if r.plan().Has(identity.StepSuspend) || round != "" {
		s := step{ID: "onelogin.suspend" + round, Activity: api.OneLoginEnsureSuspended, Summary: "suspend the account"}
		if err := r.suspend(ctx, s); err != nil {
			return err
		}
	}
	s := step{ID: "onelogin.log-out" + round, Activity: api.OneLoginEnsureLoggedOut, Summary: "end its sessions"}
	_, err := r.doIn(containOptions(ctx, s, patience), s, r.account(), &api.AccountState{})
	return err
}

// suspend gives the first try until the containment is overdue, says so to security, and then goes on trying. The
// deadline costs no timer of its own.
func (r *run) suspend(ctx workflow.Context, s step) error {
	left := r.assessment.ContainBy.Sub(workflow.Now(ctx))
	if r.assessment.ContainBy.IsZero() {
		left = patience
	}
	if left > time.Second {
		r.busy = true
		started := workflow.Now(ctx)
		var out api.AccountState
		err := workflow.ExecuteActivity(containOptions(ctx, s, left), s.Activity, r.account()).Get(ctx, &out)
		if err == nil {
			r.note(ctx, api.Fact{
				Step: s.ID, Template: r.state.Template, Outcome: "done", After: out,
				Before: r.assessment.Account, Cause: r.cause(), Started: started, Finished: workflow.Now(ctx),
			}, s.Summary)
			return nil
		}
		if ctx.Err() != nil || temporal.IsCanceledError(err) {
			return err
		}
		if !outOfTime(err) {
			_, err := r.doIn(containOptions(ctx, s, patience), s, r.account(), &api.AccountState{})
			return err
		}
	}
	r.tellOverdue(ctx)
	_, err := r.doIn(containOptions(ctx, s, patience), s, r.account(), &api.AccountState{})
	return err
}

// cause is why the person is being contained, for the evidence.
func (r *run) cause() string {
	if o := r.assessment.Order; o != nil {
		return "order " + o.ID + " by " + o.By
	}
	return "HR via " + r.lastHint.Source + " " + r.lastHint.Cause
}

// tellOverdue warns security without waiting for the answer: the suspension goes on beside it.
func (r *run) tellOverdue(ctx workflow.Context) {
	workflow.GoNamed(ctx, "overdue", func(ctx workflow.Context) {
		s := step{ID: "slack.overdue", Activity: api.SlackPost, Summary: "warn security: containment is overdue"}
		// A warning that cannot be delivered must not hold the containment; do parks it where an operator sees it.
		_, err := r.do(ctx, s, api.Message{
			OnceKey: r.effect("contain-overdue"), Kind: api.MessageContainOverdue, Audience: api.AudienceSecurity,
			Key: r.in.Key, Account: r.assessment.Account, WorkflowID: PersonID(r.in.Key),
		}, &api.Posted{})
		if err != nil {
			workflow.GetLogger(ctx).Warn("overdue warning not sent", "error", err)
		}
	})
}

// outOfTime reports that an activity used up its schedule-to-close budget.
func outOfTime(err error) bool {
	var t *temporal.TimeoutError
	return errors.As(err, &t) && t.TimeoutType() == enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
}

// attend does a template's work and keeps an ear open for hints meanwhile. If a hint turns out to be a departure it
// suspends at once, cancels the work and waits for it to stop, and suspends again, because a step in flight may have
// landed in between. Overtaken says that the work was stopped and the chain has to go on from a fresh look.
func (r *run) attend(ctx workflow.Context, work func(workflow.Context) error) (overtaken bool, err error) {
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	finished, settle := workflow.NewFuture(ctx)
	workflow.GoNamed(scope, "work", func(ctx workflow.Context) { settle.Set(nil, work(ctx)) })
	for {
		if err := workflow.Await(ctx, func() bool { return finished.IsReady() || r.hintArrived() }); err != nil {
			return false, err
		}
		if finished.IsReady() {
			return false, finished.Get(ctx, nil)
		}
		r.hinted = false
		departed, err := r.departedMeanwhile(ctx)
		if err != nil {
			return false, err
		}
		if !departed {
			continue
		}
		return true, r.overtake(ctx, cancel, finished)
	}
}

// overtake stops a template's work for a departure.
func (r *run) overtake(ctx workflow.Context, cancel workflow.CancelFunc, work workflow.Future) error {
	leave := r.plan().Verdict == identity.VerdictLeave
	if leave {
		if err := r.contain(ctx, ""); err != nil {
			return err
		}
	}
	cancel()
	if err := work.Get(ctx, nil); err != nil && !temporal.IsCanceledError(err) {
		workflow.GetLogger(ctx).Info("work stopped for a departure", "outcome", err)
	}
	if leave {
		return r.contain(ctx, ":again")
	}
	return nil
}

// departedMeanwhile looks at the person while a template is at work. Anything but a departure can wait until the work
// is done; the chain then looks once more.
func (r *run) departedMeanwhile(ctx workflow.Context) (bool, error) {
	working := r.assessment
	if err := r.assess(ctx); err != nil {
		return false, err
	}
	now := r.assessment
	if working.Plan.Verdict != identity.VerdictLeave && departed(now) {
		return true, nil
	}
	// "None" is what a finished departure looks like, so it does not call for another look either.
	settled := working.Plan.Verdict == identity.VerdictLeave && now.Plan.Verdict == identity.VerdictNone
	if now.Plan.Verdict != working.Plan.Verdict && !settled {
		r.lookAfter = true
	}
	r.assessment = working
	return false, nil
}

// departed reports that the person must not have access now, whether or not an account has been seen yet.
func departed(a api.Assessment) bool {
	return a.Plan.Verdict == identity.VerdictLeave || a.Plan.Verdict == identity.VerdictUndo ||
		a.Person.Standing == identity.StandingLeft || a.Person.Standing == identity.StandingRescinded
}
