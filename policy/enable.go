package policy

import (
	"cmp"
	"fmt"

	"gatehouse/identity"
)

// licensed is OneLogin's state of an account that has a licence. Without one nobody signs in, whatever its status.
const licensed = 1

// enable opens an account that somebody else, or OneLogin, has closed, or says why it stays as it is.
func (pl *planner) enable() identity.Step {
	if why := cmp.Or(pl.notTheirs(), pl.notClosed(), pl.standsAgainst(), pl.mustStayOut()); why != "" {
		return closing(why)
	}
	return identity.Step{Kind: identity.StepEnable}
}

func (pl *planner) notTheirs() string {
	if pl.nobodys() {
		return "the account is not the primary one of anybody in HR"
	}
	return ""
}

// notClosed is why there is nothing to open, or nothing that Gatehouse may open; empty if somebody else has closed the account.
func (pl *planner) notClosed() string {
	a := pl.account
	switch a.Status {
	case identity.AccountSuspended:
		switch {
		case a.SuspendedByUs && a.SuspendedFor != "":
			return "the account is suspended for an order, and is opened when that is over"
		case a.SuspendedByUs:
			return "Gatehouse has suspended the account, and opens it once HR and the policy want that"
		}
	case identity.AccountLocked:
		switch {
		case !locked(a, pl.person.AsOf):
			return "the lock has ended by itself"
		case a.LockedFor != "":
			return "an order has locked the account, and the lock ends by itself"
		}
	case identity.AccountUnactivated:
		return "the account was never activated"
	case identity.AccountPasswordPending:
		return "the account has no password yet: the person sets one by their invitation"
	case identity.AccountActive, identity.AccountPasswordExpired, identity.AccountAwaitingReset, identity.AccountSecurityQuestions:
		return "nobody has closed the account, which is " + a.Status.String()
	}
	if a.State != licensed {
		return fmt.Sprintf("the account has no licence: its state in OneLogin is %d", a.State)
	}
	return ""
}

// standsAgainst is the order that has the account stay closed, empty if there is none.
func (pl *planner) standsAgainst() string {
	for _, kind := range []identity.OrderKind{identity.OrderContain, identity.OrderSuspend, identity.OrderFreeze} {
		if pl.ordered(kind) != nil {
			return fmt.Sprintf("an order of kind %s stands against it", kind)
		}
	}
	if restrict := pl.ordered(identity.OrderRestrict); restrict != nil && pl.restrictedTo(restrict) == "" {
		return "an order restricts the account, and names no group"
	}
	return ""
}

// mustStayOut is why HR does not want the person in, empty if it does.
func (pl *planner) mustStayOut() string {
	switch pl.person.Standing {
	case identity.StandingActive, identity.StandingLeaving:
		return ""
	case identity.StandingOnLeave:
		return "HR has the person on leave"
	case identity.StandingUpcoming:
		return "the person's first day is yet to come"
	case identity.StandingUnknown, identity.StandingLeft, identity.StandingRescinded:
	}
	return "HR does not say that the person is employed"
}

// refuseToOpen closes the orders to open an account that must not be touched.
func (pl *planner) refuseToOpen(why string) []identity.Step {
	var out []identity.Step
	for _, o := range pl.orders {
		if o.Kind == identity.OrderEnable {
			step := closing(why)
			step.Orders = []string{o.ID}
			out = append(out, step)
		}
	}
	return out
}

// beforeOpening are the steps that come before an account is opened, so that nobody is in for a moment without a restriction or with
// what is denied.
func (pl *planner) beforeOpening(responses []identity.Step) []identity.Step {
	opens := false
	for _, s := range responses {
		opens = opens || s.Kind == identity.StepEnable
	}
	if !opens {
		return nil
	}
	var steps steps
	if restrict := pl.ordered(identity.OrderRestrict); restrict != nil {
		group := pl.restrictedTo(restrict)
		steps.add(group != pl.account.Group, identity.StepSetGroup, group)
	}
	denied, _ := pl.deniedHeld(phaseSuspendedElsewhere)
	return append(steps, pl.removal(denied)...)
}

// restrictedTo is the group to which a restrict order moves the account, empty if neither it nor the policy names one.
func (pl *planner) restrictedTo(o *identity.Order) string {
	return cmp.Or(o.Group, pl.mfa.terms.Restrict.Group)
}
