package system

import "gatehouse/identity"

// idle reports that nothing is done in a system about somebody who belongs to the company or is about to.
func (c *Case) idle(sys System, view identity.SystemView) bool {
	return c.Blocked || c.Frozen || c.Paused || !c.Person.Standing.Employed() || !sys.Fresh(view, c.Person.AsOf)
}

// further plans for the other accounts of somebody who is here again. They stay as they are, but their mailboxes say no more that the
// person has left, and nobody else reads them.
func (c *Case) further(sys System, view identity.SystemView) (out []identity.SystemPlan) {
	e := employee{Case: c, sys: sys, view: view}
	if c.idle(sys, view) || !e.begun() || c.Person.Standing == identity.StandingOnLeave {
		return nil
	}
	first := view.Primary()
	for i, a := range view.Accounts {
		// A mailbox that is closed answers nothing.
		if &view.Accounts[i] == first || !personal(a) || a.Document.Status == identity.AccountSuspended {
			continue
		}
		e.account, e.plan = a, identity.SystemPlan{Account: a.ID}
		e.mailboxBack()
		if plan := c.untouchable(sys, a); plan != nil && len(e.plan.Steps) > 0 {
			e.plan = *plan
		}
		out = append(out, e.plan)
	}
	return out
}
