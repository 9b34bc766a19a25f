package lifecycle

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// independent reports that nothing waits for a step that is refused. What is left of it must not keep anything else of a leaver from being
// taken. What somebody holds says nothing about what else they hold: who cannot be taken out of a group, because it must have a member
// and the next one is waiting like them, is put into the other one. Nor does a title or a place say what they may do. All that somebody
// has waits for the account itself, and for its being open.
func independent(ctx workflow.Context, a *systemAccount, s *systemStep) bool {
	since := func(change string) bool {
		return a.plan.Leaving || workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	}
	switch s.Kind {
	case identity.SystemRemoveGroups, identity.SystemAddGroups, identity.SystemRemoveRoles, identity.SystemAddRoles,
		identity.SystemReleaseLicences, identity.SystemAssignLicences:
		return since(step.ChangeRefusedAside)
	case identity.SystemWriteProfile, identity.SystemMove, identity.SystemEndReply, identity.SystemUndelegate:
		return since(step.ChangeProfileAside)
	default:
		return a.plan.Leaving
	}
}

// mayPass reports that the queue of an account does not wait for what goes on behind.
func mayPass(ctx workflow.Context, a *systemAccount) bool {
	if a.plan.Leaving || len(a.behind) == 0 {
		return true
	}
	return workflow.GetVersion(ctx, step.ChangeProfileAside, workflow.DefaultVersion, 1) != workflow.DefaultVersion &&
		!slices.ContainsFunc(a.behind, func(s *systemStep) bool { return !independent(ctx, a, s) })
}
