package account

import (
	"context"
	"slices"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/password"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// EnsureSuspended makes the account unable to sign in, as [Target.EnsureSuspended] does.
func (o *OneLogin) EnsureSuspended(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	return bare(o.Target.EnsureSuspended(ctx, in.Target()))
}

// EnsureLoggedOut ends the account's OneLogin sessions, as [Target.EnsureLoggedOut] does.
func (o *OneLogin) EnsureLoggedOut(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	return bare(o.Target.EnsureLoggedOut(ctx, in.Target()))
}

// removalResult is the answer of a step that takes something away, as [Target.removalResult] is.
func (o *OneLogin) removalResult(ctx context.Context, account int64, err error) (api.AccountState, error) {
	return bare(o.Target.removalResult(ctx, identity.OneLoginRef(account), err))
}

// bare is what a step that takes something away says of an account of OneLogin.
func bare(s api.TargetState, err error) (api.AccountState, error) {
	id, _ := s.Ref.OneLogin()
	return api.AccountState{AccountID: id, Status: s.Status, Gone: s.Gone, Changed: s.Changed, LoggedOut: s.LoggedOut}, err
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
	if err != nil {
		return api.AccountState{}, err
	}
	from := make([]string, len(ids))
	for i, id := range ids {
		from[i] = strconv.FormatInt(id, 10)
	}
	return bare(o.Target.EnsureRemoved(ctx, api.RemovalInput{TargetInput: in.Target(), From: from}))
}

// ScramblePassword sets a password that nobody knows, this program included once the call has returned.
func (o *OneLogin) ScramblePassword(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	client, err := o.closing(ctx, in)
	if err == nil {
		err = client.SetPassword(ctx, in.AccountID, unknownPassword())
	}
	return o.removalResult(ctx, in.AccountID, err)
}

// unknownPassword is one that nobody knows, and that no policy on parts of names refuses, OneLogin's or that of a directory behind it.
func unknownPassword() httpx.Secret { return httpx.Secret(password.Unknown()) }

// EnsureNoFactors removes every second factor that is registered.
func (o *OneLogin) EnsureNoFactors(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	if err := o.Person.Preserved(ctx, in.Key); err != nil {
		return api.AccountState{}, err
	}
	client, err := o.closing(ctx, in)
	if err != nil {
		return api.AccountState{}, err
	}
	factors, err := client.Factors(ctx, in.AccountID)
	if err != nil {
		return o.removalResult(ctx, in.AccountID, err)
	}
	for _, f := range factors {
		if err := client.RemoveFactor(ctx, in.AccountID, f.ID); err != nil {
			return api.AccountState{}, err
		}
	}
	return api.AccountState{AccountID: in.AccountID, Changed: len(factors) > 0}, nil
}
