package system

import "gatehouse/identity"

// idle reports that nothing is done about somebody who belongs to the company or is about to.
func (c *Case) idle() bool {
	return c.Blocked || c.Frozen || c.Paused || !c.Person.Standing.Employed()
}

// further plans for the other accounts of somebody who is here. They get nothing, but lose the groups and permission sets that Gatehouse
// gave them and that no rule gives the person any more: they may have been the primary one. After a departure their mailboxes say no more
// that the person has left, and nobody else reads them. Where the system was not read for long that is all that is done about the first
// one, too: it rests on what the departure has set and not on a reading.
func (c *Case) further(sys System, view identity.SystemView) (out []identity.SystemPlan) {
	e := employee{Case: c, sys: sys, view: view, gift: giftIn(sys.Name, c.Rules)}
	if c.idle() || !e.begun() {
		return nil
	}
	first, fresh := view.Primary(), sys.Fresh(view, c.Person.AsOf)
	for i, a := range view.Accounts {
		// A mailbox that is closed answers nothing.
		if !personal(a) || a.Document.Status == identity.AccountSuspended {
			continue
		}
		primary := &view.Accounts[i] == first
		if primary && (fresh || !e.licensed(a)) {
			continue
		}
		e.account, e.plan = a, identity.SystemPlan{Account: a.ID}
		e.mailboxBack()
		if !primary && fresh {
			e.take(identity.SystemRemoveGroups, identity.ObjectGroup)
			e.take(identity.SystemRemoveRoles, identity.ObjectRole)
		}
		if plan := c.untouchable(sys, a); plan != nil && len(e.plan.Steps) > 0 {
			e.plan = *plan
		}
		out = append(out, e.plan)
	}
	return out
}
