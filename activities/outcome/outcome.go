// Package outcome keeps of an assessment what outlives it: what was found on the way, since when the person has to be out, how
// their access came about, and what of the plan the safety budgets let pass. It reads neither HR nor OneLogin.
package outcome

import (
	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// Keeper writes down what assessments come to.
type Keeper struct {
	Ledger *ledger.Ledger
	// Launch hints the runs about batches of changes that a budget holds.
	Launch api.Launcher
}

// PlanHash identifies what an assessment would have done, empty if nothing.
func PlanHash(a api.Assessment) string {
	if NothingLeft(a.Plan.Verdict) {
		return ""
	}
	var refs []identity.Ref
	if a.Account != nil {
		refs = append(refs, identity.OneLoginRef(a.Account.ID))
	}
	for _, other := range a.Others {
		refs = append(refs, identity.OneLoginRef(other.ID))
	}
	return a.Plan.Hash(a.Episode, refs...)
}

// Lifted reports that two people have decided about the account at hand: they have lifted its protection.
func Lifted(a *api.Assessment) bool { return a.Account != nil && a.Account.Lifted }
