package people

import (
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
)

// switchedOn are the orders that a plan does not leave out because their agent is switched off.
func switchedOn(orders []identity.Order, plan identity.Plan) []identity.Order {
	return slices.DeleteFunc(slices.Clone(orders), func(o identity.Order) bool { return slices.Contains(plan.SwitchedOff, o.ID) })
}

// begun are the orders of a dossier without those that wait because their agent is switched off, and for which no account is suspended.
func begun(d ledger.Dossier) []identity.Order {
	return slices.DeleteFunc(slices.Clone(d.Orders), func(o identity.Order) bool {
		return o.Off != "" && !slices.ContainsFunc(d.Accounts, func(a inventory.Account) bool { return a.SuspendedFor == o.ID })
	})
}
