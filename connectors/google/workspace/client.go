package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	datatransfer "google.golang.org/api/admin/datatransfer/v1"
	admin "google.golang.org/api/admin/directory/v1"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/licensing/v1"

	"gatehouse/connectors/google"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
)

// System is the name of Google Workspace in references to accounts.
const System = google.System

// everybody is what Google takes for the company that the caller belongs to.
const everybody = "my_customer"

// What the Admin console has to grant the service account, by what it is for. Each is asked for by itself, so that what is not granted
// takes nothing else along. docs/google-workspace.md says more.
var (
	// Scopes are for users and groups: without them nothing works.
	Scopes = []string{
		admin.AdminDirectoryUserScope, admin.AdminDirectoryUserSecurityScope, admin.AdminDirectoryGroupReadonlyScope,
		admin.AdminDirectoryGroupMemberScope,
	}
	// RoleScopes are for roles of administrators, UnitScopes for the list of organizational units, LicenceScopes for licences, TransferScopes for files and calendars, and MailScopes for
	// auto-reply, delegates and forwarding. The last let the service account set up any mailbox of the company.
	RoleScopes     = []string{admin.AdminDirectoryRolemanagementScope}
	UnitScopes     = []string{admin.AdminDirectoryOrgunitReadonlyScope}
	LicenceScopes  = []string{licensing.AppsLicensingScope}
	TransferScopes = []string{datatransfer.AdminDatatransferScope}
	MailScopes     = []string{gmail.GmailSettingsBasicScope, gmail.GmailSettingsSharingScope}
)

// Options are the settings of a target.
type Options struct {
	// Credentials is the JSON key of a service account with domain-wide delegation.
	Credentials httpx.Secret
	// Admin is the administrator that the service account acts for.
	Admin string
	// Domain is the company's primary domain (default: the administrator's).
	Domain string
	// Protected says why an account must not be written to, "" if it may be.
	Protected func(target.Account) string
	// ExternalIDType is the type of the external id that is ours (default organization, which the Admin console calls Employee ID).
	ExternalIDType string
	// SKUs are the licences that people may have, as product/sku.
	SKUs []string
	// NoMailScopes says that MailScopes are not granted: no mailbox is asked whether it forwards.
	NoMailScopes bool
	// PageSize is how many users are on a page (default 500, Google's most).
	PageSize int
	// BaseURL and TokenURL replace Google's own addresses, for tests.
	BaseURL, TokenURL string
	// Timeout bounds one call (default 60s).
	Timeout time.Duration
	// HTTP sends the requests (default: a client of its own). Redirects to another host are refused.
	HTTP *http.Client
	// MaxBody is how many bytes a reply may have (default 64 MB).
	MaxBody int64
	Clock   func() time.Time
}

// Target is Google Workspace as a system in which people have access. It does not delete: see Deleting.
type Target struct {
	o         Options
	access    *google.Access
	directory *admin.Service
	roles     *admin.Service
	units     *admin.Service
	licensing *licensing.Service
	transfers *datatransfer.Service
}

// New builds the services. It sends nothing; a key that cannot be read is an error.
func New(o Options) (*Target, error) {
	if o.PageSize <= 0 || o.PageSize > maxPage {
		o.PageSize = maxPage
	}
	_, domain, ok := strings.Cut(o.Admin, "@")
	if !ok {
		return nil, errors.New("google: name the administrator that Gatehouse acts for by an address")
	}
	if o.Domain == "" {
		o.Domain = domain
	}
	if o.ExternalIDType == "" {
		o.ExternalIDType = "organization"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	access, err := google.NewAccess(google.Options{
		Credentials: o.Credentials, BaseURL: o.BaseURL, TokenURL: o.TokenURL, Timeout: o.Timeout, HTTP: o.HTTP, MaxBody: o.MaxBody, Clock: o.Clock,
	}, "docs/google-workspace.md", explain)
	if err != nil {
		return nil, err
	}
	t := &Target{o: o, access: access}
	ctx := context.Background()
	if t.directory, err = admin.NewService(ctx, access.As(o.Admin, Scopes...)...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	if t.roles, err = admin.NewService(ctx, access.As(o.Admin, append(slices.Clone(RoleScopes), admin.AdminDirectoryUserScope)...)...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	if t.units, err = admin.NewService(ctx, access.As(o.Admin, UnitScopes...)...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	if t.licensing, err = licensing.NewService(ctx, access.As(o.Admin, LicenceScopes...)...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	if t.transfers, err = datatransfer.NewService(ctx, access.As(o.Admin, TransferScopes...)...); err != nil {
		return nil, fmt.Errorf("google: %w", err)
	}
	return t, nil
}

// call carries out one call of the library.
func call[T any](ctx context.Context, t *Target, op string, do func(context.Context) (T, error)) (T, error) {
	return google.Do(ctx, t.access, op, do)
}

// run carries out one call of the library that returns nothing.
func (t *Target) run(ctx context.Context, op string, do func(context.Context) error) error {
	_, err := call(ctx, t, op, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}
