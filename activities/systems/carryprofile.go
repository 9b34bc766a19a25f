package systems

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// writeProfile writes attributes. What a system refuses of several is found by writing them one by one: the others are written, and what
// is refused is set aside until its owner's value changes. Where somebody has changed one since the plan was made, it is read and decided
// again. The ledger keeps what was to be there and what the system shows in its place: a value that does not stick is known by that.
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
	var overtaken error
	if setApart(err) {
		now, overtaken, err = c.oneByOne(ctx, system, changes)
	}
	if err != nil {
		return false, refusedWhole(attributesOf(changes), err)
	}
	if overtaken != nil {
		c.was = now
		return false, overtaken
	}
	if err := c.noteValues(ctx, c.in.Step.Changes, now); err != nil {
		return false, err
	}
	changed := slices.ContainsFunc(c.in.Step.Changes, func(change identity.SystemChange) bool {
		return !shows(c.was, change) && shows(now, change)
	})
	return changed || len(c.state.Left) == 0 && !c.says(c.was), c.note(ctx)
}

func attributesOf(changes []target.Change) (names []string) {
	for _, change := range changes {
		names = append(names, change.Attribute)
	}
	return names
}

// setApart reports that a system refuses what was to be written, and not who writes or that it is written now.
func setApart(err error) bool {
	return connectors.IsKind(err, connectors.KindConflict) || connectors.IsKind(err, connectors.KindInvalid)
}

// oneByOne writes attributes one after the other and returns the account as it is then. Overtaken says that somebody has changed one
// since the plan was made: what could be written is on record then.
func (c *carrying) oneByOne(ctx context.Context, system target.ProfileWriter, changes []target.Change) (now target.Account, overtaken, err error) {
	refused := map[string]error{}
	for _, change := range changes {
		_, err = system.WriteProfile(ctx, target.ProfileRequest{Write: c.write, Changes: []target.Change{change}})
		switch {
		case setApart(err):
			refused[change.Attribute] = err
		case err != nil:
			return now, nil, err
		}
	}
	if now, err = c.able.Read(ctx, target.ReadRequest{ID: c.ref.ID, Urgent: c.in.Leaving}); err != nil {
		return now, nil, err
	}
	var settled []identity.SystemChange
	for _, change := range c.in.Step.Changes {
		why := refused[change.Attribute]
		shown, _ := now.Attribute(change.Attribute)
		switch {
		case why == nil || shows(now, change):
			settled = append(settled, change)
		case connectors.IsKind(why, connectors.KindConflict) && shown != change.From:
			overtaken = step.Superseded("a value was changed since it was read: " + why.Error())
		default:
			settled = append(settled, change)
			c.state.Left = append(c.state.Left, fmt.Sprintf("%s: it does not take the %s that it is to have, and everything else was written: correct that with its "+
				"owner, and it is written again", c.ref.System, change.Attribute))
		}
	}
	if overtaken == nil {
		return now, nil, nil
	}
	return now, overtaken, c.noteValues(ctx, settled, now)
}

// changes are what to write. A kind of user is planned by its name, and nobody plans from which one.
func (c *carrying) changes(ctx context.Context) ([]target.Change, error) {
	for i, change := range c.in.Step.Changes {
		if change.Attribute != target.AttributeProfile {
			continue
		}
		id, err := c.idOf(ctx, c.ref.System, identity.ObjectProfile, change.To)
		if err != nil {
			return nil, err
		}
		c.in.Step.Changes = slices.Clone(c.in.Step.Changes)
		c.in.Step.Changes[i].From, c.in.Step.Changes[i].To = c.was.Profile, id
	}
	changes := make([]target.Change, len(c.in.Step.Changes))
	for i, change := range c.in.Step.Changes {
		changes[i] = target.Change{Attribute: change.Attribute, From: change.From, To: change.To}
	}
	return changes, nil
}

// says reports that an account shows every value of the step.
func (c *carrying) says(a target.Account) bool {
	return !slices.ContainsFunc(c.in.Step.Changes, func(change identity.SystemChange) bool { return !shows(a, change) })
}

// shows reports that an account shows what a change makes.
func shows(a target.Account, change identity.SystemChange) bool {
	shown, known := a.Attribute(change.Attribute)
	return known && shown == change.To
}

// noteValues keeps what became of changes. What the system refuses is kept as what it does not hold.
func (c *carrying) noteValues(ctx context.Context, changes []identity.SystemChange, now target.Account) error {
	values := make(map[string]identity.SystemValue, len(changes))
	for _, change := range changes {
		v := identity.SystemValue{Written: c.Ledger.ValueDigest(change.Normal), At: c.Clock()}
		v.Seen = v.Written
		shown, known := now.Attribute(change.Attribute)
		normal, form := c.Policy().NormalForm(c.ref.System, change.Attribute, shown)
		if v.Form = form; known && shown != change.To {
			v.Seen = c.Ledger.ValueDigest(normal)
		}
		values[change.Attribute] = v
	}
	return c.Ledger.Systems().NoteValues(ctx, c.ref, values)
}
