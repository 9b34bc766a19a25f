package account

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
)

// A response is carried out once per order, over retries, crashes and Reset: the ledger knows whether it was. An attempt
// that may have got through is only repeated where that does no harm.

// EndSessions ends the account's OneLogin sessions once, as [Target.EndSessions] does.
func (o *OneLogin) EndSessions(ctx context.Context, in api.ResponseInput) (api.AccountState, error) {
	return bare(o.Target.EndSessions(ctx, in.Response()))
}

// ResetPassword sets a password that nobody knows, once, so that a later attempt never spoils the password that the
// person has set since. The way back in is an invitation, which is a step of its own.
func (o *OneLogin) ResetPassword(ctx context.Context, in api.ResponseInput) (api.AccountState, error) {
	return o.respond(ctx, in, nil, func(ctx context.Context) error {
		return o.containment().SetPassword(ctx, in.AccountID, unknownPassword())
	})
}

// EnsureLocked locks the account for some minutes, once: a later attempt never makes the lock longer. The ledger learns
// first that the lock is ours. An account that was suspended meanwhile is left alone, because a lock would take the
// suspension's place and end.
func (o *OneLogin) EnsureLocked(ctx context.Context, in api.ResponseInput) (api.AccountState, error) {
	locked := func(ctx context.Context, since time.Time) (bool, error) {
		u, err := o.Client.User(ctx, in.AccountID)
		// Their clock and ours may differ by a little.
		end := since.Add(time.Duration(in.Minutes)*time.Minute - time.Minute)
		on := err == nil && identity.AccountStatus(u.Status) == identity.AccountLocked
		return on && (u.LockedUntil.IsZero() && in.Minutes == 0 || u.LockedUntil.After(end)), err
	}
	return o.respond(ctx, in, locked, func(ctx context.Context) error {
		u, err := o.containment().User(ctx, in.AccountID)
		if err != nil {
			return err
		}
		if identity.AccountStatus(u.Status) == identity.AccountSuspended {
			return step.Superseded("the account was suspended meanwhile")
		}
		if err := o.Ledger.Inventory().MarkLocked(ctx, identity.OneLoginRef(in.AccountID), in.Order); err != nil {
			return err
		}
		return o.containment().Lock(ctx, in.AccountID, in.Minutes)
	})
}

// respond carries a response out once, as [Target.once] does.
func (o *OneLogin) respond(ctx context.Context, in api.ResponseInput, found func(context.Context, time.Time) (bool, error), write func(context.Context) error) (api.AccountState, error) {
	return o.removalResult(ctx, in.AccountID, o.Target.once(ctx, in.Response(), found, write))
}
