package google

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "google"

// Identities and places of the tenant.
const (
	// Domain is where users are; the service account may act for any of them.
	Domain = "acme.example"
	// Robot is a user that owns spreadsheets, Sender one that letters come from.
	Robot  = "gatehouse-robot@acme.example"
	Sender = "it-security@acme.example"
	// SharedDrive holds Folder, where the robot may create files.
	SharedDrive = "0AcmeSharedDrive"
	Folder      = "1AcmeAccessReports"
)

// Settings are what differs between tenants and what a test wants to be small. A zero value is the default.
type Settings struct {
	// PerMinute is how many reads, and how many writes, of Sheets a user has in a minute (default 60).
	PerMinute int `json:"per_minute"`
	// CellLimit is how many cells a spreadsheet may have (default 10,000,000).
	CellLimit int64 `json:"cell_limit"`
	// IndexLagMS is how long a new file stays invisible to searches (default 1000; negative: not at all).
	IndexLagMS int `json:"index_lag_ms"`
	// Scopes are what the Admin console grants the service account; empty: whatever it asks for.
	Scopes []string `json:"scopes"`
	// RefusedReaders are addresses that Drive does not share with, and RefusedRecipients those that Gmail does not send to, each
	// with Google's reason: invalidSharingRequest and invalidArgument come with 400, everything else, such as domainPolicy, with 403.
	RefusedReaders    map[string]string `json:"refused_readers"`
	RefusedRecipients map[string]string `json:"refused_recipients"`
}

func (s Settings) withDefaults() Settings {
	if s.PerMinute <= 0 {
		s.PerMinute = 60
	}
	if s.CellLimit <= 0 {
		s.CellLimit = 10_000_000
	}
	if s.IndexLagMS == 0 {
		s.IndexLagMS = 1000
	}
	return s
}

// Google is a simulated Workspace domain.
type Google struct {
	t   *tenant.Tenant
	key Key

	mu       sync.RWMutex
	settings Settings
	tokens   map[string]token
	windows  map[string]window
	files    map[string]*file
	order    []string
	books    map[string]*book
	drafts   map[string]*Mail
	mails    []*Mail
	labels   []label
	pregen   map[string]bool
	numbers  int64
}

// token is what an access token may do.
type token struct {
	user    string
	scopes  []string
	expires time.Time
}

// window counts the calls of one minute.
type window struct {
	minute int64
	calls  int
}

// New returns a domain with a shared drive and a folder in it, and a service account with a key.
func New(t *tenant.Tenant, key Key) *Google {
	g := &Google{
		t: t, key: key, settings: Settings{}.withDefaults(), tokens: map[string]token{}, windows: map[string]window{},
		files: map[string]*file{}, books: map[string]*book{}, drafts: map[string]*Mail{}, pregen: map[string]bool{},
	}
	g.addFile(&file{
		ID: Folder, Name: "Access reports", MimeType: folderType, Parents: []string{SharedDrive}, Drive: SharedDrive,
		Created: t.Now().Add(-time.Hour), Permissions: []*permission{{
			ID: permissionID(Robot), Type: "user", Role: "fileOrganizer", Email: Robot,
		}},
	})
	return g
}

// SetSettings replaces the settings.
func (g *Google) SetSettings(s Settings) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settings = s.withDefaults()
}

// RevokeTokens ends every access token.
func (g *Google) RevokeTokens() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
}

// number returns the next of a series. The lock must be held.
func (g *Google) number() int64 {
	g.numbers++
	return g.numbers
}

// Scopes, as Google writes them.
const (
	scopeBase  = "https://www.googleapis.com/auth/"
	sheetWrite = "spreadsheets drive drive.file"
	sheetRead  = sheetWrite + " spreadsheets.readonly drive.readonly"
	driveWrite = "drive drive.file"
	driveRead  = driveWrite + " drive.readonly drive.metadata drive.metadata.readonly"
	mailDraft  = "gmail.modify gmail.compose"
	mailSend   = mailDraft + " gmail.send"
	mailRead   = "gmail.modify gmail.readonly"
	draftRead  = mailDraft + " gmail.readonly"
	// mailAll is the scope of everything in Gmail, which has another form than the others.
	mailAll = "https://mail.google.com/"
)

// allows reports that one of the scopes of a list is among those of a token.
func (t token) allows(scopes string) bool {
	if strings.Contains(scopes, "gmail.") && slices.Contains(t.scopes, mailAll) {
		return true
	}
	return slices.ContainsFunc(strings.Fields(scopes), func(s string) bool {
		return slices.Contains(t.scopes, s) || slices.Contains(t.scopes, scopeBase+s)
	})
}

// may reports that the caller's token has one of some scopes. The lock must be held.
func (g *Google) may(c *tenant.Call, scopes string) bool {
	value, _ := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	return g.tokens[value].allows(scopes)
}

