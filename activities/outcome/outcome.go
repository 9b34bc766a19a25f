// Package outcome keeps of an assessment what outlives it: what was found on the way, since when the person has to be out, how
// their access came about, and what of the plan the safety budgets let pass. It reads neither HR nor OneLogin.
package outcome

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

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

// WithSystems identifies what an assessment would have done with what it would have done in the systems beside OneLogin: base is what
// PlanHash says, and stays where that is nothing.
func WithSystems(base string, plans []identity.SystemPlan) string {
	var lines []string
	for _, p := range plans {
		if p.Observe {
			continue
		}
		for _, s := range p.Steps {
			line := fmt.Sprintf("%q %q %q %q %q", p.Ref(), s.Kind, slices.Sorted(slices.Values(s.Names)), s.To, s.Profile)
			for _, c := range s.Changes {
				line += fmt.Sprintf(" %q %q", c.Attribute, c.To)
			}
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return base
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(append(lines, base), "\n")))
	return hex.EncodeToString(sum[:16])
}
