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

// changeLimits adds the budgets that a change draws on which ends nobody's sign-in.
func changeLimits(pol *policy.Policy, a *api.Assessment, orders []identity.Order, limits map[string]policy.Limit) {
	draw := func(budget string, when bool) {
		if when {
			limits[budget] = budgeting.LimitOf(pol.Safety(), budget)
		}
	}
	add, _ := a.Plan.Step(identity.StepAddRoles)
	privileged := slices.ContainsFunc(pol.PrivilegedRoles(), func(role string) bool { return slices.Contains(add.Names, role) })
	switch a.Plan.Verdict {
	case identity.VerdictJoin:
		draw(budgeting.Join, opensNew(a))
		draw(budgeting.Reactivate, a.Plan.Has(identity.StepActivate) && a.Account != nil && a.Account.SuspendedByUs)
		draw(budgeting.Privileged, privileged)
	case identity.VerdictChange:
		draw(budgeting.Remove, a.Plan.Has(identity.StepRemoveRoles) && !deniedByName(a, orders))
		draw(budgeting.Privileged, privileged)
		draw(budgeting.Grant, givesByRule(pol, add.Names, orders, a))
		draw(budgeting.Group, a.Plan.Has(identity.StepSetGroup) && !byRestriction(pol, a, orders))
		draw(budgeting.Profile, a.Plan.Has(identity.StepSetProfile) && !setByName(a, orders) || a.Plan.Has(identity.StepRename))
	case identity.VerdictUndo, identity.VerdictDelete:
		draw(budgeting.Delete, a.Plan.Has(identity.StepDelete))
	case identity.VerdictRespond:
		draw(budgeting.Reactivate, opensByRule(a, orders))
	case identity.VerdictLeave, identity.VerdictSuspend, identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention,
		identity.VerdictLift:
	}
}

// opensNew reports that a plan makes an account, or opens one that somebody else has prepared. Opening what Gatehouse made
// was counted when it was made.
func opensNew(a *api.Assessment) bool {
	if a.Plan.Has(identity.StepCreate) {
		return true
	}
	return a.Plan.Has(identity.StepActivate) && a.Account != nil && !a.Account.SuspendedByUs && !a.Account.CreatedByUs
}

// givesByRule reports that a rule gives a role, and nobody's order.
func givesByRule(pol *policy.Policy, added []string, orders []identity.Order, a *api.Assessment) bool {
	return slices.ContainsFunc(pol.RolesByRules(added), func(role string) bool {
		return !slices.ContainsFunc(orders, func(o identity.Order) bool {
			return o.Kind == identity.OrderGrant && o.InForce(a.Person.AsOf) && slices.Contains(o.Roles, role)
		})
	})
}

// byRestriction reports that an account changes its group because of a restriction or its end, about which somebody or the
// grace period has decided.
func byRestriction(pol *policy.Policy, a *api.Assessment, orders []identity.Order) bool {
	restricted := slices.ContainsFunc(orders, func(o identity.Order) bool {
		return o.Kind == identity.OrderRestrict && o.InForce(a.Person.AsOf)
	})
	return restricted || a.Account != nil && pol.Restricted(a.Account.Group)
}

// endsAnything reports that a plan ends access.
func endsAnything(a *api.Assessment) bool {
	switch a.Plan.Verdict {
	case identity.VerdictLeave, identity.VerdictSuspend, identity.VerdictRespond:
		return true
	case identity.VerdictJoin, identity.VerdictChange, identity.VerdictUndo, identity.VerdictDelete, identity.VerdictLift, identity.VerdictNone,
		identity.VerdictWait, identity.VerdictAttention:
	}
	return false
}

