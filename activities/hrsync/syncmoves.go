package hrsync

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/roster"
)

const (
	// mostPlanned is for how many people a poll plans before it hints them, and planningTime how long that may take.
	// Whoever is left over draws on the budgets when their own run looks at them.
	mostPlanned  = 1000
	planningTime = 2 * time.Minute
)

// drawMoves draws what a poll's changes of position, access and profile come to on the budgets for these: all that is new to
// them, or none of it. Nobody is moved before somebody is asked. Who may not be changed is hinted all the same: their own
// run finds the change refused and waits, and whatever else the record says is carried out.
func (s *Sync) drawMoves(ctx context.Context, source string, changes []roster.StagedChange) (held int, err error) {
	var keys []string
	for _, c := range changes {
		if c.Kind != reading.KindChanged || !c.Active {
			continue
		}
		key, _, err := s.personOf(ctx, c)
		if err != nil {
			return 0, err
		}
		keys = append(keys, key)
	}
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	if fits, err := s.allFit(ctx, source, len(keys)); err != nil || fits {
		return 0, err
	}
	wanted, err := s.planMoves(ctx, source, keys[:min(len(keys), mostPlanned)])
	if err != nil || len(wanted) == 0 {
		return 0, err
	}
	whole, err := s.Ledger.Budgets().ReserveWhole(ctx, byBudget(wanted))
	if err != nil || whole.Granted {
		return 0, err
	}
	return s.holdMoves(ctx, source, wanted, whole)
}

// allFit reports that a number of people fit the budgets for moves whatever their changes come to.
func (s *Sync) allFit(ctx context.Context, source string, count int) (bool, error) {
	if count == 0 {
		return true, nil
	}
	safety := s.Policy().Safety()
	uses, err := s.Ledger.Budgets().Uses(ctx, s.Clock().Add(-safety.Window))
	if err != nil {
		return false, err
	}
	active, err := s.Ledger.Roster().ActivePeople(ctx, source)
	if err != nil {
		return false, err
	}
	for _, budget := range budgeting.Weights {
		if !budgeting.OfMoves(budget) {
			continue
		}
		limit := budgeting.LimitOf(safety, budget)
		left := budgets.Limit{Count: limit.Count, Percent: limit.Percent, Of: active}.Allowed()
		for _, use := range uses {
			if use.Budget == budgeting.OfSource(budget, source) {
				left -= use.Used
			}
		}
		if count > left {
			return false, nil
		}
	}
	return true, nil
}

// planMoves plans for each of the people, as their own run is about to, and returns what carrying that out draws on. One for
// whom it cannot be said now is left to their run.
func (s *Sync) planMoves(ctx context.Context, source string, keys []string) (map[string][]budgets.Reservation, error) {
	within, cancel := context.WithTimeout(ctx, planningTime)
	defer cancel()
	var mu sync.Mutex
	wanted := map[string][]budgets.Reservation{}
	failed := step.SideBySide(within, len(keys), func(ctx context.Context, i int) error {
		wants, of, err := s.Person.Draws(ctx, keys[i])
		if err != nil || len(wants) == 0 || !strings.HasSuffix(wants[0].Budget, "/"+source) {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		wanted[of] = wants
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) > 0 {
		step.Log(ctx).Warn("what some changes come to is known when their people are looked at", "source", source, "people", len(failed))
	}
	return wanted, nil
}

// byBudget is what everybody draws on, one budget after the other in the order of weights.
func byBudget(wanted map[string][]budgets.Reservation) []budgets.Reservation {
	var all []budgets.Reservation
	for _, budget := range budgeting.Weights {
		var whole budgets.Reservation
		for _, key := range sortedKeys(wanted) {
			for _, r := range wanted[key] {
				if name, _, _ := strings.Cut(r.Budget, "/"); name != budget {
					continue
				}
				keys := append(whole.Keys, r.Keys...)
				whole = r
				whole.Keys = keys
			}
		}
		if len(whole.Keys) > 0 {
			all = append(all, whole)
		}
	}
	return all
}

// holdMoves puts whoever has no room into the batch of the gravest budget that refuses them.
func (s *Sync) holdMoves(ctx context.Context, source string, wanted map[string][]budgets.Reservation, whole budgets.Whole) (held int, err error) {
	tell := map[string]bool{}
	for _, key := range sortedKeys(wanted) {
		refused := slices.IndexFunc(wanted[key], func(r budgets.Reservation) bool {
			_, full := whole.Refused[r.Budget]
			return full && slices.Contains(whole.New[r.Budget], r.Keys[0])
		})
		if refused < 0 {
			continue
		}
		r := wanted[key][refused]
		budget, _, _ := strings.Cut(r.Budget, "/")
		back := budgets.HeldBack{Source: source, Kind: budgeting.HoldKind(budget), Person: key, Used: whole.Refused[r.Budget].Used, Allowed: whole.Refused[r.Budget].Allowed}
		for _, w := range wanted[key] {
			for _, k := range w.Keys {
				back.Keys = append(back.Keys, budgets.Key{Budget: w.Budget, Key: k})
			}
		}
		changed, err := s.Ledger.Budgets().HoldBack(ctx, back)
		if err != nil {
			return held, err
		}
		held++
		tell[back.Kind] = tell[back.Kind] || changed
		step.Beat(ctx, held)
	}
	for _, kind := range sortedKeys(tell) {
		if !tell[kind] {
			continue
		}
		if err := s.Launch.Hold(ctx, api.HoldRef{Source: source, Kind: kind}, api.HoldGrown); err != nil {
			return held, err
		}
	}
	return held, nil
}
