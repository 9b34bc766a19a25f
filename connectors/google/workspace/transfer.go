package workspace

import (
	"context"
	"fmt"
	"slices"
	"time"

	datatransfer "google.golang.org/api/admin/datatransfer/v1"

	"gatehouse/connectors"
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
	return transferOf(op, made)
}

func transferOf(op string, d *datatransfer.DataTransfer) (target.TransferResponse, error) {
	at, err := time.Parse(time.RFC3339, d.RequestTime)
	if err != nil {
		return target.TransferResponse{}, malformed(op, "Google does not say when a transfer was requested")
	}
	return target.TransferResponse{ID: d.Id, Done: d.OverallTransferStatusCode == "completed", Requested: at}, nil
}

// askedAgainAfter is how long a transfer that Google ended as failed stands as the answer. What it fails for lasts, such as a new owner
// without room: asking at once again would fill the list with such transfers.
const askedAgainAfter = time.Hour

// earlierTransfer is one to the same user that did not fail, the one that is done before one that is not. One that was asked for before
// the departure began was another departure's. Source: Data Transfer API, transfers: requestTime is "the time at which the data transfer
// was requested", overallTransferStatusCode may be "failed". Nothing there says that old ones leave the list, or why one failed.
func (t *Target) earlierTransfer(ctx context.Context, op string, in target.HandoverRequest) (found target.TransferResponse, err error) {
	token := ""
	var failed time.Time
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*datatransfer.DataTransfersListResponse, error) {
			return t.transfers.Transfers.List().OldOwnerUserId(in.ID).NewOwnerUserId(in.To).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return target.TransferResponse{}, err
		}
		for _, d := range page.DataTransfers {
			if found.Done {
				return found, nil
			}
			each, err := transferOf(op, d)
			switch {
			case err != nil:
				return target.TransferResponse{}, err
			case each.Requested.Before(in.Since.Add(-target.ClocksDiffer)):
			case d.OverallTransferStatusCode != "failed":
				found = each
			case each.Requested.After(failed):
				failed = each.Requested
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == token {
			break
		}
		token = page.NextPageToken
	}
	if found.ID == "" && t.o.Clock().Sub(failed) < askedAgainAfter {
		return found, &connectors.Error{System: System, Op: op, Kind: connectors.KindConflict, Code: "transfer_failed", Err: fmt.Errorf(
			"the transfer of %s ended as failed at Google: find out why in the admin console (Account, Data transfer; often the new owner has no room, or no Drive); "+
				"another one is asked for at the next try after %s", failed.UTC().Format(time.RFC3339), failed.Add(askedAgainAfter).UTC().Format(time.RFC3339))}
	}
	return found, nil
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
