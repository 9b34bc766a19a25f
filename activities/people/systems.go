package people

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// Systems plans what has to be done in the systems beside OneLogin. It reads the ledger and none of these systems.
type Systems interface {
	// Views returns what is known of a person in every system of the policy, nil where the policy has none. ManagerKey is the key of
	// their manager, "" if nobody is known.
	Views(ctx context.Context, pol *policy.Policy, key string, episode int, managerKey string) ([]identity.SystemView, error)
	// Plan adds what has to be done there to an assessment. Dry draws on no budget and writes nothing down.
	Plan(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order, dry bool) error
	// AskOwners tells of accounts there that are no person's own and that a leaver looked after, and of mailboxes in their hands.
	AskOwners(ctx context.Context, pol *policy.Policy, leaver string) error
}

// systemsOf is what is known of a person in the systems beside OneLogin. Where HR was not asked, the account says who the manager is.
func (p *Person) systemsOf(ctx context.Context, pol *policy.Policy, row persons.Person, person identity.Person, account *identity.Account) ([]identity.SystemView, error) {
	if p.Systems == nil || len(pol.Systems()) == 0 {
		return nil, nil
	}
	manager, err := p.managerKey(ctx, person.Record)
	if err == nil && manager == "" && account != nil && account.ManagerID != 0 {
		row, _, failed := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(account.ManagerID))
		if manager, err = row.Person, failed; !row.Belongs() {
			manager = ""
		}
	}
	if err != nil {
		return nil, err
	}
	return p.Systems.Views(ctx, pol, row.Key, row.Episode, manager)
}

// planSystems adds to an assessment what has to be done beside OneLogin, once it is known what of the rest is held.
func (p *Person) planSystems(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order) error {
	if p.Systems == nil {
		return nil
	}
	if err := p.Systems.Plan(ctx, pol, a, orders, p.dry); err != nil {
		return err
	}
	a.PlanHash = outcome.WithSystems(a.PlanHash, a.Systems)
	return nil
}

// provisioningDeletes is the budget that keeps for whose departure somebody has allowed OneLogin to delete what it provisions.
const provisioningDeletes = api.NoticeProvisioningDeletes

// holdDeleting holds a departure back, or a suspension that a rule orders, by which OneLogin would delete what the person has in another
// system, until somebody has decided about it. What a named person orders is carried out.
func (p *Person) holdDeleting(ctx context.Context, pol *policy.Policy, a *api.Assessment, orders []identity.Order) error {
	var deletes []string
	switch {
	case a.Mode == api.ModeObserve || outcome.Lifted(a):
	case a.Plan.Verdict == identity.VerdictLeave && (a.Order == nil || a.Order.Rule != ""):
		deletes = pol.DeletesOnDeparture(a.Person.Systems)
	case a.Plan.Verdict == identity.VerdictSuspend && !slices.ContainsFunc(orders, func(o identity.Order) bool {
		return o.Kind == identity.OrderSuspend && o.Rule == "" && o.InForce(a.Person.AsOf)
	}):
		deletes = pol.DeletesOnSuspension(a.Person.Systems)
	}
	if len(deletes) == 0 {
		return nil
	}
	granted, _, err := p.Ledger.Budgets().HeldAmong(ctx, budgeting.OfSource(provisioningDeletes, a.Source), []string{departureKey(a.Key, a.Episode)})
	if err != nil || len(granted) > 0 {
		return err
	}
	a.Held, a.Plan.Verdict, a.Plan.Steps = a.Plan.Steps, identity.VerdictAttention, nil
	a.Plan.Reason = words.Sure("provisioning_deletes", view{Why: strings.Join(deletes, ", ")})
	a.Plan.Notices = append(a.Plan.Notices, identity.Notice{
		Code: api.NoticeProvisioningDeletes, Text: a.Plan.Reason, Owner: cmp.Or(a.FallbackOwner, pol.Leaver().FallbackOwner), Blocking: true,
	})
	return nil
}

// allowDeleting keeps that somebody has allowed it, for one departure.
func (p *Person) allowDeleting(ctx context.Context, in api.DecideInput) error {
	_, err := p.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
		Budget: budgeting.OfSource(provisioningDeletes, in.Source), Keys: []string{departureKey(in.Key, in.Episode)}, Override: true, By: in.Decision.By,
	})
	return err
}

// departureKey names one departure of somebody's.
func departureKey(key string, episode int) string {
	return budgeting.Key(budgeting.Contain, key, episode, "")
}