// common are the query parameters that every endpoint has.
func common(names ...string) []string {
	return append([]string{"alt", "prettyPrint", "fields", "quotaUser", "key", "$.xgafv", "access_token", "callback", "oauth_token", "userIp"}, names...)
}

// Vendor is the domain's HTTP face.
func (g *Google) Vendor() tenant.Vendor {
	routes := []tenant.Route{{Method: "POST", Path: "/token", Op: "google.token", Handle: g.issueToken}}
	routes = append(routes, g.sheetRoutes()...)
	routes = append(routes, g.driveRoutes()...)
	routes = append(routes, g.mailRoutes()...)
	return tenant.Vendor{
		Name: Name, Routes: routes, Guard: g.guard,
		Unknown: func(*tenant.Call) tenant.Reply {
			return tenant.Raw(http.StatusNotFound, "text/html; charset=UTF-8", []byte("<title>Error 404 (Not Found)!!1</title>"))
		},
		WrongMethod: func(*tenant.Call, string) tenant.Reply {
			return tenant.Raw(http.StatusMethodNotAllowed, "text/html; charset=UTF-8", []byte("<title>Error 405 (Method Not Allowed)!!1</title>"))
		},
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return invalid("Invalid JSON payload received. Unknown name %q: Cannot bind query parameter. Field '%s' could not be found in request message.", name, name)
		},
		Failure: func(_ *tenant.Call, status int) tenant.Reply {
			return failure(status, "backendError", "Internal error encountered.")
		},
		RateLimited: func(c *tenant.Call, status, retryAfter int) tenant.Reply {
			r := limited(c, status)
			if retryAfter > 0 {
				r = r.With("Retry-After", strconv.Itoa(retryAfter))
			}
			return r
		},
	}
}

// guard checks the token, its scope, and the quota of Sheets.
func (g *Google) guard(c *tenant.Call) *tenant.Reply {
	if c.Path == "/token" || strings.HasPrefix(c.Path, "/spreadsheets/d/") {
		return nil
	}
	value, _ := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	g.mu.Lock()
	defer g.mu.Unlock()
	tok, ok := g.tokens[value]
	// Tokens end by the machine's clock: whoever holds one knows no other.
	if !ok || time.Now().After(tok.expires) {
		r := failure(http.StatusUnauthorized, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
		return &r
	}
	c.Client(tok.user)
	if !tok.allows(c.Route.Scope) {
		r := failure(http.StatusForbidden, "insufficientPermissions", "Request had insufficient authentication scopes.")
		return &r
	}
	if strings.HasPrefix(c.Path, "/v4/") && !g.withinQuota(tok.user, c.Request.Method == http.MethodGet) {
		r := limited(c, 0)
		return &r
	}
	return nil
}

// withinQuota counts a call of Sheets. The lock must be held.
func (g *Google) withinQuota(user string, read bool) bool {
	key := fmt.Sprintf("%s/%t", user, read)
	minute := g.t.Now().Unix() / 60
	w := g.windows[key]
	if w.minute != minute {
		w = window{minute: minute}
	}
	w.calls++
	g.windows[key] = w
	return w.calls <= g.settings.PerMinute
}

// statuses are Google's names of HTTP statuses.
var statuses = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS",
	429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}

// failure is an error in Google's form.
func failure(status int, reason, message string) tenant.Reply {
	return tenant.JSON(status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "status": statuses[status],
		"errors": []map[string]string{{"message": message, "domain": "global", "reason": reason}},
	}})
}

func invalid(format string, args ...any) tenant.Reply {
	return failure(http.StatusBadRequest, "badRequest", fmt.Sprintf(format, args...))
}

// malformed is what a body that cannot be read is answered with.
func malformed(err error) tenant.Reply { return invalid("Invalid JSON payload received. %v", err) }

func notFound() tenant.Reply {
	return failure(http.StatusNotFound, "notFound", "Requested entity was not found.")
}

// limited is 429 of Sheets; Drive and Gmail answer 403 with a reason, which is what status 403 asks for.
func limited(c *tenant.Call, status int) tenant.Reply {
	if status == http.StatusForbidden || status == 0 && !strings.HasPrefix(c.Path, "/v4/") {
		return failure(http.StatusForbidden, "userRateLimitExceeded", "User Rate Limit Exceeded")
	}
	kind := "Write"
	if c.Request.Method == http.MethodGet {
		kind = "Read"
	}
	message := fmt.Sprintf("Quota exceeded for quota metric '%s requests' and limit '%s requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:1'.", kind, kind)
	return tenant.JSON(http.StatusTooManyRequests, map[string]any{"error": map[string]any{
		"code": http.StatusTooManyRequests, "message": message, "status": statuses[http.StatusTooManyRequests],
		"details": []map[string]string{{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com",
		}},
	}})
}
