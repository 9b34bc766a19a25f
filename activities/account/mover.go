package account

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
)

// EnsureRenamed gives an account the first username of the naming rule that is free in OneLogin and was never anybody
// else's. The address changes with it where it was the same as the username before; one that somebody has set apart
// stays. The old name stays the person's: it is not reissued.
func (o *OneLogin) EnsureRenamed(ctx context.Context, in api.RenameInput) (api.AccountState, error) {
	state, err := o.rename(ctx, in)
	return state, err
}

func (o *OneLogin) rename(ctx context.Context, in api.RenameInput) (api.AccountState, error) {
	now, err := o.Client.User(ctx, in.AccountID)
	if err != nil {
		return api.AccountState{}, err
	}
	for _, username := range in.Usernames {
		if strings.EqualFold(now.Username, username) {
			return accountState(onelogin.AccountOf(now), false), nil
		}
		if free, err := o.mayBeCalled(ctx, in.Key, username); err != nil {
			return api.AccountState{}, err
		} else if !free {
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
		return accountState(onelogin.AccountOf(u), true), o.noted(ctx, u, nil)
	}
	return api.AccountState{}, step.NonRetryable(api.ErrConflict, fmt.Sprintf("all %d usernames of the naming rule are taken: add a pattern to "+
		"naming.username in policy.yaml or free one in OneLogin, then retry", len(in.Usernames)))
}
