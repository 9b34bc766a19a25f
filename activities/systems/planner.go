package systems

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
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
	return s.Ledger.Systems().Views(ctx, key, episode, managerKey, names, pol.Compared()...)
}

// Plan adds to an assessment what has to be done in the systems beside OneLogin. What there is no room for in a budget, and what
// follows from a plan that is held itself, waits. A dry look draws on no budget and writes nothing down.
func (s *Systems) Plan(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order, dry bool) error {
	all := pol.Systems()
	if len(all) == 0 && !dry {
		return s.giveUp(ctx) // Nothing is read any more that would do it.
	}
	if len(all) == 0 {
		return nil
	}
	plan, views, names := a.Plan, slices.Clone(a.Person.Systems), []string(nil)
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
	for i := range views {
		views[i].Held = slices.Contains(waiting, heldAs(a.Key, views[i].System, budgeting.Contain))
	}
	in := policy.SystemsInput{Person: a.Person, OneLogin: a.Account, Plan: plan, Orders: orders, Views: views}
	plans := withoutMissing(a, pol.PlanSystems(in))
	if !dry {
		for _, p := range plans {
			if err := s.Ledger.Systems().NoteAgreed(ctx, p.Ref(), p.Agreed); err != nil {
				return err
			}
		}
	}
	for _, sys := range all {
		theirs := slices.DeleteFunc(slices.Clone(plans), func(p identity.SystemPlan) bool { return p.System != sys.Name || empty(p) })
		for i := range theirs {
			mode := modeOf(pol, a, theirs[i])
			theirs[i].Observe = theirs[i].Observe || mode == policy.ModeObserve
			theirs[i].Asks = mode == policy.ModeApprove
		}
		if err := s.admit(ctx, pol, a, sys, theirs, waiting, dry); err != nil {
			return err
		}
		a.Systems = append(a.Systems, theirs...)
	}
	if dry {
		return nil
	}
	return s.noteDecided(ctx, a, pol.DecideSystems(in))
}

// modeOf is how far the template may go which a plan belongs to: what it does not do at OneLogin, or asks about, is done nowhere else, or
// asked about. What a named person has ordered is carried out in every mode.
func modeOf(pol *policy.Policy, a *api.Assessment, p identity.SystemPlan) policy.Mode {
	modes := pol.Modes()
	switch {
	case p.Leaving && (a.Order != nil || outcome.Lifted(a)):
		return policy.ModeEnforce
	case p.Leaving && a.Person.Standing == identity.StandingRescinded:
		return modes.Onboarding // What it made, it undoes.
	case p.Leaving:
		return modes.Offboarding
	case p.Has(identity.SystemCreate) || p.Has(identity.SystemResume) || p.Has(identity.SystemEndReply) || p.Has(identity.SystemUndelegate):
		return modes.Onboarding
	}
	return modes.RoleChange
}

// empty reports that a plan has nothing to do and nothing to say.
func empty(p identity.SystemPlan) bool {
	return len(p.Steps)+len(p.Held)+len(p.Carried)+len(p.Notices) == 0 && p.Due.IsZero() && !p.Waits
}