// writeDownChange keeps the notes of a look that ends nobody's access, and draws on every budget that its plan needs, or on
// none. What does not fit joins the batch of its kind, which a run of its own asks about: the person's run does not.
func (k Keeper) writeDownChange(ctx context.Context, a *api.Assessment, reservations []budgets.Reservation, seen Notes) error {
	refused, tell := -1, false
	var held []budgets.Held
	err := k.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		refused, tell = -1, false
		if err := seen.Write(ctx, l); err != nil {
			return err
		}
		if len(reservations) == 0 {
			return l.People().NoteAssessed(ctx, assessedOf(a, nil))
		}
		var err error
		if held, refused, err = l.Budgets().ReserveAll(ctx, reservations); err != nil {
			return err
		}
		if refused < 0 {
			return l.People().NoteAssessed(ctx, assessedOf(a, nil))
		}
		if tell, err = holdBack(ctx, l, a, reservations, refused, held[refused]); err != nil {
			return err
		}
		return l.People().NoteAssessed(ctx, assessedOf(a, &reservations[refused]))
	})
	if err != nil {
		return err
	}
	if refused < 0 {
		return k.leaveHolds(ctx, a.Key)
	}
	budget, _, _ := strings.Cut(reservations[refused].Budget, "/")
	ref := batchFor(a.Source, budget, held[refused])
	wait(a, budget, ref)
	if !tell {
		return nil
	}
	return k.Launch.Hold(ctx, ref, api.HoldGrown)
}

// batchFor is the batch of a change that a budget refuses: the one that it stands in already, else that of the budget.
func batchFor(source, budget string, held budgets.Held) api.HoldRef {
	if from, kind, found := strings.Cut(held.Hold, "/"); found && from == source && !strings.HasPrefix(kind, api.HoldAhead) {
		return api.HoldRef{Source: source, Kind: kind}
	}
	return api.HoldRef{Source: source, Kind: budgeting.HoldKind(budget)}
}

// holdBack puts what was refused into its batch. A hire who does not come and whose account was never opened has no access
// left to end, so that nobody is alarmed while its deletion is held.
func holdBack(ctx context.Context, l *ledger.Ledger, a *api.Assessment, all []budgets.Reservation, refused int, held budgets.Held) (tell bool, err error) {
	budget, _, _ := strings.Cut(all[refused].Budget, "/")
	back := budgets.HeldBack{Source: a.Source, Kind: batchFor(a.Source, budget, held).Kind, Person: a.Key, Used: held.Used, Allowed: held.Allowed}
	for _, r := range all {
		for _, key := range r.Keys {
			back.Keys = append(back.Keys, budgets.Key{Budget: r.Budget, Key: key})
		}
	}
	if budget == budgeting.Delete && a.Account != nil && noSignIn(a.Account) {
		if err := l.People().MarkDepartureContained(ctx, a.Key, a.Episode, a.Person.AsOf); err != nil {
			return false, err
		}
	}
	return l.Budgets().HoldBack(ctx, back)
}

// wait makes an assessment one of somebody whose change is held with others: nothing is done, and nothing is asked here.
func wait(a *api.Assessment, budget string, ref api.HoldRef) {
	a.Held, a.Plan.Verdict, a.Plan.Steps = a.Plan.Steps, identity.VerdictWait, nil
	a.Plan.Reason = words.Sure("held_with_others", view{Budget: budget, Hold: api.HoldID(ref)})
	a.Plan.Notices = append(a.Plan.Notices, identity.Notice{Code: budgeting.Prefix + budget, Text: a.Plan.Reason, Owner: a.FallbackOwner})
}

// leaveHolds takes somebody out of the batches that hold what is not wanted any more, and has the runs about them look.
func (k Keeper) leaveHolds(ctx context.Context, key string) error {
	holds, err := k.Ledger.Budgets().HeldFor(ctx, key)
	if err != nil || len(holds) == 0 {
		return err
	}
	if err := k.Ledger.Budgets().LeaveHolds(ctx, key); err != nil {
		return err
	}
	for _, h := range holds {
		if err := k.Launch.Hold(ctx, api.HoldRef{Source: h.Source, Kind: h.Kind}, api.HoldGrown); err != nil {
			return err
		}
	}
	return nil
}
