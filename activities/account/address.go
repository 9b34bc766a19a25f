package account

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/policy"
)

// address adds a new address to a change of an account, unless somebody else has it by now: addresses tell whose an account is. Whoever
// is told says so then, and the account keeps its own.
func (o *OneLogin) address(ctx context.Context, in *api.EnsureProfileInput, change *onelogin.UserChange) ([]identity.Notice, error) {
	if in.Profile.Email == "" {
		return nil, nil
	}
	taken, err := o.Person.AddressTaken(ctx, in.Key, in.AccountID, in.Profile.Email)
	if err != nil {
		return nil, err
	}
	if !taken {
		change.Email = &in.Profile.Email
		return nil, nil
	}
	in.Profile.Email = ""
	pol := o.Person.Policy()
	return []identity.Notice{{
		Code: policy.NoticeAddressDoubtful, Owner: pol.Leaver().FallbackOwner,
		Text: "HR has another work address for this person, and the account does not get it: " + policy.AddressTaken +
			". Correct the record, or change the account by hand",
	}}, nil
}

// writeProfile writes a change of an account. Where OneLogin refuses that and the change has an address, it is written without: a directory
// may be the master of addresses, and nothing else waits for that. What OneLogin keeps then is told as for any value.
func (o *OneLogin) writeProfile(ctx context.Context, in api.EnsureProfileInput, change onelogin.UserChange) (onelogin.User, error) {
	write := func() (onelogin.User, error) {
		return o.besideManager(ctx, in.Manager, func(manager int64) (onelogin.User, error) {
			if change.ManagerUserID = nil; manager != 0 {
				change.ManagerUserID = &manager
			}
			return o.Client.UpdateUser(ctx, in.AccountID, change)
		})
	}
	u, err := write()
	if change.Email != nil && (connectors.IsKind(err, connectors.KindInvalid) || connectors.IsKind(err, connectors.KindConflict)) {
		change.Email = nil
		return write()
	}
	return u, err
}

// addressWritten is what is to be known of an account's address after a write: which one of HR's it was given last. A write of something
// else changes nothing about that.
func addressWritten(known []identity.Kept, a target.Account, wrote identity.Profile) []identity.Kept {
	if wrote.Email != "" {
		return []identity.Kept{{Field: identity.FieldEmail, Wrote: wrote.Email, Holds: a.Document.Email}}
	}
	if address, there := (identity.Account{Kept: known}).KeptOf(identity.FieldEmail); there {
		return []identity.Kept{address}
	}
	return nil
}
