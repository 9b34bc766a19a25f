package activities

import (
	"context"
	"fmt"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// Budgets of the ledger, and what the notice codes of a used-up one begin with.
const (
	budgetContain    = "contain"
	budgetReactivate = "reactivate"
	budgetPrefix     = "budget_"
)

// sourceBudget is a budget of one HR source: a wrong export is wrong for one source at a time.
func sourceBudget(budget, source string) string { return budget + "/" + source }

// budgetKey is one change to one person as a budget counts it.
func budgetKey(key string, episode int) string { return key + "/" + strconv.Itoa(episode) }

// budget draws on the safety budgets. What does not fit waits for a person.
func (p *Person) budget(ctx context.Context, pol *policy.Policy, a *api.Assessment) error {
	safety := pol.Safety()
	var name string
	var limit policy.Limit
	switch {
	case a.Plan.Verdict == identity.VerdictLeave && a.Plan.Has(identity.StepSuspend):
		name, limit = budgetContain, safety.Contain
	case a.Plan.Verdict == identity.VerdictJoin && a.Plan.Has(identity.StepActivate) && a.Account != nil && a.Account.SuspendedByUs:
		name, limit = budgetReactivate, safety.Reactivate
	default:
		return nil
	}
	active, err := p.Ledger.ActivePeople(ctx, a.Source)
	if err != nil {
		return err
	}
	held, err := p.Ledger.Reserve(ctx, ledger.Reservation{
		Budget: sourceBudget(name, a.Source), Keys: []string{budgetKey(a.Key, a.Episode)}, Window: safety.Window,
		Limit:    ledger.Limit{Count: limit.Count, Percent: limit.Percent, Of: active},
		Override: a.Order != nil, By: "gatehouse",
	})
	if err != nil {
		return err
	}
	if !held.Granted {
		a.Plan.Verdict, a.Plan.Steps = identity.VerdictAttention, nil
		a.Plan.Reason = fmt.Sprintf("Held by the safety budget %q: %d of %d used in %s. Nothing was changed.",
			name, held.Used, held.Allowed, safety.Window)
		a.Plan.Notices = append(a.Plan.Notices, identity.Notice{
			Code: budgetPrefix + name, Text: a.Plan.Reason, Owner: a.FallbackOwner, Blocking: true,
		})
	}
	return nil
}
