package account

import (
	"context"
	"errors"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
)

// EnsureEnabled opens an account that somebody else, or OneLogin, has locked or suspended, once per order. HR, orders and the account
// are read right before the write: what has changed since the plan was made has the person looked at again.
func (o *OneLogin) EnsureEnabled(ctx context.Context, in api.ResponseInput) (api.AccountState, error) {
	again, wrote := false, false
	found := func(ctx context.Context, since time.Time) (bool, error) {
		again = true
		u, err := o.Client.User(ctx, in.AccountID)
		switch {
		case err != nil:
			return false, err
		case !shut(u):
			return true, nil
		case u.UpdatedAt.After(since):
			// The attempt before may have opened it, and this would undo what somebody has done since.
			return false, step.NonRetryable(api.ErrConflict, "the account was changed while it was being opened, and is closed: somebody may have closed it "+
				"again. Look at it in OneLogin; skip this, and give another order if it is to be opened")
		}
		return false, nil
	}
	state, err := o.respond(ctx, in, found, func(ctx context.Context) error {
		locked, err := o.mayOpen(ctx, in)
		if err != nil {
			return err
		}
		wrote = true
		return o.open(ctx, in.AccountID, locked)
	})
	if err != nil && !again && !wrote {
		// Nothing was written, so that what becomes of the account until the next attempt is nothing that it could undo.
		if failed := o.Ledger.Journal().Forget(ctx, "order/"+in.Order); failed != nil {
			return state, errors.Join(err, failed)
		}
	}
	return state, err
}

// shut reports that nobody can sign in to an account because it was closed.
func shut(u onelogin.User) bool {
	status := identity.AccountStatus(u.Status)
	return status == identity.AccountSuspended || status == identity.AccountLocked
}

// mayOpen reports whether the account that is to be opened is locked, or says why it is not to be opened any more.
func (o *OneLogin) mayOpen(ctx context.Context, in api.ResponseInput) (locked bool, err error) {
	if err := o.Person.MayEnable(ctx, in.Key, in.Order); err != nil {
		return false, err
	}
	row, _, err := o.Ledger.Inventory().Account(ctx, identity.OneLoginRef(in.AccountID))
	if err != nil {
		return false, err
	}
	u, err := o.Client.User(ctx, in.AccountID)
	switch {
	case err != nil:
		return false, err
	case !shut(u):
		return false, step.Superseded("nobody has closed the account any more")
	case row.SuspendedByUs || row.LockedFor != "":
		return false, step.Superseded("Gatehouse has closed the account meanwhile")
	case u.State != onelogin.StateApproved:
		return false, step.Superseded("the account has no licence")
	}
	return identity.AccountStatus(u.Status) == identity.AccountLocked, nil
}

// open opens an account and notes what it looks like then.
func (o *OneLogin) open(ctx context.Context, id int64, locked bool) error {
	if locked {
		if err := o.unlock(ctx, id); err != nil {
			return err
		}
	} else {
		active := int(identity.AccountActive)
		if _, err := o.Client.UpdateUser(ctx, id, onelogin.UserChange{Status: &active}); err != nil {
			return err
		}
	}
	u, err := o.Client.User(ctx, id)
	if err != nil {
		return err
	}
	return o.noted(ctx, u, nil)
}

// unlock ends a lock. OneLogin refuses that of an account that is not locked any more.
func (o *OneLogin) unlock(ctx context.Context, id int64) error {
	err := o.Client.Unlock(ctx, id)
	if !connectors.IsKind(err, connectors.KindInvalid) {
		return err
	}
	u, reading := o.Client.User(ctx, id)
	if reading == nil && !shut(u) {
		return nil
	}
	return err
}
