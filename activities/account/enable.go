package account

import (
	"context"
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
	found := func(ctx context.Context, since time.Time) (bool, error) {
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
	return o.respond(ctx, in, found, func(ctx context.Context) error { return o.enable(ctx, in) })
}

// shut reports that nobody can sign in to an account because it was closed.
func shut(u onelogin.User) bool {
	status := identity.AccountStatus(u.Status)
	return status == identity.AccountSuspended || status == identity.AccountLocked
}

func (o *OneLogin) enable(ctx context.Context, in api.ResponseInput) error {
	ref := identity.OneLoginRef(in.AccountID)
	if err := o.Person.MayEnable(ctx, in.Key, in.Order); err != nil {
		return err
	}
	row, _, err := o.Ledger.Inventory().Account(ctx, ref)
	if err != nil {
		return err
	}
	u, err := o.Client.User(ctx, in.AccountID)
	switch {
	case err != nil:
		return err
	case !shut(u):
		return step.Superseded("nobody has closed the account any more")
	case row.SuspendedByUs || row.LockedFor != "":
		return step.Superseded("Gatehouse has closed the account meanwhile")
	case u.State != onelogin.StateApproved:
		return step.Superseded("the account has no licence")
	case identity.AccountStatus(u.Status) == identity.AccountLocked:
		err = o.unlock(ctx, in.AccountID)
	default:
		active := int(identity.AccountActive)
		_, err = o.Client.UpdateUser(ctx, in.AccountID, onelogin.UserChange{Status: &active})
	}
	if err != nil {
		return err
	}
	if u, err = o.Client.User(ctx, in.AccountID); err != nil {
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
