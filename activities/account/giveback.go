package account

import (
	"context"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/policy"
)

// GiveBack gives back the roles that a withdrawn departure took, once. HR, orders, the account and each role are looked at right
// before: days may have gone by since somebody was asked. Only what is still true is given.
func (o *OneLogin) GiveBack(ctx context.Context, in api.GiveBackInput) (api.GivenBack, error) {
	back, err := step.Once(ctx, o.Ledger, o.Clock, step.Creation[api.GivenBack]{
		Key: in.OnceKey,
		// What an attempt that got no answer has given is held by now, and giving it again changes nothing.
		Find: func(context.Context, time.Time) (api.GivenBack, bool, error) { return api.GivenBack{}, false, nil },
		Make: func(ctx context.Context) (api.GivenBack, error) { return o.giveBack(ctx, in) },
	})
	return back, err
}

func (o *OneLogin) giveBack(ctx context.Context, in api.GiveBackInput) (api.GivenBack, error) {
	if err := o.Person.MayActivate(ctx, in.Key, identity.OneLoginRef(in.AccountID)); err != nil {
		return api.GivenBack{}, err
	}
	user, err := o.Client.User(ctx, in.AccountID)
	switch {
	case step.IsNotFound(err):
		return api.GivenBack{}, step.Superseded("the account is gone")
	case err != nil:
		return api.GivenBack{}, err
	}
	account, err := o.Catalog.Describe(ctx, onelogin.AccountOf(user))
	if err != nil {
		return api.GivenBack{}, err
	}
	if account.Status == identity.AccountSuspended {
		return api.GivenBack{}, step.Superseded("the account is closed")
	}
	wanted, denied, err := o.notDenied(ctx, in.Key, in.Roles)
	if err != nil {
		return api.GivenBack{}, err
	}
	back, err := o.sortBack(ctx, wanted, account.Roles)
	back.Denied = denied
	if err != nil || len(back.Given) == 0 {
		return back, err
	}
	ids, err := o.Catalog.RoleIDs(ctx, back.Given)
	if err != nil {
		return api.GivenBack{}, err
	}
	return back, o.Client.AddRoles(ctx, in.AccountID, ids)
}

// sortBack says what comes of each role, given what the account holds.
func (o *OneLogin) sortBack(ctx context.Context, wanted, held []string) (api.GivenBack, error) {
	there, gone, err := o.Catalog.Today(ctx, wanted)
	if err != nil {
		return api.GivenBack{}, err
	}
	pol := o.Person.Policy()
	managed, held := pol.ManagedRoles(), slices.Clone(held)
	back := api.GivenBack{Gone: gone}
	for _, role := range there {
		switch {
		case slices.Contains(held, role):
			back.Held = append(back.Held, role)
		case slices.Contains(managed, role):
			back.Ruled = append(back.Ruled, role)
		case keptApart(pol, held, role):
			back.Apart = append(back.Apart, role)
		default:
			back.Given, held = append(back.Given, role), append(held, role)
		}
	}
	return back, nil
}

// keptApart reports that a role must not be held beside these.
func keptApart(pol *policy.Policy, held []string, role string) bool {
	return slices.ContainsFunc(pol.ConflictsOf(append(slices.Clone(held), role)), func(c policy.Conflict) bool {
		return slices.Contains(c.Roles, role)
	})
}
