package workspace

import (
	"context"
	"slices"
	"time"

	datatransfer "google.golang.org/api/admin/datatransfer/v1"

	"gatehouse/connectors/target"
)

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

// earlierTransfer is one to the same user that did not fail, the one that is done before one that is not. One that was asked for before
// the departure began was another departure's. Source: Data Transfer API, transfers: requestTime is "the time at which the data transfer
// was requested". Nothing there says that old ones leave the list.
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
			if d.OverallTransferStatusCode == "failed" || found.Done {
				continue
			}
			at, err := time.Parse(time.RFC3339, d.RequestTime)
			if err != nil {
				return target.TransferResponse{}, malformed(op, "Google does not say when a transfer was requested")
			}
			if !at.Before(in.Since.Add(-target.ClocksDiffer)) {
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
