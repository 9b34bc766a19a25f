package lifecycle

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// endSessions ends the sessions of accounts of somebody who must be out, where somebody else had suspended the account
// and that is all there is to do. A hint cuts it short. Again asks for another assessment.
func (r *run) endSessions(ctx workflow.Context) (again bool, err error) {
	for _, account := range r.assessment.Suspended {
		c := r.further(account)
		if r.assessment.Account != nil && r.assessment.Account.ID == account.ID {
			c = r.primaryAccount()
		}
		if again, err := c.endItsSessions(ctx); err != nil || again {
			return again, err
		}
	}
	return false, nil
}

// logOut ends the sessions of an account that is suspended already.
func (c closing) logOut(out *api.AccountState) step.Step {
	s := c.named(step.Step{ID: "onelogin.log-out", Activity: api.Call.OneLoginEnsureLoggedOut(c.input(), out), Summary: "end its sessions"})
	return s.Noting(func(f *api.Fact) { f.Before, f.Cause = c.account, c.cause() })
}

func (c closing) endItsSessions(ctx workflow.Context) (again bool, err error) {
	for {
		began := workflow.Now(ctx)
		var out api.AccountState
		s := c.logOut(&out)
		err := c.unlessHinted(ctx, s)
		if err == nil {
			c.noteDone(ctx, s, began, nil)
			c.noteEnded(ctx, out)
			return false, nil
		}
		if ctx.Err() != nil {
			return false, err
		}
		if c.hints.arrived() {
			return true, nil
		}
		d, decided, err := c.parkUntil(ctx, step.Failed(s, err, api.VerbRetry, api.VerbSkip), step.ReassessAfter, c.hints.arrived)
		switch {
		case err != nil:
			return false, err
		case decided && d.Verb == api.VerbSkip:
			c.recordFact(ctx, api.Fact{
				Step: s.ID, Template: c.State.Template, Outcome: "skipped", Actor: d.By, Cause: d.Reason, Started: began, Finished: workflow.Now(ctx),
			}, s.Summary+": skipped by "+step.Named(d))
			return false, nil
		case !decided && c.hints.unanswered:
			return true, nil
		}
	}
}

// logOutFurther ends the sessions of further accounts that a search has found suspended, side by side.
func (r *run) logOutFurther(ctx workflow.Context, accounts []identity.Account) error {
	var branches []func(workflow.Context) error
	for _, a := range accounts {
		c := r.further(a)
		branches = append(branches, func(ctx workflow.Context) error {
			var out api.AccountState
			s := c.logOut(&out)
			skipped, err := c.runStepWith(step.ContainOptions(ctx, s, step.Patience), s)
			if err == nil && !skipped {
				c.noteEnded(ctx, out)
			}
			return err
		})
	}
	if len(branches) == 0 {
		return nil
	}
	return r.sideBySide(ctx, branches...)
}

// noteEnded keeps that the account was suspended already and that its sessions have ended by now.
func (c closing) noteEnded(ctx workflow.Context, now api.AccountState) {
	if !now.Gone {
		c.evidence.closed = append(c.evidence.closed, api.ContainedAccount{Ref: c.ref(), At: workflow.Now(ctx)})
	}
}
