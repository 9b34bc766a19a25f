package people

import (
	"context"

	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/identity"
)

// MayGive is asked right before somebody is given something in a system beside OneLogin: an account, a membership, a licence, a
// value. They must work here or be about to, and no order may speak against it. HR is read again, because days may have passed since
// the plan was made, and their records there are returned. Whoever has yet to begin is given what is made ready ahead of their first day.
func (p *Person) MayGive(ctx context.Context, key string) ([]identity.Record, error) {
	d, found, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, step.Superseded("the person is no longer in the ledger")
	}
	if d.Person.Forward != "" {
		return nil, step.Superseded("the person is another record's by now")
	}
	d.Orders = begun(d)
	now := p.Clock()
	if err := againstOpening(d, now); err != nil {
		return nil, err
	}
	// What this look sees is kept by the next assessment, which follows at once if it matters.
	engagements, err := p.engagements(ctx, &d, false, now, &outcome.Notes{})
	if err != nil {
		return nil, err
	}
	person := p.Policy().Person(key, engagements, now)
	if !mayBeIn(person) && person.Standing != identity.StandingUpcoming {
		return nil, step.Superseded("HR no longer says that the person works here")
	}
	return humanOf(&d, engagements, false).Records, nil
}

// Preserved stops a step from removing what a hold order keeps, however old the plan is.
func (p *Person) Preserved(ctx context.Context, key string) error {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	if InForce(d.Orders, identity.OrderHold, p.Clock()) != nil {
		return step.Superseded("what the account holds is preserved")
	}
	return nil
}
