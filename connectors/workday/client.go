package workday

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

const system = "workday"

// Defaults of Options.
const (
	defaultTimeout       = 30 * time.Second
	defaultRosterTimeout = 30 * time.Minute
	defaultMaxBody       = 8 << 20
	defaultMaxReport     = 2 << 30
	defaultStaffing      = "v7"
)

// Options are the settings of a client.
type Options struct {
	// BaseURL is the tenant's service host, such as https://wd2-impl-services1.workday.com. It may carry a path prefix.
	BaseURL string
	// Tenant is the tenant's name as it stands in paths.
	Tenant string
	// ClientID, ClientSecret and RefreshToken belong to an API client for integrations. Without a refresh token the
	// client credentials grant is used.
	ClientID     string
	ClientSecret httpx.Secret
	RefreshToken httpx.Secret

	// ReportOwner is the account that owns both reports. RosterReport lists everybody; WorkerReport answers for the one
	// worker whose employee id is given in its prompt WorkerPrompt (default "Employee_ID"). Both must be Advanced
	// reports that are enabled as a web service.
	ReportOwner  string
	RosterReport string
	WorkerReport string
	WorkerPrompt string
	// Columns maps our field names to the reports' column aliases (default DefaultColumns). Entries replace defaults;
	// an empty alias turns a field off.
	Columns Columns
	// Statuses maps the tenant's words for a worker's status to ours, beyond the usual ones.
	Statuses map[string]identity.Status
	// RequiredColumns must have a value in at least one row of the roster (default employee_id, hire_date, department,
	// status).
	RequiredColumns []string
	// RequiredFields must have a value in every row, or are named in the record's Missing (default hire_date,
	// department).
	RequiredFields []string
	// StaffingVersion is the version of the staffing REST service (default "v7").
	StaffingVersion string

	// Timeout bounds each HTTP request except the roster (default 30s), RosterTimeout that one (default 30m).
	Timeout       time.Duration
	RosterTimeout time.Duration
	// MaxBody bounds a reply in bytes (default 8 MiB), MaxReport the roster report (default 2 GiB).
	MaxBody   int64
	MaxReport int64
	// Clock is the time (default time.Now).
	Clock func() time.Time
	// HTTP is the client to send with. Redirects to other hosts are refused on it, too (default: one with many
	// kept-alive connections).
	HTTP *http.Client
	// OnRotatedRefreshToken is told when Workday replaced the refresh token: the old one may have stopped working, so it
	// must be stored. It is called before the new access token is used.
	OnRotatedRefreshToken func(httpx.Secret)
}

// Client reads from one Workday tenant. It may be used by any number of goroutines.
type Client struct {
	o      Options
	base   *url.URL
	http   *http.Client
	tokens *httpx.Tokens

	mu      sync.Mutex
	refresh httpx.Secret
}

// New returns a client. It sends nothing yet. The error lists everything that is wrong with the options.
func New(o Options) (*Client, error) {
	o = withDefaults(o)
	base, err := httpx.ParseBase(o.BaseURL)
	problems := check(o)
	if err != nil {
		problems = append([]error{fmt.Errorf("base_url: %w", err)}, problems...)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("workday: invalid options:\n%w", errors.Join(problems...))
	}
	c := &Client{o: o, base: base, http: httpx.Guarded(o.HTTP), refresh: o.RefreshToken}
	c.tokens = httpx.NewTokens(c.fetchToken, o.Clock)
	return c, nil
}

func withDefaults(o Options) Options {
	columns := DefaultColumns()
	for field, alias := range o.Columns {
		columns[field] = alias
	}
	o.Columns = columns
	if o.WorkerPrompt == "" {
		o.WorkerPrompt = "Employee_ID"
	}
	if o.StaffingVersion == "" {
		o.StaffingVersion = defaultStaffing
	}
	if o.RequiredColumns == nil {
		o.RequiredColumns = []string{fieldEmployeeID, fieldHireDate, fieldDepartment, fieldStatus}
	}
	if o.RequiredFields == nil {
		o.RequiredFields = []string{fieldHireDate, fieldDepartment}
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.RosterTimeout == 0 {
		o.RosterTimeout = defaultRosterTimeout
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.MaxReport <= 0 {
		o.MaxReport = defaultMaxReport
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

func check(o Options) []error {
	var problems []error
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, setting := range []struct{ name, value string }{
		{"tenant", o.Tenant},
		{"client_id", o.ClientID},
		{"client_secret", o.ClientSecret.Reveal()},
		{"report_owner", o.ReportOwner},
		{"roster_report", o.RosterReport},
		{"worker_report", o.WorkerReport},
	} {
		if strings.TrimSpace(setting.value) == "" {
			report("%s: is empty", setting.name)
		}
	}
	for _, setting := range []struct{ name, value string }{
		{"tenant", o.Tenant},
		{"report_owner", o.ReportOwner},
		{"roster_report", o.RosterReport},
		{"worker_report", o.WorkerReport},
		{"staffing_version", o.StaffingVersion},
	} {
		if strings.Contains(setting.value, "/") || setting.value == "." || setting.value == ".." {
			report("%s: is one part of a path and must not hold a slash", setting.name)
		}
	}
	problems = append(problems, o.Columns.check("columns")...)
	for _, field := range append(append([]string{}, o.RequiredColumns...), o.RequiredFields...) {
		if o.Columns[field] == "" {
			report("required field %q: has no column", field)
		}
	}
	if o.Timeout < 0 || o.RosterTimeout < 0 {
		report("timeout: is negative")
	}
	return problems
}
