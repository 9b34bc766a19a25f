package workspace

import (
	"context"
	"fmt"
	"slices"

	datatransfer "google.golang.org/api/admin/datatransfer/v1"
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

// Undelegate implements target.MailDelegator.
func (t *Target) Undelegate(ctx context.Context, in target.HandoverRequest) error {
	op := "end the delegation of the mailbox of user " + in.ID
	mail, err := t.mailbox(ctx, op, in.Write)
	if err != nil {
		return err
	}
	to, err := t.user(ctx, op, in.To)
	if err != nil {
		return ignoreNotFound(err)
	}
	return ignoreNotFound(t.run(ctx, op, func(ctx context.Context) error {
		return mail.Users.Settings.Delegates.Delete("me", to.PrimaryEmail).Context(ctx).Do()
	}))
}

// transferred are the apps whose data is handed over, by their names at Google, and what of it: private files as well as shared
// ones, and the rooms that a calendar has booked.
var transferred = map[string]*datatransfer.ApplicationTransferParam{
	"Drive and Docs": {Key: "PRIVACY_LEVEL", Value: []string{"PRIVATE", "SHARED"}},
	"Calendar":       {Key: "RELEASE_RESOURCES", Value: []string{"TRUE"}},
}

// Transfer implements target.DataTransferrer. Google knows no key by which two requests are one, so that what was asked for
// before is looked for first.
func (t *Target) Transfer(ctx context.Context, in target.HandoverRequest) (target.TransferResponse, error) {
	op := "hand over the files of user " + in.ID
	if err := named(op, in.To); err != nil || in.To == in.ID {
		return target.TransferResponse{}, invalid(op, "files are handed over to another user")
	}
	if err := t.guard(ctx, op, in.Write); err != nil {
		return target.TransferResponse{}, err
	}
	earlier, err := t.earlierTransfer(ctx, op, in)
	if err != nil || earlier.ID != "" {
		return earlier, err
	}
	if _, err := t.successor(ctx, op, in); err != nil {
		return target.TransferResponse{}, err
	}
	apps, err := t.transferApps(ctx, op)
	if err != nil {
		return target.TransferResponse{}, err
	}
	made, err := call(ctx, t, op, func(ctx context.Context) (*datatransfer.DataTransfer, error) {
		return t.transfers.Transfers.Insert(&datatransfer.DataTransfer{
			OldOwnerUserId: in.ID, NewOwnerUserId: in.To, ApplicationDataTransfers: apps,
		}).Context(ctx).Do()
	})
	if err != nil {
		return target.TransferResponse{}, err
	}
	return target.TransferResponse{ID: made.Id, Done: made.OverallTransferStatusCode == "completed"}, nil
}

// earlierTransfer is one to the same user that did not fail, the one that is done before one that is not.
func (t *Target) earlierTransfer(ctx context.Context, op string, in target.HandoverRequest) (found target.TransferResponse, err error) {
	token := ""
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*datatransfer.DataTransfersListResponse, error) {
			return t.transfers.Transfers.List().OldOwnerUserId(in.ID).NewOwnerUserId(in.To).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return target.TransferResponse{}, err
		}
		for _, d := range page.DataTransfers {
			if d.OverallTransferStatusCode != "failed" && !found.Done {
				found = target.TransferResponse{ID: d.Id, Done: d.OverallTransferStatusCode == "completed"}
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == token {
			return found, nil
		}
		token = page.NextPageToken
	}
}

// transferApps are the apps of the company whose data is handed over.
func (t *Target) transferApps(ctx context.Context, op string) (all []*datatransfer.ApplicationDataTransfer, err error) {
	page, err := call(ctx, t, op, func(ctx context.Context) (*datatransfer.ApplicationsListResponse, error) {
		return t.transfers.Applications.List().MaxResults(500).Context(ctx).Do()
	})
	if err != nil {
		return nil, err
	}
	for _, app := range page.Applications {
		if param := transferred[app.Name]; param != nil {
			all = append(all, &datatransfer.ApplicationDataTransfer{
				ApplicationId: app.Id, ApplicationTransferParams: []*datatransfer.ApplicationTransferParam{param},
			})
		}
	}
	if len(all) == 0 {
		return nil, malformed(op, "Google names no app whose data can be handed over")
	}
	slices.SortFunc(all, func(a, b *datatransfer.ApplicationDataTransfer) int { return int(a.ApplicationId - b.ApplicationId) })
	return all, nil
}
