package people

import (
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// holdOthers has somebody asked about the other accounts of a leaver, for which the budget has no room. The first is closed.
func (p *Person) holdOthers(pol *policy.Policy, a *api.Assessment) {
	open := func(other identity.Account) bool { return other.Status != identity.AccountSuspended }
	for _, other := range a.Others {
		if open(other) {
			a.Doubts = append(a.Doubts, p.doubt(pol, other, api.NoticeBudgetContain, match.Tied{Reasons: []string{reasonBudget}}))
		}
	}
	a.Others = slices.DeleteFunc(a.Others, open)
	a.PlanHash = outcome.PlanHash(*a)
}

// reasonBudget is why somebody is asked about an account that is certainly a leaver's.
const reasonBudget = "the safety budget for containments is used up"
