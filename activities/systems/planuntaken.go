package systems

import (
	"context"
	"maps"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// noteUntaken keeps what HR's departure of somebody has decided to take in a system, and owes, for as long as it has not: whoever is hired
// anew before that starts from the rules all the same. What waits for room in a budget is not decided. A departure that owes nothing writes
// nothing down.
func (s *Systems) noteUntaken(ctx context.Context, a *api.Assessment, system string, plans []identity.SystemPlan) error {
	if !a.Person.Out() {
		return nil
	}
	for _, v := range a.Person.Systems {
		if v.System != system {
			continue
		}
		owes := slices.ContainsFunc(v.Owed, func(kind identity.SystemStepKind) bool { return takes(kind) != "" })
		for _, account := range v.Accounts {
			of := func(p identity.SystemPlan) bool { return p.Account == account.ID }
			var plan identity.SystemPlan
			if i := slices.IndexFunc(plans, of); i >= 0 {
				plan = plans[i]
			}
			known := account.Departure != nil && len(account.Departure.Untaken) > 0
			if plan.Observe || len(plan.Held) > 0 || !owes && !known {
				continue
			}
			if err := s.noteUntakenOf(ctx, a, identity.Ref{System: system, ID: account.ID}, account.Departure, plan); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Systems) noteUntakenOf(ctx context.Context, a *api.Assessment, ref identity.Ref, d *identity.SystemDeparture, plan identity.SystemPlan) error {
	names, known := map[identity.SystemObjectKind][]string{}, map[identity.SystemObjectKind][]string{}
	for _, step := range plan.Steps {
		if kind := takes(step.Kind); kind == identity.ObjectGroup || kind == identity.ObjectRole {
			names[kind] = slices.Sorted(slices.Values(step.Names))
		}
	}
	if d != nil {
		for kind, had := range d.Untaken {
			known[kind] = slices.Compact(slices.Sorted(slices.Values(had)))
		}
	}
	if maps.EqualFunc(names, known, slices.Equal[[]string]) {
		return nil
	}
	ids := map[identity.SystemObjectKind][]string{}
	for kind, of := range names {
		found, err := s.objectsOf(ctx, ref.System, kind, of)
		if err != nil {
			return err
		}
		ids[kind] = found
	}
	return s.Ledger.Systems().NoteUntaken(ctx, ref, ids, a.Key, a.Episode)
}
