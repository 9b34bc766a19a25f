package policy

import (
	"maps"
	"slices"

	"gatehouse/identity"
)

// carriedOut is what stands of an order whose agent is switched off: what the account shows of it is not taken back, and the rest is
// as if nobody had asked for it. Stands is false if nothing of it shows.
func (pl *planner) carriedOut(o identity.Order) (left identity.Order, stands bool) {
	switch o.Kind {
	case identity.OrderSuspend:
		return o, pl.account != nil && pl.account.Status == identity.AccountSuspended && pl.account.SuspendedFor == o.ID
	case identity.OrderGrant:
		if pl.account == nil {
			return o, false
		}
		held := slices.DeleteFunc(slices.Clone(o.Roles), func(role string) bool { return !slices.Contains(pl.account.Roles, role) })
		if len(held) == 0 {
			return o, false
		}
		o.Roles = held
		return o, true
	case identity.OrderDeny:
		if pl.account == nil {
			return o, false
		}
		o.Roles = slices.DeleteFunc(slices.Clone(o.Roles), func(role string) bool { return slices.Contains(pl.account.Roles, role) })
		return o, len(o.Roles) > 0
	case identity.OrderSet:
		if pl.account == nil {
			return o, false
		}
		shown := maps.Clone(o.Attributes)
		maps.DeleteFunc(shown, func(name, value string) bool { return pl.account.Value(identity.AttributeField(name)) != value })
		o.Attributes = shown
		return o, len(shown) > 0
	case identity.OrderRestrict:
		return o, pl.account != nil && o.Group != "" && pl.account.Group == o.Group
	case identity.OrderContain, identity.OrderFreeze, identity.OrderHold, identity.OrderExempt:
		return o, true // They ask a vendor for nothing, or are not an agent's.
	case identity.OrderLogOut, identity.OrderResetPassword, identity.OrderLock, identity.OrderEnable:
	}
	return o, false
}

// askers are the agents whose orders in force a step carries out, each once. The end of an order is nobody's wish any more: it is
// carried out whoever had asked.
func (pl *planner) askers(orders []string) []identity.Asker {
	var all []identity.Asker
	for _, o := range pl.orders {
		who := identity.Asker{Agent: o.Agent, Tool: o.Tool}
		if o.Agent != "" && slices.Contains(orders, o.ID) && !slices.Contains(all, who) {
			all = append(all, who)
		}
	}
	return all
}
