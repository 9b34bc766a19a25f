package lifecycle

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// beforeOpening restricts an account and takes what is denied before it is opened, so that nobody is in for a moment without the one
// or with the other.
func (r *run) beforeOpening(ctx workflow.Context, looked api.Assessment, account api.AccountInput) error {
	if group, restricted := looked.Plan.Step(identity.StepSetGroup); restricted {
		move := api.Call.OneLoginEnsureProfile(api.EnsureProfileInput{AccountInput: account, Group: group.Names[0]}, &api.AccountState{})
		s := step.Step{ID: "onelogin.restrict", Activity: move, Summary: "move the account to the group of the restriction"}
		if _, err := r.runStep(ctx, s); err != nil {
			return err
		}
	}
	remove, denied := looked.Plan.Step(identity.StepRemoveRoles)
	if !denied {
		return nil
	}
	take := api.Call.OneLoginEnsureRoles(removing(api.RolesInput{AccountInput: account}, looked, remove), &api.AccountState{})
	s := step.Step{ID: "onelogin.deny", Activity: take, Summary: "take the roles that an order denies"}
	_, err := r.runStep(ctx, s.Noting(because(remove)))
	return err
}

// removing adds to a change of roles those that a plan takes.
func removing(in api.RolesInput, looked api.Assessment, remove identity.Step) api.RolesInput {
	in.Remove, in.Ended = remove.Names, remove.Orders
	if in.Denies = remove.Denies; len(in.Denies) > 0 {
		in.At = looked.Person.AsOf
	}
	return in
}

// because notes in the evidence of a step which deny orders it carries out.
func because(remove identity.Step) func(*api.Fact) {
	return func(f *api.Fact) {
		if len(remove.Denies) > 0 {
			f.Cause = "order " + strings.Join(remove.Denies, ", ")
		}
	}
}
