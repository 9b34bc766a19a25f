package hrsync

import (
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// linksOf are a person's records. Whom no poll has seen yet has the one that their key is made of.
func (c *comparison) linksOf(key string) []persons.Link {
	if links := c.links[key]; len(links) > 0 {
		return links
	}
	source, id, err := identity.SplitKey(key)
	if err != nil || source == identity.SourceAccount {
		return nil
	}
	if _, elsewhere := c.index.Owner(source, id); elsewhere {
		return nil
	}
	return []persons.Link{{Source: source, EmployeeID: id, Key: key, FirstSeen: c.now}}
}

// person is where somebody stands by what HR says now, over all of their records. Known is false where a record could not be
// read; changed says that HR has changed one of them since it was last seen to.
func (c *comparison) person(key string) (person identity.Person, known, changed bool) {
	row := c.people[key]
	var engagements []identity.Engagement
	for _, link := range c.linksOf(key) {
		h := c.readings[link.Source]
		if h == nil {
			continue // The source is not configured.
		}
		rec, found, read := h.record(link.EmployeeID)
		if !read {
			return identity.Person{}, false, false
		}
		rec.Source, rec.EmployeeID = link.Source, link.EmployeeID
		e := link.Engagement(row, rec, found)
		if _, ends := c.pol.Ends(e, c.now); ends && found && e.LeaverFirstSeen.IsZero() {
			e.LeaverFirstSeen = c.now
		}
		engagements = append(engagements, e)
		changed = changed || found && h.changedSince(link.EmployeeID, c.assessed[key].At)
	}
	return c.pol.Person(key, engagements, c.now), true, changed
}

// compareOne plans for one person. Row is their primary account, nil if they have none.
func (c *comparison) compareOne(key string, row *inventory.Account) {
	orders := slices.Concat(c.orders[key], c.ended[key])
	person, known, changed := c.person(key)
	if !known && len(orders) == 0 {
		return
	}
	if len(c.linksOf(key)) == 0 && len(orders) == 0 {
		return // An account that stands for itself, about which nobody has said anything.
	}
	if !known {
		person = identity.Person{Key: key, AsOf: c.now, Standing: identity.StandingUnknown}
	}
	person.Systems = c.views[key]
	c.compared++
	c.judged[key] = known
	var account *identity.Account
	if row != nil {
		account = c.accountOf(key, row)
		if person.Standing.Employed() {
			person.ManagerAccount = c.managerOf(person.Record)
			was, now := c.access.Positions[key], policy.Position(person.Record)
			person.Moved, account.Given = was != "" && now != "" && was != now, c.access.Given(key, row.Ref)
			account.Kept = c.kept[row.Ref]
		}
	}
	plan := c.pol.Keeping().Plan(person, account, orders)
	v := verdictOf{key: key, person: person, row: row, account: account, plan: plan, changed: changed, lines: outcome.StepLines(plan.Steps)}
	v.budgets = budgetsFor(c.pol, plan, account)
	c.judge(v)
	c.compareSystems(v)
}

// verdictOf is what a plan in bulk came to.
type verdictOf struct {
	key     string
	person  identity.Person
	row     *inventory.Account
	account *identity.Account
	plan    identity.Plan
	// changed says that HR has changed something since the person was last seen to.
	changed        bool
	lines, budgets []string
}

// accountOf is an entry of the inventory as policy sees it, with the marks that the ledger has of it.
func (c *comparison) accountOf(key string, row *inventory.Account) *identity.Account {
	account := row.Document
	account.CreatedByUs = row.CreatedByUs || c.people[key].AccountCreated
	account.SuspendedByUs, account.SuspendedFor, account.LockedFor = row.SuspendedByUs, row.SuspendedFor, row.LockedFor
	account.Lifted = row.Lifted
	return &account
}

func (c *comparison) managerOf(rec identity.Record) int64 {
	source, id := rec.Manager()
	if id == "" {
		return 0
	}
	key, known := c.index.Owner(source, id)
	if !known {
		return 0
	}
	return c.index.People[c.index.StandsFor(key)].AccountID
}

// modeOf is how far the template of a verdict may go.
func (c *comparison) modeOf(v verdictOf) policy.Mode {
	return policy.Mode(people.ModeOf(c.pol, v.plan.Verdict, people.ContainOrder(c.orders[v.key], c.now) != nil))
}

// newcomer reports whether somebody came after the first reading of their sources.
func (c *comparison) newcomer(v verdictOf) bool {
	if _, assessed := c.assessed[v.key]; assessed || v.changed {
		return true
	}
	for _, link := range c.linksOf(v.key) {
		h := c.readings[link.Source]
		if h == nil || link.FirstSeen.After(h.state.BaselinedAt) {
			return true
		}
		rec, _, _ := h.record(link.EmployeeID)
		if rec.HireDate >= identity.Date(h.state.BaselinedAt.Format(time.DateOnly)) {
			return true
		}
	}
	return false
}

// stepStays stands for what a person needs whom the ledger wants out and HR does not.
const stepStays = "stays"

// judge says what of a plan is a gap, and whose it is to close.
func (c *comparison) judge(v verdictOf) {
	mustOut := outcome.MustLeave(v.person)
	if outcome.GoesOn(v.person, v.plan) || !mustOut.IsZero() && !mustOut.After(c.now) {
		c.judgeLeaver(v)
		return
	}
	// Whom HR wants in, or cannot say of, keeps what is due to be deleted.
	delete(c.gaps, gapID{v.key, api.GapDelete})
	if _, left := c.gaps[gapID{v.key, api.GapLeft}]; left && c.judged[v.key] && v.person.Standing.Employed() {
		// The ledger wants them out, and HR says by now that they stay.
		delete(c.gaps, gapID{v.key, api.GapLeft})
		c.add(worklist.Gap{Key: v.key, Kind: api.GapChange, Steps: []string{stepStays}})
		return
	}
	switch v.plan.Verdict {
	case identity.VerdictLeave, identity.VerdictSuspend, identity.VerdictLift, identity.VerdictRespond:
		c.add(worklist.Gap{Key: v.key, Kind: api.GapOrdered, Steps: v.lines})
	case identity.VerdictUndo:
		c.judgeChange(v)
	case identity.VerdictJoin:
		c.judgeJoin(v)
	case identity.VerdictChange:
		c.judgeChange(v)
	case identity.VerdictAttention:
		c.judgeAttention(v)
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictDelete:
	}
	if c.judged[v.key] && v.account != nil && v.person.Standing.Employed() {
		c.surplus(v)
	}
}
