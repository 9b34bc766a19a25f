package people

import (
	"context"
	"slices"
	"time"

	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// MayActivate is asked right before an account is opened: the person must be employed and no order may speak against
// it. HR is read again, because days may have passed since the plan was made.
func (p *Person) MayActivate(ctx context.Context, key string, ref identity.Ref) error {
	d, found, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	if !found {
		return step.Superseded("the person is no longer in the ledger")
	}
	now := p.Clock()
	if err := againstOpening(d, now); err != nil {
		return err
	}
	if alone, err := p.liftsAlone(ctx, d, ref); err != nil || alone {
		return err
	}
	// What this look sees is kept by the next assessment, which follows at once if it matters.
	engagements, err := p.engagements(ctx, &d, false, now, &outcome.Notes{})
	if err != nil {
		return err
	}
	if !mayBeIn(p.Policy().Person(key, engagements, now)) {
		return step.Superseded("HR no longer wants the account open")
	}
	return nil
}

// againstOpening is an error where an order in force has an account stay closed.
func againstOpening(d ledger.Dossier, now time.Time) error {
	for _, o := range d.Orders {
		blocks := o.Kind == identity.OrderContain || o.Kind == identity.OrderSuspend || o.Kind == identity.OrderFreeze
		if blocks && o.InForce(now) {
			return step.Superseded("an order speaks against it")
		}
	}
	return nil
}

// MayEnable is asked right before an account is opened that somebody else has closed: HR must say that the person works here and is not
// on leave, no order may speak against it, and the order to open it must not have been taken back.
func (p *Person) MayEnable(ctx context.Context, key, order string) error {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	now := p.Clock()
	if !slices.ContainsFunc(d.Orders, func(o identity.Order) bool { return o.ID == order && o.InForce(now) }) {
		return step.Superseded("the order to open the account is over")
	}
	if err := againstOpening(d, now); err != nil {
		return err
	}
	engagements, err := p.engagements(ctx, &d, false, now, &outcome.Notes{})
	if err != nil {
		return err
	}
	switch p.Policy().Person(key, engagements, now).Standing {
	case identity.StandingActive, identity.StandingLeaving:
		return nil
	case identity.StandingOnLeave, identity.StandingUnknown, identity.StandingUpcoming, identity.StandingLeft, identity.StandingRescinded:
	}
	return step.Superseded("HR does not want the account open")
}

// mayBeIn reports that HR wants somebody to have access now.
func mayBeIn(person identity.Person) bool {
	switch person.Standing {
	case identity.StandingActive, identity.StandingLeaving, identity.StandingOnLeave:
		return true
	case identity.StandingUnknown, identity.StandingUpcoming, identity.StandingLeft, identity.StandingRescinded:
	}
	return false
}

// liftsAlone reports that an account was suspended for an order about the account alone, which is over. No HR record is read
// under its key. Where it is somebody's further account, its owner has to be allowed in.
func (p *Person) liftsAlone(ctx context.Context, d ledger.Dossier, ref identity.Ref) (bool, error) {
	source, _, err := identity.SplitKey(d.Person.Key)
	if err != nil || source != identity.SourceAccount || len(d.Links) > 0 || d.Person.Forward != "" {
		return false, nil
	}
	row, _, err := p.Ledger.Inventory().Account(ctx, ref)
	if err != nil || row.SuspendedFor == "" {
		return false, err
	}
	if !row.Belongs() || row.Person == d.Person.Key {
		return true, nil
	}
	return true, p.ownerIsIn(ctx, row.Person)
}

// ownerIsInAfter is when an owner is asked about again who may not be in. Their departure decides about the account then.
const ownerIsInAfter = 10 * time.Second

// ownerIsIn returns an error while the owner of an account may not be in.
func (p *Person) ownerIsIn(ctx context.Context, owner string) error {
	d, _, err := p.Ledger.Dossier(ctx, owner)
	if err == nil && d.Person.Forward != "" {
		d, _, err = p.Ledger.Dossier(ctx, d.Person.Forward)
	}
	if err != nil || len(d.Links) == 0 {
		return err
	}
	now := p.Clock()
	engagements, err := p.engagements(ctx, &d, false, now, &outcome.Notes{})
	if err != nil {
		return err
	}
	if ContainOrder(d.Orders, now) != nil || !mayBeIn(p.Policy().Person(d.Person.Key, engagements, now)) {
		return step.RetryAfter("the account stays closed: its owner "+d.Person.Key+" may not be in", ownerIsInAfter)
	}
	return nil
}
