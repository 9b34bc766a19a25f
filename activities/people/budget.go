package people

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// Notes are what a look has found and the ledger has yet to keep. They are written together when the look is over: one
// commit stands before a containment, and a look that fails half-way leaves nothing behind.
type Notes struct {
	list []func(context.Context, *ledger.Ledger) error
	// departure is what HR's word means, known before the account is found; nil if HR was not read or wants nobody out.
	departure *persons.Departure
	// addresses are digests of the work addresses that records had before this look, by record, of those that have another one now.
	addresses map[string]string
}

// learn keeps that HR wants somebody out, for a look that fails before it is over.
func (n *Notes) learn(row persons.Person, person identity.Person) {
	if next, leaves := departureOf(row, person); leaves {
		n.departure = &next
	}
}

func (n *Notes) add(note func(context.Context, *ledger.Ledger) error) { n.list = append(n.list, note) }

// writeDown keeps the notes of a look and draws on the safety budgets for what it wants done. What does not fit waits
// for a person.
func (p *Person) writeDown(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order, seen Notes) error {
	reservations, err := p.reservations(ctx, pol, a, orders)
	if err != nil {
		return err
	}
	if !endsAnything(a) {
		return p.writeDownChange(ctx, a, reservations, seen)
	}
	if len(reservations)+len(seen.list) == 0 && contains(a) {
		return nil
	}
	var full *budgets.Reservation
	var held budgets.Held
	err = p.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		full = nil
		for _, note := range seen.list {
			if err := note(ctx, l); err != nil {
				return err
			}
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
	if err != nil {
		return err
	}
	if full == nil {
		if held.FurtherHeld {
			p.holdOthers(pol, a)
		}
		return nil
	}
	name, _, _ := strings.Cut(full.Budget, "/")
	if source, kind, _ := strings.Cut(held.Hold, "/"); strings.HasPrefix(kind, api.HoldAhead) {
		p.wait(a, name, api.HoldRef{Source: source, Kind: kind})
		return nil
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
	return nil
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

// holdOthers has somebody asked about the other accounts of a leaver, for which the budget has no room. The first is closed.
func (p *Person) holdOthers(pol *policy.Policy, a *api.Assessment) {
	open := func(other identity.Account) bool { return other.Status != identity.AccountSuspended }
	for _, other := range a.Others {
		if open(other) {
			a.Doubts = append(a.Doubts, p.doubt(pol, other, api.NoticeBudgetContain, match.Tied{Reasons: []string{reasonBudget}}))
		}
	}
	a.Others = slices.DeleteFunc(a.Others, open)
	a.PlanHash = planHash(*a)
}

// reasonBudget is why somebody is asked about an account that is certainly a leaver's.
const reasonBudget = "the safety budget for containments is used up"

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

// reservations is the room that a plan needs in the safety budgets. Only a template that may act needs any.
func (p *Person) reservations(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order) ([]budgets.Reservation, error) {
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
	active, err := p.Ledger.Roster().ActivePeople(ctx, a.Source)
	var all []budgets.Reservation
	for _, name := range budgeting.ByWeight(limits) {
		r := budgets.Reservation{
			Budget: budgeting.OfSource(name, a.Source), Keys: []string{budgeting.Key(name, a.Key, a.Episode, a.Want)}, Window: safety.Window,
			Limit:    budgets.Limit{Count: limits[name].Count, Percent: limits[name].Percent, Of: active},
			Override: named != nil && named.Rule == "" || liftedAccount(a), Hold: true, By: ByGatehouse,
		}
		if budgeting.OfMoves(name) {
			r.Person = a.Key + "/"
		}
		if name == budgeting.Contain {
			r.Further = furtherKeys(a, r.Keys[0])
		}
		all = append(all, r)
	}
	return all, err
}
