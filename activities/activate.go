package activities

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// mayActivate is asked right before an account is opened: the person must be employed and no order may speak against
// it. HR is read again, because days may have passed since the plan was made.
func (p *Person) mayActivate(ctx context.Context, key string) error {
	d, found, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	if !found {
		return superseded("the person is no longer in the ledger")
	}
	now := p.Clock()
	for _, o := range d.Orders {
		blocks := o.Kind == identity.OrderContain || o.Kind == identity.OrderSuspend || o.Kind == identity.OrderFreeze
		if blocks && o.InForce(now) {
			return superseded("an order speaks against it")
		}
	}
	if bare, err := p.liftsForNobody(ctx, d); err != nil || bare {
		return err
	}
	// What this look sees is kept by the next assessment, which follows at once if it matters.
	engagements, err := p.engagements(ctx, &d, false, now, &notes{})
	if err != nil {
		return err
	}
	switch standing := p.Policy().Person(key, engagements, now).Standing; standing {
	case identity.StandingActive, identity.StandingLeaving, identity.StandingOnLeave:
		return nil
	case identity.StandingUnknown, identity.StandingUpcoming, identity.StandingLeft, identity.StandingRescinded:
		return superseded("HR no longer wants the account open")
	}
	return nil
}

// liftsForNobody reports that an account which no person in HR stands behind was suspended for an order. No HR record has a
// say in it, so that the end of the order opens it.
func (p *Person) liftsForNobody(ctx context.Context, d ledger.Dossier) (bool, error) {
	source, _, err := SplitKey(d.Person.Key)
	if err != nil || source != sourceAccount || len(d.Links) > 0 || d.Person.Forward != "" || d.Person.SuspendedFor == "" {
		return false, nil
	}
	owner, found, err := p.Ledger.PersonByAccount(ctx, accountID(&d))
	return err == nil && (!found || owner == d.Person.Key), err
}

// superseded says that a plan no longer holds. The run looks again instead of asking anybody.
func superseded(why string) error {
	return final(api.ErrSuperseded, "not done: "+why)
}
