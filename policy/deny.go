package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// mostTaken is how often a denied role is taken from somebody within TakenWithin. Whatever gives it again each time would go on for
// ever, and nobody would hear of it.
const (
	mostTaken   = 3
	TakenWithin = 30 * 24 * time.Hour
)

// denied reports that a deny order in force has a role not be held.
func (pl *planner) denied(role string) bool { return len(pl.denying([]string{role})) > 0 }

// denying are the deny orders in force that name one of these roles.
func (pl *planner) denying(roles []string) []string {
	var ids []string
	for _, o := range pl.orders {
		if o.Kind == identity.OrderDeny && slices.ContainsFunc(o.Roles, func(r string) bool { return slices.Contains(roles, r) }) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// deny takes the roles of deny orders out of what rules and grants give.
func (pl *planner) deny(desired *identity.Desired) {
	for _, id := range pl.denying(desired.Roles) {
		desired.Rules = append(slices.Clone(desired.Rules), "order "+id)
	}
	desired.Roles = slices.DeleteFunc(slices.Clone(desired.Roles), pl.denied)
}

// deniedHeld divides the denied roles that the account holds into those to take and those that something gives again each time,
// which are left to a person. A hold preserves them all. Who is about to be let in is let in without any of them.
func (pl *planner) deniedHeld(phase phase) (take, returning []string) {
	if pl.account == nil || pl.ordered(identity.OrderHold) != nil {
		return nil, nil
	}
	held, _ := divide(pl.account.Roles, pl.denied)
	if phase != phaseInUse {
		return held, nil
	}
	return divide(held, func(role string) bool { return !pl.keepsReturning(role) })
}

// keepsReturning reports that a role was taken as often as one is within a while, and is held again.
func (pl *planner) keepsReturning(role string) bool {
	return slices.ContainsFunc(pl.orders, func(o identity.Order) bool {
		return o.Kind == identity.OrderDeny && slices.ContainsFunc(o.Taken, func(t identity.Taken) bool {
			return t.Role == role && t.Times >= mostTaken && pl.person.AsOf.Sub(t.At) < TakenWithin
		})
	})
}

// deniedReturns says which denied roles come back each time, empty if none does.
func (pl *planner) deniedReturns(phase phase) string {
	if phase != phaseInUse {
		return ""
	}
	_, returning := pl.deniedHeld(phase)
	if len(returning) == 0 {
		return ""
	}
	return fmt.Sprintf("an order denies %s, and something gives it again each time that Gatehouse takes it, %d times by now: stop the mapping, the application "+
		"or the person that gives it, then retry; or release the order", strings.Join(returning, ", "), mostTaken)
}

// removal is the step that takes roles, none if there are none to take.
func (pl *planner) removal(roles []string) []identity.Step {
	if len(roles) == 0 {
		return nil
	}
	return []identity.Step{{Kind: identity.StepRemoveRoles, Names: roles, Orders: pl.ending(roles), Denies: pl.denying(roles)}}
}

// KeptByLeavers are the roles that leaver.keep_roles leaves somebody who has left, given the orders about them.
func (p *Policy) KeptByLeavers(orders []identity.Order, at time.Time) []string {
	return slices.DeleteFunc(slices.Clone(p.leaver.KeepRoles), func(role string) bool {
		return slices.ContainsFunc(orders, func(o identity.Order) bool {
			return o.Kind == identity.OrderDeny && o.InForce(at) && slices.Contains(o.Roles, role)
		})
	})
}
