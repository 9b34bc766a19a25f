package policy

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
)

// Reasons of what orders ask for.
const (
	reasonPaused   = "an order suspends sign-in for a while"
	reasonLifted   = "the order that suspended the account is over"
	reasonResponse = "an order asks for something to be done once"
)

// byOrder plans what orders ask for whatever HR says: sign-in is suspended before anything else, and then what is to be
// done once. It decides nothing if no order of these kinds is in force.
func (pl *planner) byOrder() (plan identity.Plan, decided bool) {
	suspend := pl.ordered(identity.OrderSuspend)
	if suspend != nil && pl.account != nil && suspendable(pl.account) {
		var steps steps
		steps.add(true, identity.StepSuspend)
		steps[0].Orders = []string{suspend.ID}
		steps.add(true, identity.StepLogOut)
		return identity.Plan{Verdict: identity.VerdictSuspend, Reason: reasonPaused, Desired: pl.asItIs(), Steps: steps}, true
	}
	if steps := pl.responses(pl.response); len(steps) > 0 {
		return pl.respond(append(pl.beforeOpening(steps), steps...)), true
	}
	switch {
	case suspend == nil:
		return identity.Plan{}, false
	case pl.account == nil:
		pl.notices = append(pl.notices, pl.block(NoticeNothingToSuspend, "a suspend order stands, and there is no account to suspend: "+
			"name the account with `starter order give --user`, or release the order; no account is made while it stands"))
		return attention(identity.Desired{}), true
	}
	return settled(pl.asItIs()), true
}

func (pl *planner) respond(steps []identity.Step) identity.Plan {
	return identity.Plan{Verdict: identity.VerdictRespond, Reason: reasonResponse, Desired: pl.asItIs(), Steps: steps}
}

// suspendable reports whether suspending an account ends sign-in. One that was never opened has no sign-in to end, and
// suspending it would lose that it has yet to be opened.
func suspendable(a *identity.Account) bool {
	return a.Status != identity.AccountSuspended && phaseOf(a, time.Time{}) != phasePrepared
}

// asItIs wants an account to stay what it is, without sign-in.
func (pl *planner) asItIs() identity.Desired {
	if pl.account == nil {
		return identity.Desired{}
	}
	return identity.Desired{Exists: true, Group: pl.account.Group, Roles: slices.Sorted(slices.Values(pl.account.Roles))}
}

// moot closes responses about somebody whose access has ended, beside whatever is left to do.
func (pl *planner) moot(plan identity.Plan, why string) identity.Plan {
	steps := pl.responses(func(identity.Order) identity.Step {
		return identity.Step{Kind: identity.StepCloseOrder, Why: why}
	})
	if len(steps) > 0 && plan.Verdict == identity.VerdictNone {
		plan.Verdict, plan.Reason = identity.VerdictRespond, reasonResponse
	}
	plan.Steps = append(plan.Steps, steps...)
	return plan
}

// responses makes a step of each response in force, oldest first.
func (pl *planner) responses(step func(identity.Order) identity.Step) []identity.Step {
	var out []identity.Step
	for _, o := range pl.orders {
		if o.Kind.Response() {
			s := step(o)
			s.Orders = []string{o.ID}
			out = append(out, s)
		}
	}
	return out
}

// response is how a response is carried out, or why it cannot be any more.
func (pl *planner) response(o identity.Order) identity.Step {
	if pl.account == nil {
		return closing("there is no account")
	}
	status := pl.account.Status
	unopened := status == identity.AccountUnactivated || status == identity.AccountPasswordPending
	switch o.Kind {
	case identity.OrderLogOut:
		return identity.Step{Kind: identity.StepEndSessions}
	case identity.OrderResetPassword:
		if unopened {
			return closing("the account has no password yet")
		}
		return identity.Step{Kind: identity.StepResetPassword}
	case identity.OrderLock:
		switch {
		case status == identity.AccountSuspended:
			// A lock would take the suspension's place, and end.
			return closing("the account is suspended")
		case unopened:
			return closing("nobody can sign in to the account yet")
		case pl.lockedLonger(o):
			return closing("the account is locked already")
		case pl.longestLock().ID != o.ID:
			return closing("another order locks the account for longer")
		}
		return identity.Step{Kind: identity.StepLock, Minutes: o.Minutes}
	case identity.OrderEnable:
		return pl.enable()
	case identity.OrderContain, identity.OrderSuspend, identity.OrderRestrict, identity.OrderFreeze, identity.OrderHold, identity.OrderDeny,
		identity.OrderExempt, identity.OrderGrant, identity.OrderSet:
	}
	return closing(fmt.Sprintf("an order of kind %q is not carried out once", o.Kind))
}

