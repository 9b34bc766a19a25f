package systems

import (
	"context"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// writeProfile writes attributes. Where somebody has changed one since the plan was made, it is read and decided again. The ledger
// keeps what was to be there and what the system shows in its place: a value that does not stick is known by that.
func (c *carrying) writeProfile(ctx context.Context) (bool, error) {
	system, err := capable[target.ProfileWriter](c, "write profiles")
	if err != nil {
		return false, err
	}
	if err := c.mayGive(ctx); err != nil {
		return false, err
	}
	changes, err := c.changes(ctx)
	if err != nil {
		return false, err
	}
	now, err := system.WriteProfile(ctx, target.ProfileRequest{Write: c.write, Changes: changes})
	if connectors.IsKind(err, connectors.KindConflict) {
		if now, err = c.alreadySo(ctx, err); err != nil {
			return false, err
		}
	}
	if err != nil {
		return false, err
	}
	if err := c.noteValues(ctx, now); err != nil {
		return false, err
	}
	return !c.says(c.was), c.note(ctx)
}

// changes are what to write. A kind of user is planned by its name, and nobody plans from which one.
func (c *carrying) changes(ctx context.Context) ([]target.Change, error) {
	for i, change := range c.in.Step.Changes {
		if change.Attribute != target.AttributeProfile {
			continue
		}
		ids, err := c.idsOf(ctx, c.ref.System, identity.ObjectProfile, []string{change.To})
		if err != nil {
			return nil, err
		}
		c.in.Step.Changes = slices.Clone(c.in.Step.Changes)
		c.in.Step.Changes[i].From, c.in.Step.Changes[i].To = c.was.Profile, ids[0]
	}
	changes := make([]target.Change, len(c.in.Step.Changes))
	for i, change := range c.in.Step.Changes {
		changes[i] = target.Change{Attribute: change.Attribute, From: change.From, To: change.To}
	}
	return changes, nil
}

// alreadySo is the account where a write was refused because somebody else has changed a value: another attempt has come through, or
// the plan does not hold any more.
func (c *carrying) alreadySo(ctx context.Context, refused error) (target.Account, error) {
	now, err := c.able.Read(ctx, target.ReadRequest{ID: c.ref.ID, Urgent: c.in.Leaving})
	switch {
	case err != nil:
		return target.Account{}, err
	case !c.says(now):
		c.was = now
		return target.Account{}, step.Superseded("a value was changed since it was read: " + refused.Error())
	}
	return now, nil
}

// says reports that an account shows every value of the step.
func (c *carrying) says(a target.Account) bool {
	for _, change := range c.in.Step.Changes {
		if shown, known := a.Attribute(change.Attribute); !known || shown != change.To {
			return false
		}
	}
	return true
}

func (c *carrying) noteValues(ctx context.Context, now target.Account) error {
	values := make(map[string]identity.SystemValue, len(c.in.Step.Changes))
	for _, change := range c.in.Step.Changes {
		v := identity.SystemValue{Written: c.Ledger.Digest(change.Normal), At: c.Clock()}
		v.Seen = v.Written
		if shown, known := now.Attribute(change.Attribute); known && shown != change.To {
			v.Seen = c.Ledger.Digest(c.Policy().NormalForm(c.ref.System, change.Attribute, shown))
		}
		values[change.Attribute] = v
	}
	return c.Ledger.Systems().NoteValues(ctx, c.ref, values)
}
