package gsuite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/api/drive/v3"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/activities/step"
	"gatehouse/connectors"
)

// roles orders what a grantee may do.
var roles = map[string]int{"reader": 1, "commenter": 2, "writer": 3}

// Share gives a person, or with "group:" before the address a group, a role (reader, commenter, writer) on a spreadsheet.
// Nobody is mailed about it. Somebody who has the role or a higher one keeps what they have. Drive lets the last of
// several writers of one file's permissions win, so share one file from one place at a time. Refused says that Google does not share
// with this reader, whatever is tried: somebody has to give them access by hand.
func (s *Sheets) Share(ctx context.Context, spreadsheet, email, role string) (refused bool, err error) {
	if s.Client == nil {
		return false, NotConfigured()
	}
	kind, address := "user", email
	if group, ok := strings.CutPrefix(email, "group:"); ok {
		kind, address = "group", group
	}
	if roles[role] == 0 || address == "" {
		return false, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("share a spreadsheet: role %q must be reader, commenter or writer, for an address", role))
	}
	list, err := ask(ctx, s.Client, "read who may open a spreadsheet", func(ctx context.Context) ([]*drive.Permission, error) {
		var all []*drive.Permission
		err := s.Client.Drive.Permissions.List(spreadsheet).SupportsAllDrives(true).PageSize(100).
			Fields("nextPageToken,permissions(id,type,role,emailAddress)").
			Pages(ctx, func(page *drive.PermissionList) error { all = append(all, page.Permissions...); return nil })
		return all, err
	})
	if err != nil {
		return false, err
	}
	for _, p := range list {
		if p.Type != kind || !strings.EqualFold(p.EmailAddress, address) {
			continue
		}
		if have := roles[p.Role]; have == 0 || have >= roles[role] {
			return false, nil // the same or more: what is not in the list (owner, organizer) is above all of it
		}
		_, err := ask(ctx, s.Client, "raise a role on a spreadsheet", func(ctx context.Context) (*drive.Permission, error) {
			return s.Client.Drive.Permissions.Update(spreadsheet, p.Id, &drive.Permission{Role: role}).SupportsAllDrives(true).Context(ctx).Do()
		})
		return refusal(err)
	}
	_, err = ask(ctx, s.Client, "share a spreadsheet", func(ctx context.Context) (*drive.Permission, error) {
		return s.Client.Drive.Permissions.Create(spreadsheet, &drive.Permission{Type: kind, Role: role, EmailAddress: address}).
			SendNotificationEmail(false).SupportsAllDrives(true).Context(ctx).Do()
	})
	return refusal(err)
}

// refusal tells a reader who is refused from any other error.
func refusal(err error) (refused bool, _ error) {
	if err = letters.OfOne(err); letters.Refuses(err) {
		return true, nil
	}
	return false, err
}

// Place is a tab of a spreadsheet.
type Place struct {
	Spreadsheet string
	Tab         int64
}

// ShareAll is Share for several people, of whom no one keeps a spreadsheet from the others. It returns who is refused, with the link
// to what they were to read; an error is the first one that is not about one reader. Google has many reasons for a 403, and new ones:
// where it takes one reader of ours, the others are refused for what they are and not for who asks.
func (s *Sheets) ShareAll(ctx context.Context, at Place, role string, readers []string) (refused []api.Unshared, err error) {
	taken := false
	var forbidden []string
	var forbids error
	for _, address := range readers {
		no, failed := s.Share(ctx, at.Spreadsheet, address, role)
		switch {
		case no:
			refused = append(refused, api.Unshared{Address: address, Link: s.URL(at.Spreadsheet, at.Tab)})
		case failed == nil:
			taken = true
		case isForbidden(failed):
			forbidden, forbids = append(forbidden, address), failed
		default:
			err = cmp.Or(err, failed)
		}
	}
	if !taken {
		return refused, cmp.Or(err, forbids)
	}
	for _, address := range forbidden {
		refused = append(refused, api.Unshared{Address: address, Link: s.URL(at.Spreadsheet, at.Tab)})
	}
	return refused, err
}

// isForbidden reports a 403 of Google.
func isForbidden(err error) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.Status == http.StatusForbidden && e.Kind == connectors.KindUnauthorized
}
