package activities

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/identity"
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

// superseded says that a plan no longer holds. The run looks again instead of asking anybody.
func superseded(why string) error {
	return final(api.ErrSuperseded, "not done: "+why)
}
