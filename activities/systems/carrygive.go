package systems

import (
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	ledgersystems "gatehouse/ledger/systems"
)

// resume gives sign-in back, if it was Gatehouse that took it.
func (c *carrying) resume(ctx context.Context) (bool, error) {
	system, err := capable[target.Resumer](c, "open accounts")
	if err != nil {
		return false, err
	}
	switch status := c.was.Document.Status; {
	case c.was.CanSignIn():
		return false, c.unlessOurs(ctx)
	case status == identity.AccountLocked, !c.row.SuspendedByUs:
		return false, step.Superseded("the account is " + status.String() + ", and not by Gatehouse")
	}
	if err := c.mayGive(ctx); err != nil {
		return false, err
	}
	if _, err := system.Resume(ctx, c.write); err != nil {
		return false, err
	}
	if err := c.noteOwner(ctx, c.Ledger, false); err != nil {
		return false, err
	}
	return true, c.note(ctx)
}

// unlessOurs takes back the mark of a suspension that is over.
func (c *carrying) unlessOurs(ctx context.Context) error {
	if !c.row.SuspendedByUs {
		return nil
	}
	return c.noteOwner(ctx, c.Ledger, false)
}

// move puts the account elsewhere in the system's tree.
func (c *carrying) move(ctx context.Context) (bool, error) {
	system, err := capable[target.Mover](c, "move accounts")
	if err != nil {
		return false, err
	}
	to, err := c.place(ctx, c.ref.System, c.in.Step.To)
	if err != nil {
		return false, err
	}
	if c.was.Container == to {
		return false, c.note(ctx)
	}
	if err := c.mayGive(ctx); err != nil {
		return false, err
	}
	if c.in.Leaving {
		// Where it was is known now and not once it is moved.
		if err := c.doneWith(ctx, ledgersystems.Ended{To: c.was.Container, Mark: c.in.Step.To}); err != nil {
			return false, err
		}
	}
	if _, err := system.Move(ctx, target.MoveRequest{Write: c.write, To: to}); err != nil {
		return false, refusedWhole([]string{c.in.Step.To}, err)
	}
	if !c.in.Leaving {
		// Where it was before a departure is of no use any more.
		if err := c.Ledger.Systems().TakeBack(ctx, c.ref, identity.SystemMove, ""); err != nil {
			return false, err
		}
	}
	return true, c.note(ctx)
}

// addGroups puts the account into the groups that it is not in yet.
func (c *carrying) addGroups(ctx context.Context) (bool, error) {
	system, err := capable[target.GroupManager](c, "put accounts into groups")
	if err != nil {
		return false, err
	}
	return c.add(ctx, identity.ObjectGroup, c.was.Memberships, func(ids []string) error {
		return system.Add(ctx, target.AddRequest{Write: c.write, To: ids})
	})
}

// addRoles gives the account the roles that it does not have yet.
func (c *carrying) addRoles(ctx context.Context) (bool, error) {
	system, err := capable[target.RoleManager](c, "give roles")
	if err != nil {
		return false, err
	}
	return c.add(ctx, identity.ObjectRole, c.was.Memberships, func(ids []string) error {
		return system.Give(ctx, target.GiveRequest{Write: c.write, Roles: ids})
	})
}

// assignLicences gives the account the licences that it does not have yet.
func (c *carrying) assignLicences(ctx context.Context) (bool, error) {
	system, err := capable[target.LicenceAssigner](c, "give licences")
	if err != nil {
		return false, err
	}
	if c.licences, err = system.LicencesOf(ctx, target.ReadRequest{ID: c.ref.ID}); err != nil {
		return false, err
	}
	return c.add(ctx, identity.ObjectLicence, c.licences, func(ids []string) error {
		return connectors.Each(ids, func(id string) error {
			return system.AssignLicence(ctx, target.LicenceRequest{Write: c.write, Licence: id})
		})
	})
}

