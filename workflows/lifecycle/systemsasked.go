package lifecycle

import (
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// allowedOf is a plan without the steps that somebody has yet to allow.
func (s *systems) allowedOf(plan identity.SystemPlan) identity.SystemPlan {
	if !plan.Asks {
		return plan
	}
	plan.Steps = slices.DeleteFunc(slices.Clone(plan.Steps), func(each identity.SystemStep) bool { return !s.allows(plan, each) })
	if len(plan.Steps) == 0 {
		plan.Carried = nil
	}
	return plan
}

func (s *systems) allows(plan identity.SystemPlan, each identity.SystemStep) bool {
	return !plan.Asks || slices.Contains(s.allowed, digestOf(plan, each))
}

// unallowed reports that plans have steps that somebody has yet to allow.
func (s *systems) unallowed(plans []identity.SystemPlan) bool {
	return slices.ContainsFunc(plans, func(p identity.SystemPlan) bool {
		return !p.Observe && slices.ContainsFunc(p.Steps, func(each identity.SystemStep) bool { return !s.allows(p, each) })
	})
}

// allow takes somebody's word over for the steps of plans.
func (s *systems) allow(plans []identity.SystemPlan) {
	for _, p := range plans {
		for _, each := range p.Steps {
			if p.Asks && !s.allows(p, each) {
				s.allowed = append(s.allowed, digestOf(p, each))
			}
		}
	}
}

// wordsOfSystems are the steps of plans as whoever allows them reads them: what is taken and given by name, and no value.
func wordsOfSystems(plans []identity.SystemPlan) (words []string) {
	for _, p := range plans {
		a := &systemAccount{plan: p, ref: p.Ref()}
		for _, each := range p.Steps {
			if p.Observe {
				break
			}
			what := slices.Clone(each.Names)
			for _, change := range each.Changes {
				what = append(what, change.Attribute)
			}
			line := systemWords(a, &systemStep{SystemStep: each})
			if len(what) > 0 {
				line += ": " + strings.Join(what, ", ")
			}
			words = append(words, line)
		}
	}
	return words
}

// askSystems asks about what is due in other systems only, where a template asks before it acts. Again asks for another assessment.
func (r *run) askSystems(ctx workflow.Context) (again bool, err error) {
	hash := r.assessment.PlanHash
	if !r.systems.unallowed(r.assessment.Systems) || r.systems.rejected == hash {
		return false, nil
	}
	defer r.keepDeadline(ctx, "the template asks before it acts, and nobody has answered")()
	within := step.ReassessAfter
	if due := r.due(ctx); !due.IsZero() {
		within = min(within, max(due.Sub(workflow.Now(ctx)), time.Second))
	}
	d, decided, err := r.parkUntil(ctx, api.Attention{
		Step: "approve", Code: "approval_needed", Text: "This template asks before it acts. Planned: changes in systems beside OneLogin",
		Options: []string{api.VerbAllow, api.VerbReject}, PlanHash: hash, Plan: wordsOfSystems(r.assessment.Systems),
	}, within, r.hints.arrived)
	if err != nil || !decided {
		return true, err
	}
	r.recordFact(ctx, api.Fact{
		Step: "approve", Template: r.State.Template, Outcome: d.Verb, Actor: d.By, Cause: d.Reason, After: r.assessment.Systems,
		Finished: workflow.Now(ctx),
	}, d.Verb+" by "+step.Named(d))
	if d.Verb != api.VerbAllow {
		r.systems.rejected = hash
		return false, nil
	}
	r.systems.allow(r.assessment.Systems)
	return true, nil
}