func closing(why string) identity.Step { return identity.Step{Kind: identity.StepCloseOrder, Why: why} }

// lockedLonger reports that a lock which is on, and is not this order's own, leaves nothing for it to add.
func (pl *planner) lockedLonger(o identity.Order) bool {
	a := pl.account
	if !locked(a, pl.person.AsOf) || a.LockedFor == o.ID {
		return false
	}
	end := pl.person.AsOf.Add(time.Duration(o.Minutes) * time.Minute)
	return a.LockedFor == "" || !a.LockedUntil.IsZero() && !a.LockedUntil.Before(end)
}

// longestLock is the lock order that locks for longest, the oldest of several: a shorter lock after it would only
// shorten it. 0 minutes are the shortest, because OneLogin takes nothing below the policy's period.
func (pl *planner) longestLock() identity.Order {
	var longest identity.Order
	for _, o := range pl.orders {
		if o.Kind == identity.OrderLock && (longest.ID == "" || o.Minutes > longest.Minutes) {
			longest = o
		}
	}
	return longest
}

// locked reports whether a lock is on. OneLogin may go on showing one that has ended by itself.
func locked(a *identity.Account, at time.Time) bool {
	return a.Status == identity.AccountLocked && (a.LockedUntil.IsZero() || a.LockedUntil.After(at))
}

// lift activates an account that a suspend order had suspended, and does nothing else: roles, password and factors are
// what they were. A restriction and what is denied come first, so that nobody is in for a moment without the one or with the other.
func (pl *planner) lift(desired identity.Desired, restricted bool) identity.Plan {
	var steps steps
	steps.add(restricted && desired.Group != pl.account.Group, identity.StepSetGroup, desired.Group)
	denied, _ := pl.deniedHeld(phaseOrderOver)
	steps = append(steps, pl.removal(denied)...)
	steps.add(true, identity.StepActivate)
	return identity.Plan{Verdict: identity.VerdictLift, Reason: reasonLifted, Desired: desired, Steps: steps}
}

// grant adds the roles of grant orders to what the rules give.
func (pl *planner) grant(desired *identity.Desired) {
	for _, o := range pl.orders {
		if o.Kind != identity.OrderGrant {
			continue
		}
		roles := o.Roles
		if o.Rule == identity.RuleOverlap {
			// Old access gives way to what the person has by now.
			roles = slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return pl.clashes(desired.Roles, role) })
		}
		desired.Roles = append(slices.Clone(desired.Roles), roles...)
		desired.Rules = append(slices.Clone(desired.Rules), "order "+o.ID)
	}
	slices.Sort(desired.Roles)
	desired.Roles = slices.Compact(desired.Roles)
}

// granting are the grant orders in force that give one of these roles.
func (pl *planner) granting(added []string) []string {
	return ordersWith(pl.orders, added, func(o identity.Order) []string { return o.Roles })
}

// ending are the grant orders that are over and had given one of these roles.
func (pl *planner) ending(removed []string) []string {
	return ordersWith(pl.ended, removed, func(o identity.Order) []string { return o.Given })
}

func ordersWith(orders []identity.Order, roles []string, of func(identity.Order) []string) []string {
	var ids []string
	for _, o := range orders {
		if o.Kind == identity.OrderGrant && slices.ContainsFunc(of(o), func(r string) bool { return slices.Contains(roles, r) }) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// wasGiven reports that a grant order which is over had added a role.
func (pl *planner) wasGiven(role string) bool {
	return slices.ContainsFunc(pl.ended, func(o identity.Order) bool {
		return o.Kind == identity.OrderGrant && slices.Contains(o.Given, role)
	})
}
