package systems

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// Carry carries out one step about one account, and settles it where it was owed. Every step is an absolute statement that may be
// made twice: it reads its account before it writes, and once it is through, repeating it changes nothing but what cannot be read.
func (s *Systems) Carry(ctx context.Context, in api.SystemInput) (api.SystemState, error) {
	defer step.Pulse(ctx, step.PulseEvery)()
	state, err := s.carry(ctx, in)
	if err == nil && !state.Pending {
		err = s.settle(ctx, in)
	}
	if in.Leaving && err != nil {
		err = step.Urgent(err)
	}
	return state, err
}

func (s *Systems) carry(ctx context.Context, in api.SystemInput) (api.SystemState, error) {
	if err := s.mayWrite(ctx, in); err != nil {
		return api.SystemState{}, err
	}
	if in.Step.Kind == identity.SystemCreate {
		return s.create(ctx, in)
	}
	c, err := s.open(ctx, in)
	if err != nil {
		return api.SystemState{}, err
	}
	if c.gone {
		return c.isGone(ctx)
	}
	changed, err := c.dispatch(ctx)
	if step.IsNotFound(err) {
		return c.notFound(ctx, err)
	}
	if kind, _, _ := step.Kind(err); kind == api.ErrSuperseded && c.known {
		// The next plan is made by what was found, not by what has led to this one.
		return api.SystemState{}, errors.Join(err, c.noteRead(ctx, c.began, c.was, nil))
	}
	if err != nil {
		return api.SystemState{}, err
	}
	c.state.Changed = changed
	return c.state, nil
}

// carrying is a step of one account on its way.
type carrying struct {
	*Systems
	in   api.SystemInput
	ref  identity.Ref
	able target.System
	// row is the account in the inventory, write how it is named in what changes it.
	row   inventory.Account
	write target.Write
	// was is the account right before the step. It is not known where an ending step could not read it.
	was   target.Account
	known bool
	gone  bool
	// licences are those that the account had when the step began, nil where they were not asked for.
	licences []string
	// began is when the step began.
	began time.Time
	state api.SystemState
}

// open finds the account of a step, by the inventory and by its system. A link that is another one by now overtakes the step. What
// ends access does not depend on being able to read.
func (s *Systems) open(ctx context.Context, in api.SystemInput) (*carrying, error) {
	ref := identity.Ref{System: in.System, ID: in.Account}
	able, err := step.Capability[target.System](s.Targets, ref, "read accounts")
	if err != nil {
		return nil, err
	}
	row, found, err := s.Ledger.Inventory().Account(ctx, ref)
	if err != nil {
		return nil, err
	}
	switch {
	case !found || !row.Belongs() || row.Person != in.Key:
		return nil, step.Superseded("the account is not on record for the person any more")
	case people.NoPersons(row.Kind):
		return nil, step.Superseded("the account is declared as one of no person")
	case row.State == identity.AccountDisputed:
		return nil, step.Superseded("it is disputed whose the account is")
	}
	c := &carrying{
		Systems: s, in: in, ref: ref, able: able, row: row, write: target.Write{ID: ref.ID, Lifted: in.Leaving && row.Lifted},
		began: s.Clock(), state: api.SystemState{Ref: ref},
	}
	reading, stop := ctx, context.CancelFunc(func() {})
	if in.Step.Kind.EndsAccess() {
		reading, stop = shareOf(ctx, 3)
	}
	a, there, err := step.Existing(reading, able, target.ReadRequest{ID: ref.ID, Urgent: in.Leaving})
	stop()
	switch {
	case err != nil && in.Step.Kind.EndsAccess():
		step.Log(ctx).Info("the account is closed unread", "system", ref.System, "error", err)
	case err != nil:
		return nil, err
	case !there:
		c.gone = true
	default:
		c.was, c.known, c.state.Status = a, true, a.Document.Status.String()
		return c, s.seenAgain(ctx, in.Key, row, c.began, a)
	}
	return c, nil
}

