package hrsync

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// goneLong finds whose accounts are due to be deleted, by the ledger: who left long enough ago, is known to be out, and still has
// accounts on record. Nobody's run waits for that day: what a run would wait for over years, this finds whatever became of it.
func (c *comparison) goneLong(ctx context.Context, out func(key, kind string)) error {
	after := c.pol.Leaver().DeleteAfter
	if after == 0 {
		return nil
	}
	departed, err := c.Ledger.Inventory().DepartedBy(ctx, c.now.Add(-after))
	if err != nil {
		return err
	}
	for _, d := range departed {
		out(d.Key, api.GapDelete)
	}
	return nil
}

// deletes notes that somebody's accounts are due to be deleted. Their run asks HR and judges each account, which is pointless while one
// of their sources is quarantined. Where offboarding only observes, the plan alone says so.
func (c *comparison) deletes(key string) {
	if c.pol.Modes().Offboarding == policy.ModeObserve {
		return
	}
	for _, link := range c.linksOf(key) {
		if h := c.readings[link.Source]; h != nil && !h.believed {
			return
		}
	}
	c.add(worklist.Gap{Key: key, Kind: api.GapDelete, Budgets: []string{budgeting.Delete}})
}
