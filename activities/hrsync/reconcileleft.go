package hrsync

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// leavers finds who must be out and is not known to be, by the ledger: departures that are due, and accounts that by the
// inventory are open. Whoever had left before the first reading is apart.
func (c *comparison) leavers(ctx context.Context) error {
	departures, err := c.Ledger.People().OpenDepartures(ctx, c.now.Add(dueAhead))
	if err != nil {
		return err
	}
	c.outs = map[string][]string{}
	out := func(key, kind string) {
		if !slices.Contains(c.outs[key], kind) {
			c.outs[key] = append(c.outs[key], kind)
		}
	}
	for _, d := range departures {
		switch {
		case d.Order != "":
			out(d.Key, api.GapOrdered)
		case d.DueAt.After(c.now):
			out(d.Key, api.GapDue)
		default:
			out(d.Key, api.GapLeft)
		}
	}
	if err := c.goneLong(ctx, out); err != nil {
		return err
	}
	open, err := c.Ledger.Inventory().OpenAccounts(ctx, c.now, nil)
	if err != nil {
		return err
	}
	for _, a := range open {
		service, err := c.Person.Service(ctx, c.pol, a)
		switch {
		case err != nil:
			return err
		case service:
		case a.Ordered:
			out(a.Key, api.GapOrdered)
		case a.LeftBefore:
			out(a.Key, api.GapLeftBefore)
		default:
			out(a.Key, api.GapLeft)
		}
		if err := c.beat(ctx); err != nil {
			return err
		}
	}
	return nil
}

// left notes that somebody has left and is not known to be out.
func (c *comparison) left(key string) {
	if _, before := c.gaps[gapID{key, api.GapLeftBefore}]; before {
		return
	}
	g := worklist.Gap{Key: key, Kind: api.GapLeft, Budgets: []string{budgeting.Contain}}
	switch {
	case c.pol.Modes().Offboarding == policy.ModeObserve:
		g.Kind, g.State = api.GapPlanned, worklist.GapFound
	case c.wasObserved(key, true):
		g.Kind = api.GapPolicy
	}
	c.add(g)
}

// leftBefore notes the same of somebody who had left before the first reading.
func (c *comparison) leftBefore(key string) {
	g := worklist.Gap{Key: key, Kind: api.GapLeftBefore, Budgets: []string{budgeting.Contain}}
	old := c.was[gapID{key, api.GapLeftBefore}]
	switch {
	case c.pol.Modes().Offboarding == policy.ModeObserve:
		g.State = worklist.GapFound
	case old.State == worklist.GapFound, slices.Contains(old.Budgets, budgetPolicy):
		// They were only observed until the mode was changed: that needs a word, however few they are.
		g.Budgets = append(g.Budgets, budgetPolicy)
	}
	c.add(g)
}

// wasObserved reports that what is to be done to somebody was only observed until the mode was changed, or that it belongs
// to a batch which that has made: the end of their access, or anything else.
func (c *comparison) wasObserved(key string, leaving bool) bool {
	for _, kind := range []string{api.GapPolicy, api.GapPlanned} {
		if old, there := c.was[gapID{key, kind}]; there && slices.Contains(old.Budgets, budgeting.Contain) == leaving {
			return true
		}
	}
	a := c.assessed[key]
	return slices.Contains(a.Holding, string(policy.ModeObserve)) && (a.Verdict == string(identity.VerdictLeave)) == leaving
}
