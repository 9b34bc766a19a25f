package lifecycle

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// closeReopened has accounts read back that this run has read back as closed and that a look finds open, while its work or a
// read-back of others goes on: those may wait for a person or a vendor. Taken is false if the look found no such account.
func (r *run) closeReopened(ctx workflow.Context, now api.Assessment) (taken bool) {
	open := r.reopened(now)
	if len(open) == 0 || workflow.GetVersion(ctx, step.ChangeReopenedMeanwhile, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return false
	}
	round := ":" + workflow.Now(ctx).UTC().Format(roundOf)
	for _, c := range open {
		delete(r.readBacks.confirmed, c.ref())
		r.readBacks.reopened++
		workflow.GoNamed(ctx, "read back "+c.ref().String(), func(ctx workflow.Context) {
			defer func() { r.readBacks.reopened-- }()
			if err := c.closeAgainInTime(ctx, round); err != nil && !temporal.IsCanceledError(err) {
				workflow.GetLogger(ctx).Info("an account that was open again was not read back", "outcome", err)
				r.lookAfter = true
			}
		})
	}
	return true
}

// closeAgainInTime reads an account back at once, or later if access keeps returning to it.
func (c closing) closeAgainInTime(ctx workflow.Context, round string) error {
	if c.keepsReturning() {
		if err := workflow.Sleep(ctx, backOff(c.mostReturns()-1)); err != nil {
			return err
		}
	}
	return c.readBack(ctx, round)
}

// reopened are those accounts that a look finds open and that were read back as closed in this run's work or read-back. The watch
// itself looks after them between two read-backs.
func (r *run) reopened(now api.Assessment) (open []closing) {
	if !r.persists() || r.readBacks.watching && !r.readBacks.checking {
		return nil
	}
	seen := map[identity.Ref]bool{}
	if now.Account != nil {
		seen[identity.OneLoginRef(now.Account.ID)] = true
	}
	for _, a := range now.Others {
		seen[identity.OneLoginRef(a.ID)] = true
	}
	for _, c := range r.closings() {
		if seen[c.ref()] && r.readBacks.confirmed[c.ref()] {
			open = append(open, c)
		}
	}
	return open
}

// untilClosedAgain waits until no account is being read back because a look found it open.
func (r *run) untilClosedAgain(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return r.readBacks.reopened == 0 })
}
