package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	admin "google.golang.org/api/admin/directory/v1"
	"google.golang.org/api/gmail/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// mailbox is the service of a user's own settings: nobody else's identity reaches them.
func (t *Target) mailbox(ctx context.Context, op string, in target.Write) (*gmail.Service, error) {
	u, err := t.user(ctx, op, in.ID)
	if err == nil {
		err = t.refused(op, u, in)
	}
	if err != nil {
		return nil, err
	}
	if u.Suspended || u.Archived {
		return nil, &connectors.Error{
			System: System, Op: op, Kind: connectors.KindInvalid, Code: CodeNoMailbox,
			Err: fmt.Errorf("the user is suspended: what is set in a mailbox is set before the suspension"),
		}
	}
	service, err := gmail.NewService(ctx, t.access.As(u.PrimaryEmail, MailScopes...)...)
	if err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	return service, nil
}

// SetAutoReply implements target.AutoReplier.
func (t *Target) SetAutoReply(ctx context.Context, in target.AutoReplyRequest) error {
	op := "set the auto-reply of user " + in.ID
	if in.Subject == "" && in.Text == "" {
		return invalid(op, "an auto-reply needs a subject or a text")
	}
	mail, err := t.mailbox(ctx, op, in.Write)
	if err != nil {
		return err
	}
	reply := &gmail.VacationSettings{EnableAutoReply: true, ResponseSubject: in.Subject, ResponseBodyPlainText: in.Text}
	if !in.Until.IsZero() {
		reply.EndTime = in.Until.UnixMilli()
	}
	_, err = call(ctx, t, op, func(ctx context.Context) (*gmail.VacationSettings, error) {
		return mail.Users.Settings.UpdateVacation("me", reply).Context(ctx).Do()
	})
	return err
}

// EndAutoReply implements target.AutoReplier.
func (t *Target) EndAutoReply(ctx context.Context, in target.EndReplyRequest) (bool, error) {
	op := "end the auto-reply of user " + in.ID
	mail, err := t.mailbox(ctx, op, in.Write)
	if err != nil {
		return false, err
	}
	set, err := call(ctx, t, op, func(ctx context.Context) (*gmail.VacationSettings, error) {
		return mail.Users.Settings.GetVacation("me").Context(ctx).Do()
	})
	if err != nil || !set.EnableAutoReply || in.Ours != nil && !in.Ours(set.ResponseSubject) {
		return false, err
	}
	set.EnableAutoReply, set.ForceSendFields = false, []string{"EnableAutoReply"}
	_, err = call(ctx, t, op, func(ctx context.Context) (*gmail.VacationSettings, error) {
		return mail.Users.Settings.UpdateVacation("me", set).Context(ctx).Do()
	})
	return err == nil, err
}

// EndForwarding implements target.ForwardingEnder. Source: Gmail API, users.settings.updateAutoForwarding, which only service accounts with
// domain-wide delegation may call; an address has to be named only where forwarding is switched on.
func (t *Target) EndForwarding(ctx context.Context, in target.Write) (bool, error) {
	op := "end the forwarding of the mailbox of user " + in.ID
	mail, err := t.mailbox(ctx, op, in)
	if err != nil {
		return false, err
	}
	if t.o.NoMailScopes {
		return false, &connectors.Error{
			System: System, Op: op, Kind: connectors.KindUnauthorized,
			Err: errors.New("systems.google.handover does not say that the scopes for mailboxes are granted"),
		}
	}
	set, err := call(ctx, t, op, func(ctx context.Context) (*gmail.AutoForwarding, error) {
		return mail.Users.Settings.GetAutoForwarding("me").Context(ctx).Do()
	})
	if err != nil || !set.Enabled {
		return false, err
	}
	_, err = call(ctx, t, op, func(ctx context.Context) (*gmail.AutoForwarding, error) {
		off := &gmail.AutoForwarding{ForceSendFields: []string{"Enabled"}}
		return mail.Users.Settings.UpdateAutoForwarding("me", off).Context(ctx).Do()
	})
	return err == nil, err
}

// delegating is the mailbox of a request and the address of the one who is to use it.
func (t *Target) delegating(ctx context.Context, op string, in target.HandoverRequest) (*gmail.Service, string, error) {
	if in.To == in.ID {
		return nil, "", invalid(op, "nobody is their own delegate")
	}
	mail, err := t.mailbox(ctx, op, in.Write)
	if err != nil {
		return nil, "", err
	}
	to, err := t.successor(ctx, op, in)
	if err != nil {
		return nil, "", err
	}
	return mail, to.PrimaryEmail, nil
}

// successor is the user who gets something. That there is none is no word about the user whose it was.
func (t *Target) successor(ctx context.Context, op string, in target.HandoverRequest) (*admin.User, error) {
	to, err := t.user(ctx, op, in.To)
	if kindOf(err, connectors.KindNotFound) {
		return nil, invalid(op, "whom it is handed over to is no user of Google")
	}
	if err == nil && (to.Suspended || to.Archived) {
		return nil, invalid(op, "whom it is handed over to is suspended")
	}
	return to, err
}

// Delegate implements target.MailDelegator.
func (t *Target) Delegate(ctx context.Context, in target.HandoverRequest) error {
	op := "delegate the mailbox of user " + in.ID
	mail, address, err := t.delegating(ctx, op, in)
	if err != nil {
		return err
	}
	_, err = call(ctx, t, op, func(ctx context.Context) (*gmail.Delegate, error) {
		return mail.Users.Settings.Delegates.Create("me", &gmail.Delegate{DelegateEmail: address}).Context(ctx).Do()
	})
	if kindOf(err, connectors.KindConflict) {
		return nil
	}
	return err
}

// Undelegate implements target.MailDelegator. Neither one list without a delegate nor one "not found" is proof that there is none.
func (t *Target) Undelegate(ctx context.Context, in target.UndelegateRequest) error {
	op := "end the delegation of the mailbox of user " + in.ID
	mail, err := t.mailbox(ctx, op, in.Write)
	if err != nil {
		return err
	}
	without := 0
	for range 4 {
		all, err := call(ctx, t, op, func(ctx context.Context) (*gmail.ListDelegatesResponse, error) {
			return mail.Users.Settings.Delegates.List("me").Context(ctx).Do()
		})
		if err != nil {
			return err
		}
		ours := slices.DeleteFunc(all.Delegates, func(d *gmail.Delegate) bool { return !in.Ours(d.DelegateEmail) })
		if without++; len(ours) > 0 {
			without = 0
		} else if without == 2 {
			return nil
		}
		for _, d := range ours {
			if err := ignoreNotFound(t.run(ctx, op, func(ctx context.Context) error {
				return mail.Users.Settings.Delegates.Delete("me", d.DelegateEmail).Context(ctx).Do()
			})); err != nil {
				return err
			}
		}
	}
	return malformed(op, "Gmail still lists who was taken off the mailbox's delegates")
}
