package hrsync

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/identity"
	"gatehouse/ledger/systems"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// The systems beside OneLogin are compared by what the inventory shows: nothing is read there. It is the net under hints that were
// lost: who has steps that are due and that nobody carries out is hinted, leavers hourly and everybody else once a day.

// readSystems finds out which systems are compared, and who by the ledger must be out and has an account there that is open.
func (c *comparison) readSystems(ctx context.Context) error {
	for _, s := range c.pol.Systems() {
		c.systems = append(c.systems, s.Name)
	}
	if len(c.systems) == 0 {
		return nil
	}
	keys, err := c.Ledger.Inventory().LeaversIn(ctx, c.now, c.systems)
	if err != nil {
		return err
	}
	for _, key := range keys {
		c.outs[key] = append(c.outs[key], api.GapSystemsLeft)
	}
	return nil
}

// readViews reads what is known of some people in the systems.
func (c *comparison) readViews(ctx context.Context, keys []string) (err error) {
	if len(c.systems) == 0 {
		return nil
	}
	whose := make([]systems.Whose, 0, len(keys))
	for _, key := range keys {
		whose = append(whose, systems.Whose{Key: key, Episode: c.people[key].Episode, Manager: c.managerKey(key)})
	}
	c.views, err = c.Ledger.Systems().ViewsOf(ctx, whose, c.systems, c.pol.Compared()...)
	return err
}

// managerKey is who stands for somebody's manager, by the first of their records that names one.
func (c *comparison) managerKey(key string) string {
	for _, link := range c.linksOf(key) {
		h := c.readings[link.Source]
		if h == nil {
			continue
		}
		rec, found, _ := h.record(link.EmployeeID)
		if !found {
			continue
		}
		rec.Source = link.Source
		source, id := rec.Manager()
		if manager, known := c.index.Owner(source, id); known && id != "" {
			return c.index.StandsFor(manager)
		}
	}
	return ""
}

// compareSystems finds what of somebody's accounts in the systems is due and not done.
func (c *comparison) compareSystems(v verdictOf) {
	if len(c.systems) == 0 {
		return
	}
	c.elsewhere[v.key] = v.person.Standing != identity.StandingUnknown || v.person.Out()
	plans := c.pol.PlanSystems(policy.SystemsInput{
		Person: v.person, OneLogin: v.account, Plan: v.plan, Orders: slices.Concat(c.orders[v.key], c.ended[v.key]), Views: c.views[v.key],
	})
	var leaving, work, planned []string
	for _, p := range plans {
		lines := systemLines(p)
		if p.Leaving {
			lines = append(lines, openLines(p)...)
		}
		switch {
		case p.Observe:
			planned = append(planned, lines...)
		case p.Leaving:
			leaving = append(leaving, lines...)
		default:
			work = append(work, lines...)
		}
	}
	c.addSystems(v, api.GapSystemsLeft, leaving, budgeting.Contain)
	c.addSystems(v, api.GapSystems, work)
	if len(planned) > 0 {
		c.add(worklist.Gap{Key: v.key, Kind: api.GapSystemsPlanned, State: worklist.GapFound, Steps: planned})
	}
}

// compareElsewhere compares the other systems of a leaver whose account at OneLogin is not shown: they have left all the same.
func (c *comparison) compareElsewhere(key string) {
	person, known, changed := c.person(key)
	if len(c.systems) == 0 || !known || !person.Out() {
		return
	}
	person.Systems = c.views[key]
	c.compareSystems(verdictOf{key: key, person: person, changed: changed, plan: c.pol.Plan(person, nil, c.orders[key])})
}

// addSystems notes a gap that is to be closed. What a change of the policy or of a system's mode has made is a batch, which waits for a
// word: of leavers only what was observed until now.
func (c *comparison) addSystems(v verdictOf, kind string, lines []string, budgets ...string) {
	if len(lines) == 0 {
		return
	}
	if !c.systemsBatch(v, lines, kind == api.GapSystemsLeft) {
		c.add(worklist.Gap{Key: v.key, Kind: kind, Steps: lines, Budgets: budgets})
		return
	}
	g, there := c.gaps[gapID{v.key, api.GapPolicy}]
	if !there {
		g = worklist.Gap{Key: v.key, Kind: api.GapPolicy}
	}
	g.Steps, g.Budgets = slices.Concat(g.Steps, lines), slices.Concat(g.Budgets, budgets)
	c.add(g)
}

// systemsBatch reports that the policy in force, or the mode of a system, has made a difference.
func (c *comparison) systemsBatch(v verdictOf, lines []string, leaving bool) bool {
	if v.changed {
		return false
	}
	waits := func(line string) bool {
		return slices.Contains(c.was[gapID{v.key, api.GapSystemsPlanned}].Steps, line) || slices.Contains(c.was[gapID{v.key, api.GapPolicy}].Steps, line)
	}
	if slices.ContainsFunc(lines, waits) {
		return true
	}
	if leaving || c.last == "" || c.last == c.pol.Hash() {
		return false
	}
	before := c.was[gapID{v.key, api.GapSystems}].Steps
	return slices.ContainsFunc(lines, func(line string) bool { return !slices.Contains(before, line) })
}

// systemLines say what is due of an account, a line for each step: no value of anybody's, and of a name only what a policy may have.
func systemLines(p identity.SystemPlan) []string {
	lines := make([]string, 0, len(p.Steps))
	for _, s := range p.Steps {
		what := slices.Clone(s.Names)
		for _, change := range s.Changes {
			what = append(what, change.Attribute)
		}
		lines = append(lines, strings.TrimSpace(p.System+": "+string(s.Kind)+" "+strings.Join(what, ", ")))
	}
	return lines
}

// openLines name accounts of a leaver that stay open and that a person has to close: a run that asks about them may be lost.
func openLines(p identity.SystemPlan) (lines []string) {
	for _, n := range p.Notices {
		if api.StaysOpen(n.Code) {
			lines = append(lines, p.System+": "+n.Code)
		}
	}
	return lines
}
