package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// EnsureSuspended makes the account unable to sign in. The ledger learns first that the suspension is ours, so that a
// crash in between never makes it look like somebody else's.
func (o *OneLogin) EnsureSuspended(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	client, err := o.closing(ctx, in)
	if err == nil {
		err = o.claimSuspension(ctx, in)
	}
	if err != nil {
		return api.AccountState{}, err
	}
	status := int(identity.AccountSuspended)
	u, err := client.UpdateUser(ctx, in.AccountID, onelogin.UserChange{Status: &status})
	if connectors.IsKind(err, connectors.KindRefused) {
		err = errors.Join(err, o.Ledger.Inventory().MarkSuspended(ctx, identity.OneLoginRef(in.AccountID), in.Key, false, ""))
	}
	if err != nil {
		return o.took(ctx, in.AccountID, err)
	}
	state := api.AccountState{AccountID: u.ID, Status: identity.AccountStatus(u.Status).String(), Changed: true}
	if in.LogOut {
		state.LoggedOut = o.logOutToo(ctx, in)
	}
	return state, nil
}

// logOutTooWithin bounds the log-out that follows a suspension at once: the suspension has to be reported.
const logOutTooWithin = 3 * time.Second

// logOutToo tries once to end the sessions of an account that has just been suspended. Done is false if they have to be
// ended by a step of their own, which tries for as long as it takes.
func (o *OneLogin) logOutToo(ctx context.Context, in api.AccountInput) (done bool) {
	ctx, cancel := context.WithTimeout(ctx, logOutTooWithin)
	defer cancel()
	_, err := o.EnsureLoggedOut(ctx, in)
	return !leftToItsStep(ctx, "log out", err)
}

// claimSuspension writes down whose suspension it is going to be: a departure's, a suspend order's, or nobody's if
// somebody else had closed the account before.
func (o *OneLogin) claimSuspension(ctx context.Context, in api.AccountInput) error {
	key := in.Key
	if in.Doubt {
		key = "" // A mark must not put the account on record for somebody.
	}
	if in.Foreign {
		return o.Ledger.Inventory().MarkSuspended(ctx, identity.OneLoginRef(in.AccountID), key, false, "")
	}
	return o.Ledger.Inventory().MarkSuspended(ctx, identity.OneLoginRef(in.AccountID), key, true, in.Order)
}

// took is the answer of a step that takes something away. An account that is gone has nothing left to lose; one "not
// found" is no proof of that, so that the account is read before it is believed.
func (o *OneLogin) took(ctx context.Context, account int64, err error) (api.AccountState, error) {
	if step.IsNotFound(err) {
		_, there, reading := people.Existing(ctx, o.containment(), account)
		switch {
		case reading != nil:
			return api.AccountState{}, reading
		case there:
			return api.AccountState{}, step.RetryAfter(fmt.Sprintf("onelogin said that account %d does not exist, and then showed it", account), time.Second)
		}
		return api.AccountState{AccountID: account, Gone: true}, nil
	}
	return api.AccountState{AccountID: account, Changed: err == nil}, err
}

// EnsureLoggedOut ends the account's OneLogin sessions. Sessions inside apps go on until they end by themselves.
func (o *OneLogin) EnsureLoggedOut(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	client, err := o.closing(ctx, in)
	if err == nil {
		err = client.LogOut(ctx, in.AccountID)
	}
	return o.took(ctx, in.AccountID, err)
}

// EndAccess takes roles, password and factors away from a suspended account in one go and says which of it succeeded. The
// password is scrambled before the factors go, so that at no moment a known password is enough. It reports no error of
// OneLogin: what did not succeed at once is left to a step of its own, which an operator can see, pause and skip.
func (o *OneLogin) EndAccess(ctx context.Context, in api.RolesInput) (api.AccessEnded, error) {
	var ended api.AccessEnded
	_, err := o.EnsureNoRoles(ctx, in)
	ended.Roles = !leftToItsStep(ctx, "remove roles", err)
	_, err = o.ScramblePassword(ctx, in.AccountInput)
	if ended.Password = !leftToItsStep(ctx, "scramble the password", err); ended.Password {
		_, err = o.EnsureNoFactors(ctx, in.AccountInput)
		ended.Factors = !leftToItsStep(ctx, "remove factors", err)
	}
	return ended, nil
}

// leftToItsStep reports that a part of a larger step failed, and writes down why.
func leftToItsStep(ctx context.Context, part string, err error) bool {
	if err != nil {
		step.Log(ctx).Info("left to a step of its own", "part", part, "error", err)
	}
	return err != nil
}

// EnsureNoRoles removes the roles that were seen, except those to keep. A role given since shows in the read-back.
func (o *OneLogin) EnsureNoRoles(ctx context.Context, in api.RolesInput) (api.AccountState, error) {
	remove := slices.DeleteFunc(slices.Clone(in.Held), func(role string) bool { return slices.Contains(in.Keep, role) })
	if len(remove) == 0 {
		return api.AccountState{AccountID: in.AccountID}, nil
	}
	ids, err := o.Catalog.RoleIDs(ctx, remove)
	if err == nil {
		err = o.preserved(ctx, in.Key)
	}
	if err != nil {
		return api.AccountState{}, err
	}
	client, err := o.closing(ctx, in.AccountInput)
	if err == nil {
		err = client.RemoveRoles(ctx, in.AccountID, ids)
	}
	return o.took(ctx, in.AccountID, err)
}

// ScramblePassword sets a password that nobody knows, this program included once the call has returned.
func (o *OneLogin) ScramblePassword(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	client, err := o.closing(ctx, in)
	if err == nil {
		err = client.SetPassword(ctx, in.AccountID, unknownPassword())
	}
	return o.took(ctx, in.AccountID, err)
}

// unknownPassword is 52 random letters and digits, then one of each class that password policies ask for.
func unknownPassword() httpx.Secret {
	return httpx.Secret(rand.Text() + strings.ToLower(rand.Text()) + "aZ9!")
}

// EnsureNoFactors removes every second factor that is registered.
func (o *OneLogin) EnsureNoFactors(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	if err := o.preserved(ctx, in.Key); err != nil {
		return api.AccountState{}, err
	}
	client, err := o.closing(ctx, in)
	if err != nil {
		return api.AccountState{}, err
	}
	factors, err := client.Factors(ctx, in.AccountID)
	if err != nil {
		return o.took(ctx, in.AccountID, err)
	}
	for _, f := range factors {
		if err := client.RemoveFactor(ctx, in.AccountID, f.ID); err != nil {
			return api.AccountState{}, err
		}
	}
	return api.AccountState{AccountID: in.AccountID, Changed: len(factors) > 0}, nil
}

// preserved stops a step from removing what a hold order keeps, however old the plan is.
func (o *OneLogin) preserved(ctx context.Context, key string) error {
	d, _, err := o.Ledger.Dossier(ctx, key)
	if err != nil {
		return err
	}
	if people.InForce(d.Orders, identity.OrderHold, o.Clock()) != nil {
		return step.Superseded("what the account holds is preserved")
	}
	return nil
}
