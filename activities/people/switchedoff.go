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

// notBegun reports that an order waits because its agent is switched off, and that no account is suspended for it.
func notBegun(d ledger.Dossier, o identity.Order) bool {
	return o.Off != "" && !slices.ContainsFunc(d.Accounts, func(a inventory.Account) bool { return a.SuspendedFor == o.ID })
}
