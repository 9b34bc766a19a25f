package activities

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// EnsureRenamed gives an account the first username of the naming rule that is free in OneLogin and was never anybody
// else's. The address changes with it where it was the same as the username before; one that somebody has set apart
// stays. The old name stays the person's: it is not reissued.
func (o *OneLogin) EnsureRenamed(ctx context.Context, in api.RenameInput) (api.AccountState, error) {
	state, err := o.rename(ctx, in)
	return state, fail(err)
}

func (o *OneLogin) rename(ctx context.Context, in api.RenameInput) (api.AccountState, error) {
	now, err := o.Client.User(ctx, in.AccountID)
	if err != nil {
		return api.AccountState{}, err
	}
	for _, username := range in.Usernames {
		if strings.EqualFold(now.Username, username) {
			return accountState(now, false), nil
		}
		owner, err := o.Ledger.ReserveUsername(ctx, username, in.Key)
		if err != nil {
			return api.AccountState{}, err
		}
		if owner != in.Key {
			continue
		}
		change := onelogin.UserChange{Username: &username}
		if strings.EqualFold(now.Email, now.Username) {
			change.Email = &username
		}
		u, err := o.Client.UpdateUser(ctx, in.AccountID, change)
		if connectors.IsKind(err, connectors.KindConflict) {
			continue
		}
		if err != nil {
			return api.AccountState{}, err
		}
		return accountState(u, true), o.noted(ctx, u, nil)
	}
	return api.AccountState{}, final(api.ErrConflict, fmt.Sprintf("all %d usernames of the naming rule are taken: add a pattern to "+
		"naming.username in policy.yaml or free one in OneLogin, then retry", len(in.Usernames)))
}

// KeepRoles lets somebody who moves keep roles for a while: a grant that ends by itself. The ledger notes at once that
// the grant has given them, so that their end takes them away, and so that they do not stay a second time.
func (p *Person) KeepRoles(ctx context.Context, in api.KeepRolesInput) error {
	order := identity.Order{
		ID: in.OrderID, Key: in.Key, Kind: identity.OrderGrant, Roles: in.Roles, At: in.At, Until: in.Until,
		By: byGatehouse, Rule: identity.RuleOverlap, Reason: "old access stays for a while after a move",
	}
	return fail(p.Ledger.Together(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.PutOrder(ctx, order); err != nil {
			return err
		}
		return l.NoteGiven(ctx, in.OrderID, in.Roles)
	}))
}

// managerAccount is the OneLogin user of a person's manager, 0 if there is none. One that nobody has
// assessed yet is on record for everybody else in the team afterwards.
func (p *Person) managerAccount(ctx context.Context, rec identity.Record) (int64, error) {
	if rec.ManagerID == "" {
		return 0, nil
	}
	key, found, err := p.Ledger.Resolve(ctx, rec.Source, rec.ManagerID)
	if err != nil {
		return 0, err
	}
	if !found {
		key = rec.Source + "-" + rec.ManagerID
	}
	return p.accountOfKey(ctx, key)
}
