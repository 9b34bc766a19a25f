package hrsync

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/reading"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/roster"
)

// admitJoins draws the people who are new at a poll on the budget for joins: all who are new to it, or none of them. Those who
// do not fit are kept back, so that the next reading finds them again: nothing is made for them, and nobody is invited.
func (h *Holds) admitJoins(ctx context.Context, in api.BatchInput) (held int, err error) {
	ids, err := h.newcomers(ctx, in)
	if err != nil {
		return 0, err
	}
	batch := budgets.HeldBatch{Source: in.Source, Kind: api.HoldJoin, Budget: budgeting.OfSource(budgeting.Join, in.Source)}
	if batch, err = h.drawBatch(ctx, batch, sortedKeys(ids), "sync"); err != nil {
		return 0, err
	}
	var back []string
	for _, key := range batch.Keys {
		back = append(back, ids[key]...)
	}
	waiting, err := h.waitingJoins(ctx, in, ids)
	if err != nil {
		return 0, err
	}
	batch.Keys = append(batch.Keys, waiting...)
	return len(batch.Keys), h.keepBack(ctx, in, batch, back)
}

// newcomers are the employee ids of those who are new at a poll and work here or are about to, by what the budget counts them
// under.
func (h *Holds) newcomers(ctx context.Context, in api.BatchInput) (map[string][]string, error) {
	staged, err := h.Sync.Ledger.Roster().StagedOf(ctx, in.Batch, reading.KindNew)
	if err != nil {
		return nil, err
	}
	ids := map[string][]string{}
	for _, c := range staged {
		if !c.Active {
			continue
		}
		key, episode, err := h.Sync.personOf(ctx, c)
		if err != nil {
			return nil, err
		}
		join := budgeting.Key(budgeting.Join, key, episode, "")
		ids[join] = append(ids[join], c.EmployeeID)
	}
	return ids, nil
}

// waitingJoins are those whom a hold keeps back already and of whom this reading says nothing: their record could not be read,
// or it is not new and their own run has asked. Whose record is gone is not among them.
func (h *Holds) waitingJoins(ctx context.Context, in api.BatchInput, staged map[string][]string) ([]string, error) {
	l := h.Sync.Ledger
	all, err := l.Budgets().HeldKeys(ctx, in.Source, api.HoldJoin)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(key string) bool { return len(staged[key]) > 0 })
	if len(all) == 0 {
		return nil, nil
	}
	state, err := l.Roster().Source(ctx, in.Source)
	if err != nil || !state.QuarantinedAt.IsZero() {
		return all, err // What a reading leaves out that is quarantined is not gone.
	}
	rows, err := l.Roster().Rows(ctx, in.Source)
	if err != nil {
		return nil, err
	}
	aside, err := l.Roster().Findings(ctx, in.Source, roster.FindingSetAside)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for id := range rows {
		there[id] = true
	}
	for _, f := range aside {
		there[f.Subject] = true
	}
	return slices.DeleteFunc(all, func(key string) bool {
		person, _ := splitBudgetKey(key)
		source, id, err := identity.SplitKey(person)
		return err == nil && source == in.Source && !there[id]
	}), nil
}

// countDeletions draws the hires who do not come any more on the budget for deletions, all who are new to it or none of them.
// They are hinted all the same: what their runs find refused waits, and whatever else there is to end is ended.
func (h *Holds) countDeletions(ctx context.Context, in api.BatchInput) (held int, err error) {
	l, budget := h.Sync.Ledger, budgeting.OfSource(budgeting.Delete, in.Source)
	staged, err := l.Roster().StagedOf(ctx, in.Batch, reading.KindRescinded)
	if err != nil {
		return 0, err
	}
	var keys []string
	for _, c := range staged {
		key, err := h.Sync.budgetKeyOf(ctx, c)
		if err != nil {
			return 0, err
		}
		keys = append(keys, key)
	}
	fresh, refused, err := h.ungranted(ctx, budget, keys)
	if err != nil {
		return 0, err
	}
	var room budgets.Held
	if len(fresh) > 0 {
		if room, err = h.draw(ctx, budgeting.Delete, in.Source, fresh, false, "sync"); err != nil {
			return 0, err
		}
		if !room.Granted {
			refused = append(refused, fresh...)
		}
	}
	tell := false
	for _, key := range refused {
		person, _ := splitBudgetKey(key)
		changed, err := l.Budgets().HoldBack(ctx, budgets.HeldBack{
			Source: in.Source, Kind: api.HoldDelete, Person: person, Keys: []budgets.Key{{Budget: budget, Key: key}},
			Used: room.Used, Allowed: room.Allowed,
		})
		if err != nil {
			return 0, err
		}
		tell = tell || changed
	}
	if tell {
		err = h.Sync.Launch.Hold(ctx, api.HoldRef{Source: in.Source, Kind: api.HoldDelete}, api.HoldGrown)
	}
	return len(refused), err
}

// personOf is whom a staged change is about, and in which episode they work here.
func (s *Sync) personOf(ctx context.Context, c roster.StagedChange) (key string, episode int, err error) {
	key, found, err := s.Ledger.People().Resolve(ctx, c.Source, c.EmployeeID)
	if err != nil || !found {
		return c.PersonKey, 1, err
	}
	d, _, err := s.Ledger.Dossier(ctx, key)
	if err != nil {
		return "", 0, err
	}
	if d.Person.Employed && d.Person.Episode > 0 {
		return key, d.Person.Episode, nil
	}
	return key, d.Person.Episode + 1, nil
}
