package people

import (
	"context"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// assessUnderOrders looks at a person as their orders allow. A suspend order is carried out before HR is asked, so that it
// needs no HR system to answer; a response asks HR first, because it is pointless for somebody who has left, and does
// without where HR does not answer. A dry look carries nothing out, so it has the time to ask.
func (p *Person) assessUnderOrders(ctx context.Context, pol *policy.Policy, d ledger.Dossier, seen *outcome.Notes) (api.Assessment, error) {
	now := p.Clock()
	suspend := InForce(d.Orders, identity.OrderSuspend, now)
	if suspend != nil && ContainOrder(d.Orders, now) == nil && !p.dry {
		var bare outcome.Notes
		a, err := p.assessDossier(ctx, pol, withoutEnable(d), true, &bare)
		if err != nil || a.ForwardTo != "" || a.Plan.Verdict == identity.VerdictSuspend {
			*seen = bare
			return a, err
		}
	}
	a, err := p.assessDossier(ctx, pol, d, false, seen)
	if err == nil || !slices.ContainsFunc(d.Orders, func(o identity.Order) bool { return o.Kind.Response() && o.InForce(now) }) {
		return a, err
	}
	var bare outcome.Notes
	without, failed := p.assessDossier(ctx, pol, withoutEnable(d), true, &bare)
	if failed != nil || without.Account == nil || without.Plan.Verdict != identity.VerdictRespond {
		return a, err
	}
	*seen = bare
	return without, nil
}

// withoutEnable leaves out the orders to open an account: what HR says decides about them, and HR was not asked.
func withoutEnable(d ledger.Dossier) ledger.Dossier {
	d.Orders = slices.DeleteFunc(slices.Clone(d.Orders), func(o identity.Order) bool { return o.Kind == identity.OrderEnable })
	return d
}

// ContainOrder returns the contain order in force, if there is one.
func ContainOrder(orders []identity.Order, now time.Time) *identity.Order {
	return InForce(orders, identity.OrderContain, now)
}

// InForce returns an order of a kind that is in force, or nil: a named person's rather than a rule's, then the oldest.
func InForce(orders []identity.Order, kind identity.OrderKind, now time.Time) *identity.Order {
	var found *identity.Order
	for _, o := range orders {
		if o.Kind == kind && o.InForce(now) && (found == nil || found.Rule != "" && o.Rule == "") {
			found = &o
		}
	}
	return found
}

// urgent reports that a plan is carried out whatever else is unclear about the person.
func urgent(v identity.Verdict) bool {
	return v == identity.VerdictLeave || v == identity.VerdictSuspend || v == identity.VerdictRespond
}

// noteOrders keeps the ledger's marks of orders in step with what the account looks like: a suspension or lock that is
// over is no longer ours, and a grant that has ended is settled once nothing of it is left.
func (p *Person) noteOrders(d ledger.Dossier, a *api.Assessment, seen *outcome.Notes) {
	account := a.Account
	open := func(id string) bool {
		return slices.ContainsFunc(d.Orders, func(o identity.Order) bool { return o.ID == id })
	}
	if account != nil {
		ref := identity.OneLoginRef(account.ID)
		opened := account.Status != identity.AccountSuspended && a.Plan.Verdict != identity.VerdictSuspend && a.Plan.Verdict != identity.VerdictLeave
		if account.SuspendedFor != "" && opened {
			seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
				return l.Inventory().MarkSuspended(ctx, ref, "", false, "")
			})
		}
		if account.LockedFor != "" && account.Status != identity.AccountLocked && !open(account.LockedFor) {
			seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Inventory().MarkLocked(ctx, ref, "") })
		}
	}
	if a.Plan.Verdict == identity.VerdictLeave {
		// Somebody who comes back starts from policy, and not from a position before the last.
		for _, o := range d.Orders {
			if o.Rule == identity.RuleOverlap {
				seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
					_, err := l.Orders().Release(ctx, o.ID, api.ByGatehouse, "the person has left")
					return err
				})
			}
		}
	}
	for _, o := range d.Ended {
		if o.Kind == identity.OrderHold && (endsAccess(a.Person) || a.Order != nil) {
			continue // What it kept goes with the rest; the end of the departure settles it.
		}
		if o.Kind == identity.OrderSet && !policy.SetBack(o, account, a.Plan.Desired.Profile) {
			continue
		}
		left := func(role string) bool {
			return account != nil && slices.Contains(account.Roles, role) && !slices.Contains(a.Plan.Desired.Roles, role)
		}
		if !slices.ContainsFunc(o.Given, left) {
			seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Orders().Settle(ctx, o.ID) })
		}
	}
}

// holdEnded reports that a hold is over whose end has yet to be carried out.
func holdEnded(d *ledger.Dossier) bool {
	return slices.ContainsFunc(d.Ended, func(o identity.Order) bool { return o.Kind == identity.OrderHold })
}
