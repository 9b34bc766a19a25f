package workday

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "workday"

// What the tenant and its one API client are called.
const (
	Tenant       = "acme"
	ClientID     = "sandbox-workday"
	ClientSecret = "sandbox-workday-secret"
	RefreshToken = "sandbox-workday-refresh"
	ReportOwner  = "isu_gatehouse"
	RosterReport = "Gatehouse_Roster"
	WorkerReport = "Gatehouse_Worker"
)

// Settings is what the tenant's administrators and report authors can do to an integration.
type Settings struct {
	// LoneObject renders a report of one row as an object and not as an array of one.
	LoneObject bool `json:"lone_object"`
	// DropColumns are left out of every row.
	DropColumns []string `json:"drop_columns"`
	// BlankColumns are there in every row and empty.
	BlankColumns []string `json:"blank_columns"`
	// DropIDs are the employees whom the roster leaves out; the report about one worker still has them.
	DropIDs []string `json:"drop_ids"`
	// DropRows is the share of the roster's rows, 0 to 1, that is left out, from its end.
	DropRows float64 `json:"drop_rows"`
	// HalfColumns are empty in every second row.
	HalfColumns []string `json:"half_columns"`
	// RenameColumns gives columns another heading.
	RenameColumns map[string]string `json:"rename_columns"`
	// ShiftColumns have in each row what belongs in the row above: a formula that was dragged one row too far.
	ShiftColumns []string `json:"shift_columns"`
	// Repeat writes the whole roster so many more times, as a page that is asked for twice.
	Repeat int `json:"repeat"`
	// Shuffle writes the rows in another order each time.
	Shuffle bool `json:"shuffle"`
	// Encoding is what the report's texts are written as: UTF-8 if it is empty, latin1 or windows1252 (which are no JSON), twice
	// (UTF-8 read as Latin-1 and written as UTF-8 once more), lost (each letter that is not ASCII replaced), or utf16le, utf16be and
	// utf8bom for the whole report.
	Encoding string `json:"encoding"`
	// NestedColumns are rendered as an array of one object with a Descriptor.
	NestedColumns []string `json:"nested_columns"`
	// RotateRefreshTokens answers every token request with a new refresh token and ends the old one.
	RotateRefreshTokens bool `json:"rotate_refresh_tokens"`
	// TokenSeconds is how long an access token lasts, 3600 if 0.
	TokenSeconds int `json:"token_seconds"`
	// KeepTerminatedDays is how long a terminated worker stays in the roster, 90 if 0.
	KeepTerminatedDays int `json:"keep_terminated_days"`
}

// Workday is a simulated Workday tenant.
type Workday struct {
	t        *tenant.Tenant
	hr       *hr.Store
	settings atomic.Pointer[Settings]
	roster   atomic.Pointer[rendered]

	mu      sync.RWMutex
	refresh string
	access  map[string]time.Time
}

// New returns a tenant that shows the records of the store.
func New(t *tenant.Tenant, store *hr.Store) *Workday {
	w := &Workday{t: t, hr: store, refresh: RefreshToken, access: map[string]time.Time{}}
	w.settings.Store(&Settings{})
	return w
}

// Settings returns the settings in force.
func (w *Workday) Settings() Settings { return *w.settings.Load() }

// SetSettings replaces the settings.
func (w *Workday) SetSettings(s Settings) { w.settings.Store(&s) }

// Vendor is the tenant's HTTP face.
func (w *Workday) Vendor() tenant.Vendor {
	const raas = "/ccx/service/customreport2/{tenant}/{owner}/{report}"
	const staffing = "/ccx/api/staffing/v7/{tenant}/workers"
	return tenant.Vendor{
		Name: Name,
		Routes: []tenant.Route{
			{Method: "POST", Path: "/ccx/oauth2/{tenant}/token", Op: "workday.token", Query: []string{}, Handle: w.token},
			{Method: "GET", Path: raas, Op: "workday.report", Handle: w.report},
			{
				Method: "GET", Path: staffing, Op: "workday.list_workers",
				Query: []string{"search", "includeTerminatedWorkers", "limit", "offset"}, Handle: w.listWorkers,
			},
			{Method: "GET", Path: staffing + "/{id}", Op: "workday.get_worker", Query: []string{}, Handle: w.getWorker},
			{Method: "GET", Path: staffing + "/{id}/serviceDates", Op: "workday.service_dates", Query: []string{}, Handle: w.serviceDates},
		},
		Guard:   w.guard,
		Unknown: func(*tenant.Call) tenant.Reply { return fail(http.StatusNotFound, "S21", "not found") },
		WrongMethod: func(*tenant.Call, string) tenant.Reply {
			return fail(http.StatusMethodNotAllowed, "A14", "method not allowed")
		},
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return fail(http.StatusBadRequest, "A12", "invalid query parameter: "+name)
		},
		Failure: func(_ *tenant.Call, status int) tenant.Reply {
			return fail(status, "S"+strconv.Itoa(status), strings.ToLower(http.StatusText(status)))
		},
		// Workday sends neither rate limit headers nor Retry-After. Source: developer.workday.com, rate limits.
		RateLimited: func(_ *tenant.Call, status, _ int) tenant.Reply {
			if status == 0 {
				status = http.StatusTooManyRequests
			}
			return fail(status, "S429", "too many requests")
		},
	}
}

// fail is an error of the REST API.
func fail(status int, code, message string) tenant.Reply {
	return tenant.JSON(status, map[string]any{
		"error":  message,
		"errors": []map[string]string{{"error": message, "code": code}},
	})
}

// guard checks the tenant in the path and the access token.
func (w *Workday) guard(c *tenant.Call) *tenant.Reply {
	refuse := func(r tenant.Reply) *tenant.Reply { return &r }
	if c.Param("tenant") != Tenant {
		return refuse(fail(http.StatusNotFound, "S21", "tenant not found"))
	}
	if c.Route.Op == "workday.token" {
		return nil
	}
	token, ok := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	w.mu.RLock()
	expires, known := w.access[token]
	w.mu.RUnlock()
	if !ok || !known || !w.t.Now().Before(expires) {
		return refuse(fail(http.StatusUnauthorized, "S22", "invalid or expired access token"))
	}
	c.Client(ClientID)
	return nil
}

// oauthError is an error of the token endpoint.
func oauthError(status int, code string) tenant.Reply {
	return tenant.JSON(status, map[string]string{"error": code})
}

func (w *Workday) token(c *tenant.Call) tenant.Reply {
	form := c.Form()
	if form == nil {
		return oauthError(http.StatusBadRequest, "invalid_request")
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := c.Request.BasicAuth(); ok {
		id, secret = user, pass
	}
	if id != ClientID || secret != ClientSecret {
		return oauthError(http.StatusUnauthorized, "invalid_client")
	}
	c.Client(ClientID)
	if form.Get("grant_type") != "refresh_token" {
		return oauthError(http.StatusBadRequest, "unsupported_grant_type")
	}
	s := w.Settings()
	life := s.TokenSeconds
	if life == 0 {
		life = 3600
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if form.Get("refresh_token") != w.refresh {
		return oauthError(http.StatusBadRequest, "invalid_grant")
	}
	if s.RotateRefreshTokens {
		w.refresh = w.t.Secret()
		c.Effect("refresh token rotated")
	}
	access := w.t.Secret()
	w.access[access] = w.t.Now().Add(time.Duration(life) * time.Second)
	return tenant.JSON(http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": life, "refresh_token": w.refresh,
	})
}

// RevokeTokens ends every access token at once.
func (w *Workday) RevokeTokens() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.access = map[string]time.Time{}
}
