package hrsync

import (
	"context"
	"maps"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/persons"
)

// scope says whom a comparison is about, and holds what of everybody it needs for each of them.
type scope struct {
	index persons.Index
	// orders are the open ones, and ended those whose end has yet to be carried out.
	orders, ended map[string][]identity.Order
	// kept are the values that OneLogin keeps in place of what was written to it, of the few accounts of which it keeps any.
	kept map[identity.Ref][]identity.Kept
	// outs are, by key, the kinds of gap of those who must be out by the ledger.
	outs map[string][]string
	// newly are the keys that records get which are nobody's yet, if everybody is compared.
	newly map[string]bool
	// suspects are, by key, the records that say that somebody has left and did not say so before, if not everybody is compared.
	suspects map[string][]recordID
	// systems are those beside OneLogin that the policy names.
	systems []string
	// calling are the keys of those for whom something is due, and of those whose gaps are closed by not being found.
	calling []string
}

// readScope finds out whom the comparison is about.
func (c *comparison) readScope(ctx context.Context) (err error) {
	if c.index, err = c.Ledger.People().Index(ctx); err != nil {
		return err
	}
	if c.kept, err = c.Ledger.Inventory().EveryKept(ctx); err != nil {
		return err
	}
	if c.orders, c.ended, err = c.Ledger.People().OrdersToCarryOut(ctx, c.index.StandsFor); err != nil {
		return err
	}
	if err := c.leavers(ctx); err != nil {
		return err
	}
	if err := c.readSystems(ctx); err != nil {
		return err
	}
	due, err := c.Ledger.People().DueBy(ctx, c.now.Add(dueAhead))
	if err != nil {
		return err
	}
	open, err := c.Ledger.Worklist().PeopleWithGaps(ctx, api.GapDue, api.GapOrdered, api.GapLeftBefore, api.GapLeft, api.GapDelete, api.GapSystemsLeft)
	if err != nil {
		return err
	}
	c.calling = slices.Concat(due, open)
	if c.run.Whole {
		c.findNewly()
	} else {
		c.findSuspects()
	}
	step.Beat(ctx, len(c.calling))
	return nil
}

// findNewly finds the records that are nobody's yet.
func (c *comparison) findNewly() {
	c.newly = map[string]bool{}
	for source, h := range c.readings {
		if !h.believed {
			continue
		}
		for id := range h.snapshot.Records {
			if _, linked := c.index.Owner(source, id); !linked {
				c.newly[source+"-"+id] = true
			}
		}
	}
}

// findSuspects finds the records that say that somebody has left. Whether they did not say so before is known once their last
// assessment is.
func (c *comparison) findSuspects() {
	c.suspects = map[string][]recordID{}
	for source, h := range c.readings {
		records := h.snapshot.Records
		if !h.believed {
			records = h.confirmed
		}
		for id, rec := range records {
			if !h.changedSince(id, time.Time{}) {
				continue
			}
			due := c.mustOut(rec)
			if key, linked := c.index.Owner(source, id); linked && !due.IsZero() && !due.After(c.now) {
				c.suspects[key] = append(c.suspects[key], recordID{source, id})
			}
		}
	}
}

// visited are the keys of everybody whom the comparison looks at, in order.
func (c *comparison) visited() []string {
	keys := c.calling
	if c.run.Whole {
		keys = slices.Grow(keys, len(c.index.People)+len(c.newly))
		for key, p := range c.index.People {
			if p.Forward == "" {
				keys = append(keys, key)
			}
		}
	}
	keys = slices.AppendSeq(keys, maps.Keys(c.newly))
	keys = slices.AppendSeq(keys, maps.Keys(c.suspects))
	keys = slices.AppendSeq(keys, maps.Keys(c.orders))
	keys = slices.AppendSeq(keys, maps.Keys(c.ended))
	keys = slices.AppendSeq(keys, maps.Keys(c.outs))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// compares reports that there is to be a plan for somebody: for everybody, or else for those of whom an order stands, whose record
// says that they have left and did not say so before, or of whom the ledger knows something to be done.
func (c *comparison) compares(key string, known bool) bool {
	if c.run.Whole {
		p, there := c.people[key]
		return there && p.Forward == "" || c.newly[key]
	}
	return known || len(c.orders[key]) > 0 || len(c.ended[key]) > 0 || slices.ContainsFunc(c.suspects[key], func(r recordID) bool {
		return c.readings[r.source].changedSince(r.id, c.assessed[key].At)
	})
}

// dueSoon reports that something is due of somebody now or within the hour.
func (c *comparison) dueSoon(key string) bool {
	a := c.assessed[key]
	if c.people[key].Forward != "" || a.DueAt.IsZero() || !a.At.Before(a.DueAt) {
		return false
	}
	waits := a.DueAt.Before(c.now) && c.now.Sub(a.DueAt) < dueGrace
	return !waits && !a.DueAt.After(c.now.Add(dueAhead))
}
