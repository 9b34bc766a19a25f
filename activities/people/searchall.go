package people

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// Search looks for every account of somebody whose access is being ended, besides those that the run deals with already.
// HR is read for what to search by; where it does not answer, what the ledger knows has to do.
func (p *Person) Search(ctx context.Context, in api.SearchInput) (api.Found, error) {
	found, err := p.searchAll(ctx, in)
	return found, step.Urgent(err)
}

func (p *Person) searchAll(ctx context.Context, in api.SearchInput) (api.Found, error) {
	pol := p.Policy()
	d, _, err := p.Ledger.Dossier(ctx, in.Key)
	if err != nil {
		return api.Found{}, err
	}
	h, person, err := p.asKnown(ctx, pol, &d)
	if err != nil {
		return api.Found{}, err
	}
	if person.Standing.Employed() && ContainOrder(d.Orders, p.Clock()) == nil {
		return api.Found{}, step.Superseded("HR says that the person is employed")
	}
	found, err := p.everyAccount(ctx, p.OneLogin.For(onelogin.Containment), pol, h, in.Except, false)
	if err != nil {
		return api.Found{}, err
	}
	if in.Order == "" && policy.Recordless(person) {
		found.leaveOut(p.neverClosed(pol, &d, found.theirs))
	}
	var seen outcome.Notes
	if err := p.tellOfSearch(ctx, h.Key, found); err != nil {
		return api.Found{}, err
	}
	if p.Systems != nil && person.Standing == identity.StandingLeft {
		if err := p.Systems.AskOwners(ctx, pol, h.Key); err != nil {
			return api.Found{}, err
		}
	}
	p.putOnRecord(found, &d, h.Key, &seen)
	if seen.Any() {
		if err := p.Ledger.InTx(ctx, seen.Write); err != nil {
			return api.Found{}, err
		}
	}
	out := api.Found{Doubts: found.doubts, By: found.by}
	for _, a := range found.theirs {
		closed := in.Order == "" && pol.Plan(person, &a, d.Ended).Verdict != identity.VerdictLeave ||
			in.Order != "" && a.Status == identity.AccountSuspended && len(a.Roles) == 0 && !holdEnded(&d)
		if closed {
			if sessionsOpen(pol, &d, a) {
				out.Suspended = append(out.Suspended, a)
			}
			continue
		}
		held, err := p.reserveFurther(ctx, pol, in, a)
		if err != nil {
			return api.Found{}, err
		}
		if held != nil {
			out.Doubts = append(out.Doubts, *held)
			continue
		}
		out.Theirs = append(out.Theirs, a)
	}
	return out, nil
}

// asKnown is a human by what HR says now, or, where HR does not answer, by what the ledger has linked.
func (p *Person) asKnown(ctx context.Context, pol *policy.Policy, d *ledger.Dossier) (Human, identity.Person, error) {
	now := p.Clock()
	engagements, failed := p.engagements(ctx, d, false, now, &outcome.Notes{})
	if failed != nil {
		var err error
		if engagements, err = p.engagements(ctx, d, true, now, &outcome.Notes{}); err != nil {
			return Human{}, identity.Person{}, err
		}
	}
	return humanOf(d, engagements, true), pol.Person(d.Person.Key, engagements, now), nil
}

// reserveFurther draws a further account of a leaver on the budget for containments. A named person's order is never
// held.
func (p *Person) reserveFurther(ctx context.Context, pol *policy.Policy, in api.SearchInput, a identity.Account) (*api.Doubt, error) {
	if a.Status == identity.AccountSuspended {
		return nil, nil
	}
	source, _, err := identity.SplitKey(in.Key)
	if err != nil {
		return nil, step.NonRetryable(api.ErrInvalid, err.Error())
	}
	active, err := p.Ledger.Roster().ActivePeople(ctx, source)
	if err != nil {
		return nil, err
	}
	safety := pol.Safety()
	held, err := p.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
		Budget: budgeting.OfSource(budgeting.Contain, source), Window: safety.Window, By: api.ByGatehouse,
		Keys:     []string{budgeting.Key(budgeting.Contain, in.Key, in.Episode, "") + "@" + identity.OneLoginRef(a.ID).String()},
		Limit:    budgets.Limit{Count: safety.Contain.Count, Percent: safety.Contain.Percent, Of: active},
		Override: in.Order != "" && !in.Ruled,
	})
	if err != nil || held.Granted {
		return nil, err
	}
	d := p.doubt(pol, a, api.NoticeBudgetContain, match.Tied{Reasons: []string{reasonBudget}})
	return &d, nil
}
