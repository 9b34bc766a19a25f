package hrsync

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/ledger/budgets"
)

// allowedWords is what the evidence says of somebody on a list that was allowed.
func allowedWords(kind string, people int) string {
	if kind == kindPolicy {
		return fmt.Sprintf("allowed: what the policy calls for, one of %d", people)
	}
	return fmt.Sprintf("let through beyond the safety budget, one of %d", people)
}

// allowPolicy takes the room for a policy's batch that a person has allowed, whatever the budgets say. Current is false where
// the batch is of another policy than the one in force.
func (h *Holds) allowPolicy(ctx context.Context, in api.HoldDecision, keys []string) (current bool, err error) {
	l, pol := h.Sync.Ledger, h.Sync.Policy()
	budget := policyBudget(in.Source, pol.Hash())
	granted, held, err := l.Budgets().HeldAmong(ctx, budget, keys)
	if err != nil || len(granted)+len(held) < len(keys) {
		return false, err
	}
	if err := h.makeRoom(ctx, in, keys); err != nil {
		return false, err
	}
	_, err = l.Budgets().Reserve(ctx, budgets.Reservation{Budget: budget, Keys: keys, Override: true, By: in.By, Window: pol.Safety().Window})
	return true, err
}

// policyBudget is what a batch of one policy is counted in.
func policyBudget(source, hash string) string {
	return budgeting.OfSource(budgetPolicy, source) + "/" + hash
}

// makeRoom counts what was allowed in the budgets that carrying it out draws on, so that these hold nobody of the list.
func (h *Holds) makeRoom(ctx context.Context, in api.HoldDecision, keys []string) error {
	gaps, err := h.Sync.Ledger.Worklist().GapsToClose(ctx)
	if err != nil {
		return err
	}
	byPerson := map[string]string{}
	for _, key := range keys {
		person, _ := splitBudgetKey(key)
		byPerson[person] = key
	}
	of := map[string][]string{}
	for _, g := range gaps {
		key, listed := byPerson[g.Key]
		if g.Kind != api.GapPolicy || !listed {
			continue
		}
		for _, budget := range g.Budgets {
			if budgeting.OfMoves(budget) {
				key += "/" + kindPolicy
			}
			of[budget] = append(of[budget], key)
			key = byPerson[g.Key]
		}
	}
	for _, budget := range slices.Sorted(maps.Keys(of)) {
		if _, err := h.Sync.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: budgeting.OfSource(budget, in.Source), Keys: of[budget], Override: true, By: in.By, Window: h.Sync.Policy().Safety().Window,
		}); err != nil {
			return err
		}
	}
	return nil
}
