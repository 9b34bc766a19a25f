package lifecycle

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// untilCarried waits until each step that a template has begun was tried.
func (r *run) untilCarried(ctx workflow.Context) error {
	if !r.systems.passing() {
		return nil
	}
	r.SetStatus(ctx, "Carrying out what is due in other systems")
	return workflow.Await(ctx, func() bool { return !r.systems.passing() || r.lookAfter })
}

// untilSystemsDone waits until a leaver's accounts are closed everywhere, for as long as it takes.
func (r *run) untilSystemsDone(ctx workflow.Context) error {
	if !r.systems.open() {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	r.SetStatus(ctx, "Access has ended in OneLogin; other systems are not done yet")
	return workflow.Await(ctx, func() bool {
		return !r.systems.open() || r.lookAfter || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	})
}

// haltSystems stops what goes on in other systems and waits for nothing: sign-in ends first. What was to give something may land after
// the departure was assessed: the offboarding assesses once more.
func (r *run) haltSystems() {
	if r.systems.stop == nil {
		return
	}
	gives := func(a *systemAccount) bool { return !a.plan.Leaving && (a.now != nil || len(a.behind) > 0) }
	r.hints.unanswered = r.hints.unanswered || slices.ContainsFunc(r.systems.accounts, gives)
	r.systems.stop()
}

// hushSystems stops what goes on in other systems and waits for steps under way: the next run begins those again that are not
// done.
func (r *run) hushSystems(ctx workflow.Context) error {
	if r.systems.stop == nil {
		return nil
	}
	for _, a := range r.systems.accounts {
		if a.reading {
			r.systems.unread = append(r.systems.unread, a.ref)
		}
	}
	r.systems.stop()
	return workflow.Await(ctx, func() bool { return r.systems.alive == 0 })
}

// takeSystems takes over what an assessment, made while a template is at work, wants done in other systems. A departure goes on with
// it; anything else is looked at when the work is done.
func (r *run) takeSystems(ctx workflow.Context, now api.Assessment, leaving bool) {
	if leaving {
		r.dropNotices(now.Systems)
		for _, plan := range leavingOnly(now.Systems) {
			r.assessment.Systems = withPlan(r.assessment.Systems, plan)
		}
		r.beginSystems(ctx, now, leavingOnly(now.Systems), true)
		if r.systems.unallowed(leavingOnly(now.Systems)) {
			r.hints.unanswered, r.lookAfter = true, true // Person asks about it.
		}
		return
	}
	known := map[string]bool{}
	for _, plan := range r.assessment.Systems {
		for _, s := range plan.Steps {
			known[digestOf(plan, s)] = true
		}
	}
	for _, plan := range now.Systems {
		for _, s := range plan.Steps {
			digest := digestOf(plan, s)
			if !plan.Observe && !known[digest] && r.systems.triedBefore(digest) == nil {
				r.lookAfter = true
			}
		}
	}
}

// withPlan adds to plans what another assessment wants, so that the next run of the chain knows of it. Steps of before stay: what became of
// them is known by what they say.
func withPlan(plans []identity.SystemPlan, plan identity.SystemPlan) []identity.SystemPlan {
	plans = slices.Clone(plans)
	for i, was := range plans {
		if was.System != plan.System || was.Account != plan.Account {
			continue
		}
		known := map[string]bool{}
		for _, s := range was.Steps {
			known[digestOf(was, s)] = true
		}
		steps := slices.Clone(was.Steps)
		for _, s := range plan.Steps {
			if !known[digestOf(plan, s)] {
				steps = append(steps, s)
			}
		}
		plans[i] = plan
		plans[i].Steps = steps
		return plans
	}
	return append(plans, plan)
}