// shareOf gives a reading that a step can do without a part of the time that is left for the step, so that a system that is slow to
// show an account does not keep it from being closed.
func shareOf(ctx context.Context, part time.Duration) (context.Context, context.CancelFunc) {
	left := readWithin
	if end, bounded := ctx.Deadline(); bounded {
		left = min(left, time.Until(end)/part)
	}
	return context.WithTimeout(ctx, left)
}

// readWithin is how long such a reading takes at most.
const readWithin = 8 * time.Second

// dispatch carries the step out and reports whether anything was changed.
func (c *carrying) dispatch(ctx context.Context) (changed bool, err error) {
	switch c.in.Step.Kind {
	case identity.SystemResume:
		return c.resume(ctx)
	case identity.SystemWriteProfile:
		return c.writeProfile(ctx)
	case identity.SystemMove:
		return c.move(ctx)
	case identity.SystemRemoveGroups:
		return c.remove(ctx, identity.ObjectGroup)
	case identity.SystemRemoveRoles:
		return c.remove(ctx, identity.ObjectRole)
	case identity.SystemAddGroups:
		return c.addGroups(ctx)
	case identity.SystemAddRoles:
		return c.addRoles(ctx)
	case identity.SystemAssignLicences:
		return c.assignLicences(ctx)
	case identity.SystemReleaseLicences:
		return c.releaseLicences(ctx)
	case identity.SystemSuspend:
		return c.suspend(ctx)
	case identity.SystemResetPassword:
		return c.resetPassword(ctx)
	case identity.SystemEndSessions:
		return c.endSessions(ctx)
	case identity.SystemRevokeGrants:
		return c.revokeGrants(ctx)
	case identity.SystemDemote:
		return c.demote(ctx)
	case identity.SystemAutoReply:
		return c.autoReply(ctx)
	case identity.SystemDelegate:
		return c.delegate(ctx)
	case identity.SystemTransfer:
		return c.transfer(ctx)
	case identity.SystemEndReply:
		return c.endReply(ctx)
	case identity.SystemUndelegate:
		return c.undelegate(ctx)
	case identity.SystemCreate:
	}
	return false, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%s: this version knows no step %q: update the worker, then retry", c.in.System, c.in.Step.Kind))
}

// capable returns what the account's system can be asked for.
func capable[T any](c *carrying, doing string) (T, error) {
	return step.Capability[T](c.Targets, c.ref, doing)
}

// isGone is the answer where the account does not exist any more. Who leaves has nothing left to lose there. It is missing from then on,
// and stays on record until readings of everything say the same: should it be shown again, all of the departure is planned anew.
// Anybody else should have one, and why it is gone is for a person to say.
func (c *carrying) isGone(ctx context.Context) (api.SystemState, error) {
	if !c.in.Leaving {
		return api.SystemState{}, step.NonRetryable(api.ErrNotFound, fmt.Sprintf("%s: account %s does not exist any more: find out who deleted it; if it "+
			"should be made anew, take it off the record (starter account unlink), then skip this step", c.ref.System, c.ref.ID))
	}
	if err := c.Ledger.Inventory().MissAccount(ctx, c.ref, c.began); err != nil {
		return api.SystemState{}, err
	}
	return api.SystemState{Ref: c.ref, Gone: true}, nil
}

// notFound is the answer where the system said in the middle of a step that something does not exist: the account, which is asked for
// twice more, or what the step gives.
func (c *carrying) notFound(ctx context.Context, said error) (api.SystemState, error) {
	_, there, err := step.Existing(ctx, c.able, target.ReadRequest{ID: c.ref.ID, Urgent: c.in.Leaving})
	switch {
	case err != nil:
		return api.SystemState{}, err
	case there:
		return api.SystemState{}, said
	}
	return c.isGone(ctx)
}

// mayGive stops what gives something where a departure or an order has overtaken it. What a departure itself hands over is not
// given to whoever leaves.
func (c *carrying) mayGive(ctx context.Context) error {
	if c.in.Leaving {
		return nil
	}
	_, err := c.Person.MayGive(ctx, c.in.Key)
	return err
}
