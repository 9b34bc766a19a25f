package workspace

import (
	"context"
	"errors"
	"fmt"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

var (
	_ target.System       = (*Target)(nil)
	_ target.Finder       = (*Target)(nil)
	_ target.Lister       = (*Target)(nil)
	_ target.Suspender    = (*Target)(nil)
	_ target.Resumer      = (*Target)(nil)
	_ target.SessionEnder = (*Target)(nil)
	_ target.Remover      = (*Target)(nil)

	_ target.Creator            = (*Target)(nil)
	_ target.ProfileWriter      = (*Target)(nil)
	_ target.GroupManager       = (*Target)(nil)
	_ target.AttributeNamer     = (*Target)(nil)
	_ target.Mover              = (*Target)(nil)
	_ target.Placer             = (*Target)(nil)
	_ target.CredentialResetter = (*Target)(nil)
	_ target.GrantRevoker       = (*Target)(nil)
	_ target.AdminDemoter       = (*Target)(nil)
	_ target.LicenceAssigner    = (*Target)(nil)
	_ target.LicenceLister      = (*Target)(nil)
	_ target.AutoReplier        = (*Target)(nil)
	_ target.MailDelegator      = (*Target)(nil)
	_ target.DataTransferrer    = (*Target)(nil)
	_ target.Deleter            = Deleting{}
)

// guard refuses a write to a protected account, or to an id that is none. The account is read for that, as it is now.
func (t *Target) guard(ctx context.Context, op string, in target.Write) error {
	if err := named(op, in.ID); err != nil {
		return err
	}
	if t.o.Protected == nil || in.Lifted {
		return nil
	}
	u, err := t.user(ctx, op, in.ID)
	if err != nil {
		return err
	}
	return t.refused(op, u, in)
}

// refused says why a user that was read must not be written to.
func (t *Target) refused(op string, u *admin.User, in target.Write) error {
	if t.o.Protected == nil || in.Lifted {
		return nil
	}
	reason := t.o.Protected(t.account(u, nil, false))
	if reason == "" {
		return nil
	}
	return &connectors.Error{
		System: System, Op: op, Kind: connectors.KindRefused, Code: "protected_account",
		Err: fmt.Errorf("the account is protected: %s", reason),
	}
}

// update writes what is named of a user. PUT keeps what is not named.
func (t *Target) update(ctx context.Context, op, id string, change *admin.User) (*admin.User, error) {
	return call(ctx, t, op, func(ctx context.Context) (*admin.User, error) {
		return t.directory.Users.Update(id, change).Context(ctx).Do()
	})
}

// Suspend implements target.Suspender. Mail to a suspended user is rejected, and nothing in the mailbox can be set any more.
func (t *Target) Suspend(ctx context.Context, in target.Write) (target.Account, error) {
	return t.setSuspended(ctx, "suspend user "+in.ID, in, true)
}

// Resume implements target.Resumer. What Google suspended for abuse is restored by nobody but its support.
func (t *Target) Resume(ctx context.Context, in target.Write) (target.Account, error) {
	return t.setSuspended(ctx, "restore user "+in.ID, in, false)
}

func (t *Target) setSuspended(ctx context.Context, op string, in target.Write, suspended bool) (target.Account, error) {
	if err := t.guard(ctx, op, in); err != nil {
		return target.Account{}, err
	}
	u, err := t.update(ctx, op, in.ID, &admin.User{Suspended: suspended, ForceSendFields: []string{"Suspended"}})
	if err != nil {
		return target.Account{}, err
	}
	if !suspended && u.Archived {
		return target.Account{}, &connectors.Error{
			System: System, Op: op, Kind: connectors.KindConflict, Code: "archived",
			Err: errors.New("the user is archived: take it out of the archive in the Admin console, which takes a licence"),
		}
	}
	return t.account(u, nil, false), nil
}

// EndSessions implements target.SessionEnder: browsers and devices have to sign in again. Apps that hold a token go on, see
// RevokeGrants.
func (t *Target) EndSessions(ctx context.Context, in target.Write) error {
	op := "sign out user " + in.ID
	if err := t.guard(ctx, op, in); err != nil {
		return err
	}
	return t.run(ctx, op, func(ctx context.Context) error { return t.directory.Users.SignOut(in.ID).Context(ctx).Do() })
}

// Remove implements target.Remover. A group that Google refuses, such as a dynamic one, keeps the user in no other.
func (t *Target) Remove(ctx context.Context, in target.RemoveRequest) error {
	op := "take user " + in.ID + " out of groups"
	if len(in.From) == 0 {
		return named(op, in.ID)
	}
	if err := t.guard(ctx, op, in.Write); err != nil {
		return err
	}
	for _, group := range in.From {
		if err := namedGroup(op, group); err != nil {
			return err
		}
	}
	return connectors.Each(in.From, func(group string) error {
		err := t.run(ctx, op, func(ctx context.Context) error { return t.directory.Members.Delete(group, in.ID).Context(ctx).Do() })
		if kindOf(err, connectors.KindNotFound) {
			// Google says the same of no group, of no member and of no user.
			_, err = t.user(ctx, op, in.ID)
		}
		return err
	})
}
