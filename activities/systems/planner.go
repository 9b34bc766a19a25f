package systems

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/policy"
	policysystem "gatehouse/policy/system"
)

// Views returns what is known of a person in every system of the policy. Nothing is read for it where the policy has none.
func (s *Systems) Views(ctx context.Context, pol *policy.Policy, key string, episode int, managerKey string) ([]identity.SystemView, error) {
	var names []string
	for _, sys := range pol.Systems() {
		names = append(names, sys.Name)
	}
	if len(names) == 0 {
		return nil, nil
	}
	return s.Ledger.Systems().Views(ctx, key, episode, managerKey, names)
}

// Plan adds to an assessment what has to be done in the systems beside OneLogin. What there is no room for in a budget, and what
// follows from a plan that is held itself, waits. A dry look draws on no budget and writes nothing down.
func (s *Systems) Plan(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order, dry bool) error {
	all := pol.Systems()
	if len(all) == 0 {
		return nil
	}
	plan, names := a.Plan, []string(nil)
	if len(a.Held) > 0 {
		plan.Steps = a.Held
	}
	for _, sys := range all {
		for _, name := range apart {
			names = append(names, heldAs(a.Key, sys.Name, name))
		}
	}
	waiting, err := s.Ledger.Budgets().HeldAs(ctx, names)
	if err != nil {
		return err
	}
	plans := pol.PlanSystems(policy.SystemsInput{Person: a.Person, OneLogin: a.Account, Plan: plan, Orders: orders, Views: a.Person.Systems})
	for _, sys := range all {
		theirs := slices.DeleteFunc(slices.Clone(plans), func(p identity.SystemPlan) bool { return p.System != sys.Name || empty(p) })
		for i := range theirs {
			theirs[i].Observe = theirs[i].Observe || onlyObserved(pol, a, theirs[i])
		}
		if err := s.admit(ctx, pol, a, sys, theirs, waiting, dry); err != nil {
			return err
		}
		a.Systems = append(a.Systems, theirs...)
	}
	return nil
}

// onlyObserved reports that the template which a plan belongs to only observes: what it does not do at OneLogin is done nowhere. What a
// named person has ordered is carried out in every mode.
func onlyObserved(pol *policy.Policy, a *api.Assessment, p identity.SystemPlan) bool {
	modes := pol.Modes()
	switch {
	case p.Leaving:
		return modes.Offboarding == policy.ModeObserve && a.Order == nil && !outcome.Lifted(a)
	case p.Has(identity.SystemCreate) || p.Has(identity.SystemResume):
		return modes.Onboarding == policy.ModeObserve
	}
	return modes.RoleChange == policy.ModeObserve
}

// empty reports that a plan has nothing to do and nothing to say.
func empty(p identity.SystemPlan) bool {
	return len(p.Steps)+len(p.Held)+len(p.Carried)+len(p.Notices) == 0 && p.Due.IsZero()
}

// admit lets what is planned in one system through, as far as its budgets have room.
func (s *Systems) admit(ctx context.Context, pol *policy.Policy, a *api.Assessment, sys policysystem.System, plans []identity.SystemPlan, waiting []string, dry bool) error {
	if len(a.Held) > 0 {
		for i := range plans {
			hold(&plans[i], func(identity.SystemStep) bool { return true })
		}
		return nil
	}
	if dry {
		return nil
	}
	if err := s.draw(ctx, pol, a, sys, plans, waiting); err != nil {
		return err
	}
	for i := range plans {
		if err := s.noteTaking(ctx, a, plans[i]); err != nil {
			return err
		}
	}
	return nil
}

// hold moves the steps of a plan that wait.
func hold(p *identity.SystemPlan, waits func(identity.SystemStep) bool) {
	for _, step := range p.Steps {
		if waits(step) {
			p.Held = append(p.Held, step)
		}
	}
	p.Steps = slices.DeleteFunc(slices.Clone(p.Steps), waits)
}

// takes is the kind of object that a step takes away, "" if it takes none.
func takes(kind identity.SystemStepKind) identity.SystemObjectKind {
	switch kind {
	case identity.SystemRemoveGroups:
		return identity.ObjectGroup
	case identity.SystemRemoveRoles:
		return identity.ObjectRole
	case identity.SystemReleaseLicences:
		return identity.ObjectLicence
	default:
		return ""
	}
}

// noteTaking keeps what a plan has decided to take: it is taken in the end, however the person's position changes before it is.
func (s *Systems) noteTaking(ctx context.Context, a *api.Assessment, p identity.SystemPlan) error {
	account := accountIn(a, p)
	if p.Observe || account == nil {
		return nil
	}
	for _, step := range p.Steps {
		kind := takes(step.Kind)
		known := func(name string) bool { return slices.Contains(account.Taking[kind], name) }
		if kind == "" || !slices.ContainsFunc(step.Names, func(name string) bool { return !known(name) }) {
			continue
		}
		ids, err := s.objectsOf(ctx, p.System, kind, step.Names)
		if err == nil {
			err = s.Ledger.Systems().NoteTaking(ctx, p.Ref(), kind, ids)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
