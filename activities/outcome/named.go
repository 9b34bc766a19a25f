package outcome

import (
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
)

// What a named person orders is not held by a budget: only what rules and HR come to.

// deniedByName reports that every role that a plan takes is one that somebody's order denies.
func deniedByName(a *api.Assessment, orders []identity.Order) bool {
	removed, _ := a.Plan.Step(identity.StepRemoveRoles)
	return !slices.ContainsFunc(removed.Names, func(role string) bool {
		return !slices.ContainsFunc(orders, func(o identity.Order) bool {
			return o.Kind == identity.OrderDeny && o.Rule == "" && o.InForce(a.Person.AsOf) && slices.Contains(o.Roles, role)
		})
	})
}

// setByName reports that a plan changes nothing in a profile but what somebody's order asks for.
func setByName(a *api.Assessment, orders []identity.Order) bool {
	if a.Account == nil {
		return false
	}
	differing := a.Account.Differences(a.Plan.Desired.Profile, a.Person.ManagerAccount)
	differing = slices.DeleteFunc(differing, func(d identity.Kept) bool { return a.Account.Keeps(d) })
	return policy.ByNamedOrders(differing, orders, a.Person.AsOf)
}

// opensByRule reports that a plan opens an account because a rule says so, and nobody else.
func opensByRule(a *api.Assessment, orders []identity.Order) bool {
	return slices.ContainsFunc(a.Plan.Steps, func(s identity.Step) bool {
		return s.Kind == identity.StepEnable && slices.ContainsFunc(orders, func(o identity.Order) bool {
			return o.Rule != "" && slices.Contains(s.Orders, o.ID)
		})
	})
}
