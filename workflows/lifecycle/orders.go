package lifecycle

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// byOrder carries out what orders ask for by themselves: a suspension that takes nothing else, the end of one, and
// what is to be done once. It then looks again, because HR may want something as well.
func (r *run) byOrder(ctx workflow.Context) (api.Outcome, bool, error) {
	work := r.lift
	switch r.plan().Verdict {
	case identity.VerdictSuspend:
		work = r.pause
	case identity.VerdictRespond:
		looked := r.assessment
		work = func(ctx workflow.Context) error { return r.respond(ctx, looked) }
	case identity.VerdictLift, identity.VerdictNone, identity.VerdictWait, identity.VerdictJoin, identity.VerdictChange,
		identity.VerdictLeave, identity.VerdictUndo, identity.VerdictDelete, identity.VerdictAttention:
	}
	overtaken, err := r.runInterruptible(ctx, work)
	switch {
	case err != nil && step.IsSuperseded(err):
		return api.Outcome{}, false, r.reconsider(ctx)
	case err != nil:
		return api.Outcome{}, false, err
	case overtaken:
		return api.Outcome{}, false, r.continueInterrupted(ctx)
	}
	r.lookAfter = false
	return api.Outcome{}, true, r.flush(ctx)
}

// pause ends sign-in for a suspend order. The look that follows reads it back; an account that is opened again and again
// while the order stands is somebody's or something's doing, which is asked about.
func (r *run) pause(ctx workflow.Context) error {
	if r.paused++; r.paused > 2 {
		d, err := r.park(ctx, api.Attention{
			Step: "onelogin.suspend", Code: "access_keeps_returning",
			Text:    "The account was suspended for an order and opened again each time. Look for a mapping or a person who does that, then retry.",
			Options: []string{api.VerbRetry, api.VerbAbort},
		})
		if err != nil {
			return err
		}
		if d.Verb == api.VerbAbort {
			return step.ErrAborted
		}
		r.paused = 1
	}
	return r.contain(ctx, "")
}

// lift activates an account whose suspend order is over. HR and orders are read once more right before the write.
func (r *run) lift(ctx workflow.Context) error {
	r.SetStatus(ctx, "Lifting a suspension")
	if err := r.beforeOpening(ctx, r.assessment, r.accountInput()); err != nil {
		return err
	}
	activate := api.Call.OneLoginEnsureActive(r.accountInput(), &api.AccountState{})
	s := step.Step{ID: "onelogin.activate", Activity: activate, Summary: "activate the account again"}.
		Noting(func(f *api.Fact) { f.Cause = "the suspend order is over" })
	skipped, err := r.runStep(ctx, s)
	if err == nil && skipped {
		return step.ErrAborted // The next look would only ask for it again.
	}
	return err
}

// respond carries out the responses of a look, each once, and closes them with what was done.
func (r *run) respond(ctx workflow.Context, looked api.Assessment) error {
	var branches []func(workflow.Context) error
	for _, s := range looked.Plan.Steps {
		if isResponse(s) {
			branches = append(branches, func(ctx workflow.Context) error { return r.respondTo(ctx, looked, s) })
		}
	}
	if len(branches) == 0 {
		return nil
	}
	if looked.Plan.Has(identity.StepEnable) && looked.Account != nil {
		if err := r.beforeOpening(ctx, looked, api.AccountInput{Key: r.in.Key, AccountID: looked.Account.ID}); err != nil {
			return err
		}
	}
	return r.sideBySide(ctx, branches...)
}

// isResponse reports that a step ends an order by carrying it out, or by saying why it is not.
func isResponse(s identity.Step) bool {
	switch s.Kind {
	case identity.StepEndSessions, identity.StepResetPassword, identity.StepLock, identity.StepEnable, identity.StepCloseOrder:
		return len(s.Orders) == 1
	case identity.StepSuspend, identity.StepLogOut, identity.StepCreate, identity.StepSetProfile, identity.StepSetGroup,
		identity.StepRemoveRoles, identity.StepAddRoles, identity.StepActivate, identity.StepInvite,
		identity.StepScramblePassword, identity.StepRemoveFactors, identity.StepDelete, identity.StepRename,
		identity.StepKeepRoles:
	}
	return false
}

