package lifecycle

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// deleteAccounts deletes what somebody still has who left long ago. It ends the run: the comparison of people with their accounts
// comes back to what is left. A hint that turns out to speak against it stops what has not been done yet, a question included.
func (r *run) deleteAccounts(ctx workflow.Context) (api.Outcome, bool, error) {
	r.SetStatus(ctx, "Deleting the accounts of somebody who left long ago")
	looked := r.assessment
	overtaken, err := r.runInterruptible(ctx, func(ctx workflow.Context) error {
		if err := r.carryBeforeDeletion(ctx); err != nil {
			return err
		}
		for _, account := range looked.Delete {
			if err := r.deleteAccount(ctx, account); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case step.IsSuperseded(err):
		return api.Outcome{}, false, r.reconsider(ctx)
	case err != nil:
		return api.Outcome{}, false, err
	case overtaken:
		return api.Outcome{}, false, r.continueInterrupted(ctx)
	}
	return r.rest(ctx, "accounts deleted")
}

// deleteAccount deletes one account. One that an operator skips is left.
func (r *run) deleteAccount(ctx workflow.Context, account identity.Account) error {
	remove := api.Call.OneLoginDeleteLeaver(api.AccountInput{Key: r.in.Key, AccountID: account.ID}, &api.AccountState{})
	s := step.Step{ID: "onelogin.delete@" + identity.OneLoginRef(account.ID).String(), Activity: remove, Summary: "delete the account"}
	_, err := r.runStep(ctx, s.Noting(func(f *api.Fact) { f.Before, f.Cause = &account, r.plan().Reason }))
	return err
}
