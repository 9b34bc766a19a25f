package outcome

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/policy"
)

// WriteDown keeps the notes of a look and draws on the safety budgets for what it wants done. What does not fit waits
// for a person. Others says that the first account of a leaver may be closed and that there is no room for the others.
func (k Keeper) WriteDown(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order, seen Notes) (others bool, err error) {
	reservations, err := k.Reservations(ctx, pol, a, orders)
	if err != nil {
		return false, err
	}
	if !endsAnything(a) {
		return false, k.writeDownChange(ctx, a, reservations, seen)
	}
	if len(reservations) == 0 && !seen.Any() && contains(a) {
		return false, nil
	}
	var full *budgets.Reservation
	var held budgets.Held
	err = k.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		full = nil
		if err := seen.Write(ctx, l); err != nil {
			return err
		}
		for i := range reservations {
			var err error
			if held, err = l.Budgets().Reserve(ctx, reservations[i]); err != nil {
				return err
			}
			if !held.Granted {
				full = &reservations[i]
				break
			}
		}
		if full == nil && contains(a) {
			return nil // What a containment came to is written down with its evidence.
		}
		return l.People().NoteAssessed(ctx, assessedOf(a, full))
	})
	if err != nil || full == nil {
		return err == nil && held.FurtherHeld, err
	}
	name, _, _ := strings.Cut(full.Budget, "/")
	if source, kind, _ := strings.Cut(held.Hold, "/"); strings.HasPrefix(kind, api.HoldAhead) {
		wait(a, name, api.HoldRef{Source: source, Kind: kind})
		return false, nil
	}
	a.Held, a.Plan.Verdict, a.Plan.Steps = a.Plan.Steps, identity.VerdictAttention, nil
	says := "held"
	if held.Undecided {
		says = "held_undecided"
	}
	a.Plan.Reason = words.Sure(says, view{Budget: name, Used: held.Used, Allowed: held.Allowed, Window: full.Window.String()})
	a.Plan.Notices = append(a.Plan.Notices, identity.Notice{
		Code: budgeting.Prefix + name, Text: a.Plan.Reason, Owner: a.FallbackOwner, Blocking: true,
	})
	return false, nil
}

// furtherKeys is what the budget counts the other accounts of a leaver under, beside their first.
func furtherKeys(a *api.Assessment, first string) []string {
	var keys []string
	for _, other := range a.Others {
		if other.Status != identity.AccountSuspended {
			keys = append(keys, first+"@"+identity.OneLoginRef(other.ID).String())
		}
	}
	return keys
}

// endsSignIn reports that a plan ends somebody's sign-in. A leaver whom an order had suspended has none to lose.
func endsSignIn(a *api.Assessment) bool {
	ends := a.Plan.Verdict == identity.VerdictLeave || a.Plan.Verdict == identity.VerdictSuspend
	return ends && a.Plan.Has(identity.StepSuspend) && a.Account.Status != identity.AccountSuspended
}

// shutsOut reports that a plan locks somebody out or takes their password away because a rule says so, and nobody else.
func shutsOut(a *api.Assessment, orders []identity.Order) bool {
	if a.Plan.Verdict != identity.VerdictRespond {
		return false
	}
	shut := false
	for _, s := range a.Plan.Steps {
		if s.Kind != identity.StepLock && s.Kind != identity.StepResetPassword {
			continue
		}
		for _, o := range orders {
			if !slices.Contains(s.Orders, o.ID) {
				continue
			}
			if o.Rule == "" {
				return false // A named person's word is never held.
			}
			shut = true
		}
	}
	return shut
}

// Reservations is the room that a plan needs in the safety budgets. Only a template that may act needs any.
func (k Keeper) Reservations(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order) ([]budgets.Reservation, error) {
	limits := map[string]policy.Limit{}
	safety := pol.Safety()
	if a.Mode == api.ModeObserve {
		return nil, nil
	}
	if endsSignIn(a) {
		limits[budgeting.Contain] = safety.Contain
	}
	if shutsOut(a, orders) {
		limits[budgeting.Respond] = safety.Contain
	}
	changeLimits(pol, a, orders, limits)
	if len(limits) == 0 {
		return nil, nil
	}
	named := a.Order
	if a.Plan.Verdict == identity.VerdictSuspend {
		named = a.Suspend
	}
	active, err := k.Ledger.Roster().ActivePeople(ctx, a.Source)
	var all []budgets.Reservation
	for _, name := range budgeting.ByWeight(limits) {
		r := budgets.Reservation{
			Budget: budgeting.OfSource(name, a.Source), Keys: []string{budgeting.Key(name, a.Key, a.Episode, a.Want)}, Window: safety.Window,
			Limit:    budgets.Limit{Count: limits[name].Count, Percent: limits[name].Percent, Of: active},
			Override: named != nil && named.Rule == "" || Lifted(a), Hold: true, By: api.ByGatehouse,
		}
		if budgeting.OfMoves(name) {
			r.Person = a.Key + "/"
		}
		if name == budgeting.Contain {
			r.Further = furtherKeys(a, r.Keys[0])
		}
		all = append(all, r)
		if name == budgeting.Remove {
			all = append(all, byTheirSources(pol, a, r)...)
		}
	}
	return all, err
}

// byTheirSources are the reservations for roles that follow another system: what is wrong there is wrong for everybody at once,
// whatever HR says.
func byTheirSources(pol *policy.Policy, a *api.Assessment, r budgets.Reservation) (all []budgets.Reservation) {
	taken, _ := a.Plan.Step(identity.StepRemoveRoles)
	for _, sys := range pol.Follow(taken.Names) {
		own := r
		own.Budget = budgeting.OfSource(budgeting.Remove, sys.Name)
		if limit, set := sys.Limits[budgeting.Remove]; set {
			own.Limit.Count, own.Limit.Percent = limit.Count, limit.Percent
		}
		all = append(all, own)
	}
	return all
}
