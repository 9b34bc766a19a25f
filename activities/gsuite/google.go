package gsuite

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/google"
	"gatehouse/ledger"
)

// Sheets keeps spreadsheets: it creates each of them once, adds tabs with what stands in them in one go, and writes
// values to absolute ranges. Every method may be repeated; none of them appends.
type Sheets struct {
	// Client is nil where Google is not configured. Every method then fails with what to configure.
	Client *google.Client
	Ledger *ledger.Ledger
	// Folder is the Drive folder that spreadsheets are created in, Drive the shared drive it is on ("" for My Drive).
	Folder, Drive string
	// Known are spreadsheets that somebody made beforehand, by the key that they are used for.
	Known map[string]string
	// IndexLag is how long a new file may stay invisible to Drive's search.
	IndexLag time.Duration
	// CellLimit is how many cells one spreadsheet may have (default [DefaultCellLimit]).
	CellLimit int64
	// Web is the base URL of spreadsheets for people.
	Web   string
	Clock func() time.Time
}

// Gmail sends e-mails from one mailbox.
type Gmail struct {
	// Client is nil where Google is not configured.
	Client *google.Client
	Ledger *ledger.Ledger
	// Sender is the address of the mailbox, Name what stands beside it.
	Sender, Name string
	Clock        func() time.Time
}

// NotConfigured says what a deployment without Google lacks. The run parks with it, and goes on after a restart with
// the setting in place.
func NotConfigured() error {
	return step.NonRetryable(api.ErrInvalid, "google is not configured: set google.credentials, google.subject, google.folder_id and "+
		"google.sender in gatehouse.yaml (docs/configuration.md), restart the worker and retry")
}

// ask carries out one call of Google's library.
func ask[T any](ctx context.Context, c *google.Client, op string, do func(context.Context) (T, error)) (T, error) {
	defer step.Pulse(ctx, step.PulseEvery)()
	return google.Call(ctx, c, op, do)
}
