package google

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	oauth "golang.org/x/oauth2/google"
	"google.golang.org/api/drive/v3"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"

	"gatehouse/internal/httpx"
)

// System is the name of this connector in errors.
const System = "google"

// The parts of Google that steps are named after.
const (
	Mail   = "gmail"
	Tables = "sheets"
)

// DefaultPerMinute is Google's quota for one user's reads of Sheets, and for writes the same again. Under domain-wide
// delegation the user is the impersonated one. Source: Google, "Usage limits" of the Sheets API.
const DefaultPerMinute = 60

// defaultMaxBody is far above what any call here asks for.
const defaultMaxBody = 64 << 20

// Options are the settings of a client.
type Options struct {
	// Credentials is the JSON key of a service account with domain-wide delegation.
	Credentials httpx.Secret
	// Subject owns the spreadsheets; Sender is the mailbox that e-mails are sent from.
	Subject, Sender string
	// BaseURL and TokenURL replace Google's own addresses, for tests.
	BaseURL, TokenURL string
	// Timeout bounds one call (default 60s; Google itself gives up after 180s).
	Timeout time.Duration
	// HTTP sends the requests (default: a client of its own). Redirects to another host are refused.
	HTTP *http.Client
	// MaxBody is how many bytes a reply may have (default 64 MB).
	MaxBody int64
	// PerMinute is how many reads, and how many writes, Sheets allows in a minute (default [DefaultPerMinute]).
	PerMinute int
	Clock     func() time.Time
}

// complete fills in the defaults, and refuses credentials that are no key.
func (o *Options) complete() error {
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.PerMinute <= 0 {
		o.PerMinute = DefaultPerMinute
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if _, err := oauth.JWTConfigFromJSON([]byte(o.Credentials.Reveal())); err != nil {
		// The library quotes what it could not read, and that may be a part of the key.
		return errors.New("google: the credentials are not the JSON key of a service account: download one in the Google Cloud console")
	}
	return nil
}

// Client holds the services of the library. Calls go through [Call].
type Client struct {
	Sheets *sheets.Service
	Drive  *drive.Service
	Gmail  *gmail.Service

	timeout time.Duration
	clock   func() time.Time
}

// New builds the services. It sends nothing; a key that cannot be read is an error.
func New(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("%w and set google.credentials to file:/path", err)
	}
	c := &Client{timeout: o.Timeout, clock: o.Clock}
	base := bounded(httpx.Guarded(o.HTTP), o.MaxBody)
	robot := func(scopes ...string) *http.Client { return signedIn(base, o, o.Subject, scopes) }
	// What Drive holds is written by the same robot, but counted by a quota two hundred times as large.
	files := robot(drive.DriveScope, sheets.SpreadsheetsScope)
	tables := *files
	tables.Transport = &limited{next: files.Transport, reads: newWindow(o.PerMinute), writes: newWindow(o.PerMinute), clock: o.Clock}
	ctx := context.Background()
	var err error
	if c.Sheets, err = sheets.NewService(ctx, o.services(&tables, "")...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	// WithEndpoint replaces Drive's whole base path, and only Drive's has one.
	if c.Drive, err = drive.NewService(ctx, o.services(files, "drive/v3/")...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	if c.Gmail, err = gmail.NewService(ctx, o.services(signedIn(base, o, o.Sender, []string{gmail.GmailComposeScope}), "")...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	return c, nil
}

// services are the options of one service of the library.
func (o Options) services(client *http.Client, path string) []option.ClientOption {
	options := []option.ClientOption{option.WithHTTPClient(client)}
	if o.BaseURL != "" {
		options = append(options, option.WithEndpoint(strings.TrimSuffix(o.BaseURL, "/")+"/"+path))
	}
	return options
}

// Call carries out one call of the library within the client's timeout. Op says what is being done, for errors.
func Call[T any](ctx context.Context, c *Client, op string, do func(context.Context) (T, error)) (T, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	out, err := do(bounded)
	if err != nil {
		var zero T
		return zero, fault(op, err, c.clock())
	}
	return out, nil
}
