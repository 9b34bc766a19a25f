package lifecycle

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// askProtected asks about an account of a leaver that came back as one that the policy protects: nobody but people may
// write to it. The search, which every read-back makes of the others, says what there is to decide.
func (c closing) askProtected(ctx workflow.Context, round string) error {
	if slices.ContainsFunc(c.in.Doubts, func(open api.Doubt) bool { return open.Account.ID == c.account.ID }) {
		return nil
	}
	in := c.searchInput()
	ref := c.ref()
	in.Except = slices.DeleteFunc(in.Except, func(other identity.Ref) bool { return other == ref })
	var found api.Found
	search := api.Call.PersonSearch(in, &found)
	s := c.named(step.Step{ID: "person.search" + round + ":protected", Activity: search, Summary: "find out what protects an account that came back"})
	skipped, err := c.runStep(ctx, s)
	if step.IsSuperseded(err) {
		c.lookAfter = true
		return nil
	}
	if err != nil || skipped {
		return err
	}
	c.raise(ctx, found.Doubts)
	return nil
}

// lifted takes over that the protection of an account was lifted that this run deals with already, and reports whether it is
// such a one.
func (r *run) lifted(d api.Doubt) (known bool) {
	if !r.persists() || r.State.Template != api.TypeOffboarding {
		return false
	}
	if own := r.assessment.Account; own != nil && own.ID == d.Account.ID {
		own.Lifted, known = true, true
	}
	for i := range r.in.Others {
		if r.in.Others[i].ID == d.Account.ID {
			r.in.Others[i].Lifted, known = true, true
		}
	}
	return known
}

// closeAgain ends an account of this run once more, now that it may be written to.
func (r *run) closeAgain(ctx workflow.Context, d api.Doubt) error {
	c := r.primaryAccount()
	if c.account == nil || c.account.ID != d.Account.ID {
		c = r.further(d.Account)
	}
	now := d.Account
	now.Lifted = true
	c.account = &now
	return r.closeDecided(ctx, c)
}