// add gives what of the step's names is not held. The ledger learns first that it is Gatehouse that gives it: a crash in between
// leaves nothing behind that nobody knows the giver of. What somebody else has given stays theirs.
func (c *carrying) add(ctx context.Context, kind identity.SystemObjectKind, held []string, give func(ids []string) error) (bool, error) {
	ids, unknown, err := c.idsOf(ctx, c.ref.System, kind, c.in.Step.Names)
	if err != nil {
		return false, err
	}
	all := ids
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(held, id) })
	if len(ids) > 0 && c.hides(kind) {
		return false, c.notShown()
	}
	if c.in.Step.Back {
		changed, err := c.giveBack(ctx, kind, all, ids, give)
		return changed, connectors.Both(err, unknown)
	}
	if len(ids) == 0 {
		return false, errors.Join(unknown, c.note(ctx))
	}
	if err := c.mayGive(ctx); err != nil {
		return false, err
	}
	store := c.Ledger.Systems()
	if err := store.NoteGiven(ctx, c.ref, kind, ids, c.in.Key, c.in.Episode, time.Time{}); err != nil {
		return false, err
	}
	refused, err := c.refusedOf(ctx, kind, give(ids))
	if err != nil && len(refused) == 0 {
		return false, err
	}
	if err := store.NoteGiven(ctx, c.ref, kind, without(ids, refused), c.in.Key, c.in.Episode, c.Clock()); err != nil {
		return false, err
	}
	return true, errors.Join(connectors.Both(err, unknown), c.note(ctx))
}

// hides reports that the system shows only some of what the account holds, or nothing: a right to read was lost. What is missing from that
// may be held all the same.
func (c *carrying) hides(kind identity.SystemObjectKind) bool {
	return kind != identity.ObjectLicence && !c.was.Whole
}

func (c *carrying) notShown() error {
	return step.RetryAfter(c.ref.System+": it does not show what the account holds, so that nothing is known of what it lacks: give back the right to read that "+
		"(starter doctor names it)", time.Minute)
}

// giveBack gives back what of all that a departure took is missing. It is nobody's gift: no rule takes it for not giving it.
func (c *carrying) giveBack(ctx context.Context, kind identity.SystemObjectKind, all, missing []string, give func(ids []string) error) (bool, error) {
	var refused []string
	var said error
	if len(missing) > 0 {
		if err := c.mayGive(ctx); err != nil {
			return false, err
		}
		if refused, said = c.refusedOf(ctx, kind, give(missing)); said != nil && len(refused) == 0 {
			return false, said
		}
	}
	if err := c.Ledger.Systems().NoteBack(ctx, c.ref, kind, without(all, refused)); err != nil {
		return false, err
	}
	return len(missing) > 0, errors.Join(said, c.note(ctx))
}

// remove takes the account out of groups or roles, unless a hold order keeps them.
func (c *carrying) remove(ctx context.Context, kind identity.SystemObjectKind) (bool, error) {
	system, err := capable[target.Remover](c, "take accounts out of groups")
	if err != nil {
		return false, err
	}
	return c.take(ctx, kind, c.was.Memberships, func(ids []string) error {
		return system.Remove(ctx, target.RemoveRequest{Write: c.write, From: ids})
	})
}

// releaseLicences takes licences back, unless a hold order keeps them.
func (c *carrying) releaseLicences(ctx context.Context) (bool, error) {
	system, err := capable[target.LicenceAssigner](c, "release licences")
	if err != nil {
		return false, err
	}
	if c.licences, err = system.LicencesOf(ctx, target.ReadRequest{ID: c.ref.ID, Urgent: c.in.Leaving}); err != nil {
		return false, err
	}
	return c.take(ctx, identity.ObjectLicence, c.licences, func(ids []string) error {
		return connectors.Each(ids, func(id string) error {
			return system.ReleaseLicence(ctx, target.LicenceRequest{Write: c.write, Licence: id})
		})
	})
}

// take takes what of the step's names is held.
func (c *carrying) take(ctx context.Context, kind identity.SystemObjectKind, held []string, from func(ids []string) error) (bool, error) {
	all, err := c.objectsOf(ctx, c.ref.System, kind, c.in.Step.Names)
	if err != nil {
		return false, err
	}
	ids := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !slices.Contains(held, id) })
	var refused []string
	var said error
	if len(ids) > 0 {
		if err := c.Person.Preserved(ctx, c.in.Key); err != nil {
			return false, err
		}
		if c.in.Leaving {
			// A crash in between must not leave taken what nobody knows to give back.
			if err := c.Ledger.Systems().NoteLost(ctx, c.ref, kind, ids, c.in.Key, c.in.Episode); err != nil {
				return false, err
			}
		}
		if refused, said = c.refusedOf(ctx, kind, from(ids)); said != nil && len(refused) == 0 {
			return false, said
		}
	}
	over := all
	if c.hides(kind) {
		over = ids
	}
	if err := c.Ledger.Systems().NoteTaken(ctx, c.ref, kind, without(over, refused)); err != nil {
		return false, err
	}
	if said == nil && len(over) < len(all) {
		said = c.notShown()
	}
	return len(ids) > 0, errors.Join(said, c.note(ctx))
}
