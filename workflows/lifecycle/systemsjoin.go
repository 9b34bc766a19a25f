package lifecycle

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// holdInvitation has what comes before the invitation be tried for as long as that waits for it.
func (r *run) holdInvitation(ctx workflow.Context) {
	if !r.plan().Has(identity.StepInvite) {
		return
	}
	for _, a := range r.systems.accounts {
		if a.plan.Before && !a.plan.Observe && a.plan.Wait > 0 {
			a.until = workflow.Now(ctx).Add(a.plan.Wait)
		}
	}
}

// waitsFor are the accounts that an invitation waits for.
func (r *run) waitsFor(ctx workflow.Context) []*systemAccount {
	return slices.DeleteFunc(slices.Clone(r.systems.accounts), func(a *systemAccount) bool {
		ready := !a.passing && len(a.queue)+len(a.behind)+len(a.owed) == 0
		return ready || !a.until.After(workflow.Now(ctx))
	})
}

// untilReady waits with the invitation until the accounts that come before it are there, for as long as the policy lets it. Those that
// are not are named to IT, and the invitation goes out.
func (r *run) untilReady(ctx workflow.Context) error {
	waiting := r.waitsFor(ctx)
	for len(waiting) > 0 && !r.lookAfter {
		r.SetStatus(ctx, "Waiting with the invitation for accounts in other systems")
		until := waiting[0].until
		for _, a := range waiting {
			if a.until.Before(until) {
				until = a.until
			}
		}
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: until.Sub(workflow.Now(ctx)), TimerOptions: workflow.TimerOptions{Summary: "until the invitation goes out all the same"},
		}, func() bool { return r.lookAfter || len(r.waitsFor(ctx)) < len(waiting) }); err != nil {
			return err
		}
		waiting = r.waitsFor(ctx)
	}
	for _, a := range r.systems.accounts {
		if late := a.passing || len(a.queue)+len(a.behind)+len(a.owed) > 0; late && !a.until.IsZero() {
			r.systems.notReady = append(r.systems.notReady, a.plan.System)
		}
	}
	return nil
}

// followsElsewhere reports that something was to be done in other systems. What follows from that, and from what this run has done at
// OneLogin, takes another look: an account there that waited for OneLogin's, or a role that a rule gives by a group there.
func (r *run) followsElsewhere() bool {
	return slices.ContainsFunc(r.assessment.Systems, func(p identity.SystemPlan) bool { return !p.Observe && (p.Waits || len(p.Steps) > 0) })
}

// moveElsewhere begins what follows a move in other systems.
func (r *run) moveElsewhere(ctx workflow.Context) error {
	r.beginSystems(ctx, r.assessment, r.assessment.Systems, false)
	return nil
}

// carryBeforeDeletion has what is due of a departure in other systems be tried before OneLogin's account goes, and whatever needs a role
// of that account be done.
func (r *run) carryBeforeDeletion(ctx workflow.Context) error {
	r.beginSystems(ctx, r.assessment, leavingOnly(r.assessment.Systems), true)
	handsOver := func(a *systemAccount) bool { return a.handingOver && a.has(identity.SystemTransfer) }
	if !r.systems.passing() && !slices.ContainsFunc(r.systems.accounts, handsOver) {
		return nil
	}
	return workflow.Await(ctx, func() bool { return !r.systems.passing() && !slices.ContainsFunc(r.systems.accounts, handsOver) })
}

// changes are what somebody has got and lost in other systems, as they may read it. A profile is no news.
func (s *systems) changes() []api.Line {
	var lines []api.Line
	for _, a := range s.accounts {
		for _, each := range a.done {
			label := ""
			switch each.Kind {
			case identity.SystemAddGroups, identity.SystemAddRoles, identity.SystemAssignLicences:
				label = "New in " + a.plan.System
			case identity.SystemRemoveGroups, identity.SystemRemoveRoles, identity.SystemReleaseLicences:
				label = "Ended in " + a.plan.System
			case identity.SystemCreate, identity.SystemResume, identity.SystemWriteProfile, identity.SystemMove, identity.SystemSuspend,
				identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote,
				identity.SystemAutoReply, identity.SystemDelegate, identity.SystemTransfer, identity.SystemEndReply, identity.SystemUndelegate:
				continue
			}
			lines = append(lines, api.Line{Label: label, Value: strings.Join(each.Names, ", ")})
		}
	}
	return lines
}
