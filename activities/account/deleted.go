package account

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
)

// DeleteLeaver removes an account of somebody who left long ago, for good. HR, orders and the account are read right before the
// write, and everything that speaks for and against it is judged anew. The ledger learns first what is about to go: an attempt that
// was cut off after OneLogin had deleted is told from an account that somebody else has removed.
func (o *OneLogin) DeleteLeaver(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	ref := identity.OneLoginRef(in.AccountID)
	client := o.Client.For(onelogin.People)
	u, there, err := people.Existing(ctx, client, in.AccountID)
	if err != nil {
		return api.AccountState{}, err
	}
	if !there {
		return o.deleted(ctx, ref, false)
	}
	a, err := o.Person.MayDelete(ctx, in.Key, ref)
	if err != nil {
		return api.AccountState{}, err
	}
	err = o.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if u.Username != "" { // The name goes to nobody else, whoever made the account.
			if _, err := l.People().ReserveUsername(ctx, u.Username, in.Key); err != nil {
				return err
			}
		}
		return l.Inventory().BeginDeletion(ctx, inventory.Deletion{Ref: ref, Key: in.Key, Episode: a.Episode, LeftAt: a.Person.LeaveAt})
	})
	if err != nil {
		return api.AccountState{}, err
	}
	if err := client.DeleteUser(ctx, in.AccountID); err != nil && !step.IsNotFound(err) {
		return api.AccountState{}, err
	}
	return o.deleted(ctx, ref, true)
}

// deleted keeps that an account is gone.
func (o *OneLogin) deleted(ctx context.Context, ref identity.Ref, changed bool) (api.AccountState, error) {
	id, _ := ref.OneLogin()
	return api.AccountState{AccountID: id, Gone: true, Changed: changed}, o.Ledger.Inventory().FinishDeletion(ctx, ref, o.Clock())
}
