package workflows

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/identity"
)

// RoleChange brings an active account in line with the person's new position: profile and group in one write, then the
// managed roles that no longer apply out and the new ones in.
func RoleChange(ctx workflow.Context, in ChainInput) (Outcome, error) {
	r, err := open(ctx, TypeRoleChange, in)
	if err != nil {
		return Outcome{}, err
	}
	if err := r.mark(ctx, StageWorking); err != nil {
		return Outcome{}, err
	}
	overtaken, err := r.attend(ctx, func(ctx workflow.Context) error {
		if err := r.prepareAccount(ctx); err != nil {
			return err
		}
		if err := r.giveRoles(ctx); err != nil {
			return err
		}
		return r.verifyJoiner(ctx)
	})
	switch {
	case err != nil && isSuperseded(err):
		return Outcome{}, r.reconsider(ctx)
	case err != nil:
		return r.end(ctx, err)
	case overtaken:
		return Outcome{}, r.passOn(ctx)
	case r.lookAfter || !r.plan().Due.IsZero():
		return Outcome{}, r.handBack(ctx)
	}
	return r.finish(ctx, "access follows the new position")
}

// template is the workflow type that carries a verdict out.
func template(v identity.Verdict) string {
	switch v {
	case identity.VerdictJoin, identity.VerdictUndo:
		return TypeOnboarding
	case identity.VerdictChange:
		return TypeRoleChange
	case identity.VerdictLeave:
		return TypeOffboarding
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention, identity.VerdictSuspend,
		identity.VerdictLift, identity.VerdictRespond:
	}
	return TypePerson
}