// AskOwners tells of accounts that are no person's and that somebody looked after who has left, and of mailboxes that were handed over to
// them. It implements people.Systems.
func (s *Systems) AskOwners(ctx context.Context, pol *policy.Policy, leaver string) error {
	for _, sys := range pol.Systems() {
		if err := s.askOwners(ctx, sys.Name, leaver); err != nil {
			return err
		}
		if err := s.askHeirs(ctx, sys.Name, leaver); err != nil {
			return err
		}
	}
	return nil
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
	if err := s.noteWaiting(ctx, a, sys.Name, plans); err != nil {
		return err
	}
	if err := s.noteReturned(ctx, a, sys.Name); err != nil {
		return err
	}
	for i := range plans {
		if err := s.noteTaking(ctx, a, plans[i]); err != nil {
			return err
		}
	}
	if err := s.noteUntaken(ctx, a, sys.Name, plans); err != nil {
		return err
	}
	if err := s.noteOpened(ctx, a, sys.Name); err != nil {
		return err
	}
	return s.forgive(ctx, a, sys, plans)
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
	if p.Observe || p.Leaving || account == nil {
		return nil // A departure takes what there is, whatever was decided before.
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

// out reports that somebody must be out now, by an order or by HR.
func out(a *api.Assessment) bool { return a.Order != nil || a.Person.Out() }

// noteOpened takes back the mark of a suspension of ours that somebody else has lifted: the next one is theirs.
func (s *Systems) noteOpened(ctx context.Context, a *api.Assessment, system string) error {
	for _, v := range a.Person.Systems {
		for _, account := range v.Accounts {
			opened := account.SuspendedByUs && account.Document.Status == identity.AccountActive
			if v.System != system || !opened || !a.Person.Belongs() || a.Order != nil {
				continue
			}
			ref := identity.Ref{System: system, ID: account.ID}
			if err := s.Ledger.Inventory().MarkSuspended(ctx, ref, a.Key, false, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteReturned keeps that somebody has access again: the next departure has all of it to do anew, and what a withdrawn one took is given
// back, however long that takes.
func (s *Systems) noteReturned(ctx context.Context, a *api.Assessment, system string) error {
	if !a.Person.Belongs() || a.Order != nil {
		return nil
	}
	for _, v := range a.Person.Systems {
		for _, account := range v.Accounts {
			ref := identity.Ref{System: system, ID: account.ID}
			if v.System != system {
				continue
			}
			if len(account.Done) > 0 || account.HandingOver {
				if err := s.Ledger.Systems().NoteOver(ctx, ref, a.Key, a.Episode); err != nil {
					return err
				}
			}
			d := account.Departure
			took := d != nil && (len(d.Took) > 0 || d.Place != "" && !d.PlaceBack || len(d.Untaken) > 0)
			if !a.Person.Withdrawn || !took && !account.GivenBefore {
				continue
			}
			if err := s.Ledger.Systems().NoteWithdrawn(ctx, ref, a.Key, a.Episode); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgive strikes what somebody owes in a system and what is not wanted any more. What is known of a system that was not read for long
// says nothing about what is wanted there of somebody who stays. What a departure owes stays while nobody knows where they stand.
func (s *Systems) forgive(ctx context.Context, a *api.Assessment, sys policysystem.System, plans []identity.SystemPlan) error {
	i := slices.IndexFunc(a.Person.Systems, func(v identity.SystemView) bool { return v.System == sys.Name })
	if i < 0 || len(a.Person.Systems[i].Owed) == 0 {
		return nil
	}
	owed, err := s.Ledger.Systems().DebtsOf(ctx, a.Key)
	if err != nil {
		return err
	}
	leaving := out(a) || slices.ContainsFunc(plans, func(p identity.SystemPlan) bool { return p.Leaving })
	certain := leaving || sys.Fresh(a.Person.Systems[i], a.Person.AsOf) && a.Plan.Verdict != identity.VerdictAttention
	unknown, struck := a.Person.Standing == identity.StandingUnknown && !leaving, false
	for _, d := range owed {
		if d.System != sys.Name || d.Leaving && unknown || d.Leaving == leaving && (!certain || wants(plans, d.Account, d.Step)) {
			continue
		}
		if err := s.Ledger.Systems().Settle(ctx, d.Key, d.System, d.Account, d.Step); err != nil {
			return err
		}
		struck = true
	}
	if !struck {
		return nil
	}
	return s.tellDebts(ctx, sys.Name)
}

// wants reports that a kind of step about an account is planned, now or when there is room for it.
func wants(plans []identity.SystemPlan, account string, kind identity.SystemStepKind) bool {
	return slices.ContainsFunc(plans, func(p identity.SystemPlan) bool {
		return (p.Account == account || account == "") && slices.ContainsFunc(slices.Concat(p.Steps, p.Held), func(s identity.SystemStep) bool { return s.Kind == kind })
	})
}
