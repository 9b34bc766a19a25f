package activities

import (
	"context"
	"fmt"
	"strconv"
	"strings"

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

// notes are what a look has found and the ledger has yet to keep. They are written together when the look is over: one
// commit stands before a containment, and a look that fails half-way leaves nothing behind.
type notes struct {
	list []func(context.Context, *ledger.Ledger) error
}

func (n *notes) add(note func(context.Context, *ledger.Ledger) error) { n.list = append(n.list, note) }

// writeDown keeps the notes of a look and draws on the safety budget for what it wants done. What does not fit waits
// for a person.
func (p *Person) writeDown(ctx context.Context, pol *policy.Policy, a *api.Assessment, seen notes) error {
	reservation, needed, err := p.reservation(ctx, pol, a)
	if err != nil || !needed && len(seen.list) == 0 {
		return err
	}
	var held ledger.Held
	err = p.Ledger.Together(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		for _, note := range seen.list {
			if err := note(ctx, l); err != nil {
				return err
			}
		}
		if !needed {
			return nil
		}
		var err error
		held, err = l.Reserve(ctx, reservation)
		return err
	})
	if err != nil || !needed || held.Granted {
		return err
	}
	name, _, _ := strings.Cut(reservation.Budget, "/")
	a.Plan.Verdict, a.Plan.Steps = identity.VerdictAttention, nil
	a.Plan.Reason = fmt.Sprintf("Held by the safety budget %q: %d of %d used in %s. Nothing was changed.",
		name, held.Used, held.Allowed, reservation.Window)
	a.Plan.Notices = append(a.Plan.Notices, identity.Notice{
		Code: budgetPrefix + name, Text: a.Plan.Reason, Owner: a.FallbackOwner, Blocking: true,
	})
	return nil
}

// endsSignIn reports that a plan ends somebody's sign-in. A leaver whom an order had suspended has none to lose.
func endsSignIn(a *api.Assessment) bool {
	ends := a.Plan.Verdict == identity.VerdictLeave || a.Plan.Verdict == identity.VerdictSuspend
	return ends && a.Plan.Has(identity.StepSuspend) && a.Account.Status != identity.AccountSuspended
}

// reservation is the room that a plan needs in a safety budget. Only a template that may act needs any.
func (p *Person) reservation(ctx context.Context, pol *policy.Policy, a *api.Assessment) (r ledger.Reservation, needed bool, err error) {
	safety := pol.Safety()
	var name string
	var limit policy.Limit
	switch {
	case a.Mode == api.ModeObserve:
		return r, false, nil
	case endsSignIn(a):
		name, limit = budgetContain, safety.Contain
	case a.Plan.Verdict == identity.VerdictJoin && a.Plan.Has(identity.StepActivate) && a.Account != nil && a.Account.SuspendedByUs:
		name, limit = budgetReactivate, safety.Reactivate
	default:
		return r, false, nil
	}
	named := a.Order
	if a.Plan.Verdict == identity.VerdictSuspend {
		named = a.Suspend
	}
	active, err := p.Ledger.ActivePeople(ctx, a.Source)
	return ledger.Reservation{
		Budget: sourceBudget(name, a.Source), Keys: []string{budgetKey(a.Key, a.Episode)}, Window: safety.Window,
		Limit:    ledger.Limit{Count: limit.Count, Percent: limit.Percent, Of: active},
		Override: named != nil && named.Rule == "", By: byGatehouse,
	}, err == nil, err
}