func (r *run) respondTo(ctx workflow.Context, looked api.Assessment, s identity.Step) error {
	order := s.Orders[0]
	outcome, err := r.carryOut(ctx, looked, s)
	if err != nil {
		return err
	}
	closing := api.Call.OrdersClose(api.CloseOrder{ID: order, Outcome: outcome}, nil)
	_, err = r.runStep(ctx, step.Step{ID: "orders.close:" + order, Activity: closing, Summary: "close the order: " + outcome}.
		Noting(func(f *api.Fact) { f.Outcome, f.Cause = outcome, "order "+order }))
	return err
}

// carryOut does what a response asks for and says what was done.
func (r *run) carryOut(ctx workflow.Context, looked api.Assessment, s identity.Step) (outcome string, err error) {
	if s.Kind == identity.StepCloseOrder || looked.Account == nil {
		return "not done: " + s.Why, nil
	}
	in := api.ResponseInput{
		AccountInput: api.AccountInput{Key: r.in.Key, AccountID: looked.Account.ID}, Order: s.Orders[0], Minutes: s.Minutes,
	}
	var state api.AccountState
	activity, id, summary := api.Call.OneLoginEndSessions(in, &state), "onelogin.end-sessions:", "end its sessions"
	outcome = "sessions ended"
	if s.Kind == identity.StepLock {
		activity, id, summary = api.Call.OneLoginEnsureLocked(in, &state), "onelogin.lock:", "lock the account"
		outcome = "locked for the period of the user's policy"
		if s.Minutes > 0 {
			outcome = fmt.Sprintf("locked for %d minutes", s.Minutes)
		}
	}
	if s.Kind == identity.StepEnable {
		activity, id, summary = api.Call.OneLoginEnsureEnabled(in, &state), "onelogin.enable:", "open the account"
		outcome = "opened"
	}
	if s.Kind == identity.StepResetPassword {
		activity, id, summary = api.Call.OneLoginResetPassword(in, &state), "onelogin.reset-password:", "make the password unknown"
		outcome = "password reset, link mailed"
	}
	response := step.Step{ID: id + in.Order, Activity: activity, Summary: summary}.Noting(func(f *api.Fact) {
		if !state.Gone {
			f.Cause, f.Before = "order "+in.Order, looked.Account
		}
	})
	skipped, err := r.runStep(ctx, response)
	switch {
	case err != nil:
		return "", err
	case skipped:
		return "not done: skipped by an operator", nil
	case state.Gone:
		return "not done: the account no longer exists", nil
	}
	if s.Kind != identity.StepResetPassword {
		return outcome, nil
	}
	mail := api.Call.OneLoginInvite(api.InviteInput{
		AccountInput: in.AccountInput, OnceKey: "order/" + in.Order + "/invite", Email: looked.Account.Email,
	}, &api.AccountState{})
	skipped, err = r.runStep(ctx, step.Step{ID: "onelogin.invite:" + in.Order, Activity: mail, Summary: "mail the link to set a new password"})
	if skipped {
		outcome = "password reset; mailing the link was skipped by an operator"
	}
	return outcome, err
}

// respondBeside carries out the responses of a look while the run's own work goes on.
func (r *run) respondBeside(ctx workflow.Context, looked api.Assessment) {
	if r.responding {
		r.lookAfter = true
		return
	}
	r.responding = true
	workflow.GoNamed(ctx, "respond", func(ctx workflow.Context) {
		err := r.respond(ctx, looked)
		r.responding = false
		if err != nil && !temporal.IsCanceledError(err) {
			workflow.GetLogger(ctx).Info("a response was not carried out", "outcome", err)
			r.lookAfter = true
		}
	})
}
