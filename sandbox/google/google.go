package google

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/google/directory"
	"gatehouse/sandbox/google/mailbox"
	"gatehouse/sandbox/google/wire"
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
	// Admin is a super administrator, and Delegated one with a role of Gatehouse's own.
	Admin     = "gatehouse-admin@acme.example"
	Delegated = "gatehouse-directory@acme.example"
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
	t      *tenant.Tenant
	key    Key
	series wire.Series
	mail   *mailbox.Mailboxes
	people *directory.Directory

	mu       sync.RWMutex
	settings Settings
	tokens   map[string]token
	windows  map[string]window
	files    map[string]*file
	order    []string
	books    map[string]*book
	pregen   map[string]bool
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
		files: map[string]*file{}, books: map[string]*book{}, pregen: map[string]bool{},
	}
	g.people = directory.New(t, Domain, &wire.Series{})
	for _, p := range []directory.Person{
		{Email: Robot, Given: "Gatehouse", Family: "Robot"},
		{Email: Sender, Given: "IT", Family: "Security"},
		{Email: Admin, Given: "Gatehouse", Family: "Administrator", Role: directory.Super, Enrolled: true},
		{Email: Delegated, Given: "Gatehouse", Family: "Directory", Role: directory.Delegated, Enrolled: true},
	} {
		g.people.Seed(p)
	}
	g.mail = mailbox.New(t, Domain, &g.series, g.may, g.people)
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
	g.mail.Refuse(s.RefusedRecipients)
}

// Hand carries out what somebody does by hand, and returns the user's id.
func (g *Google) Hand(o directory.Order) (string, error) {
	if o.Do != "forward" {
		return g.people.Hand(o)
	}
	id, address := g.people.Named(o.User)
	return id, g.mail.Forward(address, o.Value)
}

// RevokeTokens ends every access token.
func (g *Google) RevokeTokens() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
}

// Scopes, as Google writes them.
const (
	scopeBase  = "https://www.googleapis.com/auth/"
	sheetWrite = "spreadsheets drive drive.file"
	sheetRead  = sheetWrite + " spreadsheets.readonly drive.readonly"
	driveWrite = "drive drive.file"
	driveRead  = driveWrite + " drive.readonly drive.metadata drive.metadata.readonly"
)

// allows reports that one of the scopes of a list is among those of a token.
func (t token) allows(scopes string) bool {
	if strings.Contains(scopes, "gmail.") && !strings.HasPrefix(scopes, "gmail.settings.") && slices.Contains(t.scopes, mailbox.Everything) {
		return true
	}
	return slices.ContainsFunc(strings.Fields(scopes), func(s string) bool {
		return slices.Contains(t.scopes, s) || slices.Contains(t.scopes, scopeBase+s)
	})
}

// may reports that the caller's token has one of some scopes.
func (g *Google) may(c *tenant.Call, scopes string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	value, _ := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	return g.tokens[value].allows(scopes)
}

// Mails returns the mails, oldest first; the newest so many if last is positive.
func (g *Google) Mails(last int) []*mailbox.Mail { return g.mail.Sent(last) }

// People is the directory of the domain.
func (g *Google) People() *directory.Directory { return g.people }

// MailSettings are what is set in mailboxes.
func (g *Google) MailSettings() []mailbox.SettingsState { return g.mail.Settings() }

// Delegating says whether the Admin console lets users have delegates.
func (g *Google) Delegating(allowed bool) { g.mail.Delegating(allowed) }

// Drafts counts the drafts that are left in all mailboxes.
func (g *Google) Drafts() int { return g.mail.Drafts() }

// Vendor is the domain's HTTP face.
func (g *Google) Vendor() tenant.Vendor {
	routes := []tenant.Route{{Method: "POST", Path: "/token", Op: "google.token", Handle: g.issueToken}}
	routes = append(routes, wire.Sized(g.sheetRoutes(), wire.MaxObject, wire.MaxObject)...)
	routes = append(routes, wire.Sized(g.driveRoutes(), wire.MaxObject, wire.MaxUpload)...)
	routes = append(routes, wire.Sized(g.mail.Routes(), wire.MaxEncoded, wire.MaxLetter)...)
	routes = append(routes, wire.Sized(g.people.Routes(), wire.MaxObject, wire.MaxObject)...)
	return tenant.Vendor{
		Name: Name, Routes: routes, Guard: g.guard,
		Unknown: func(*tenant.Call) tenant.Reply {
			return tenant.Raw(http.StatusNotFound, "text/html; charset=UTF-8", []byte("<title>Error 404 (Not Found)!!1</title>"))
		},
		WrongMethod: func(*tenant.Call, string) tenant.Reply {
			return tenant.Raw(http.StatusMethodNotAllowed, "text/html; charset=UTF-8", []byte("<title>Error 405 (Method Not Allowed)!!1</title>"))
		},
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return wire.Invalid("Invalid JSON payload received. Unknown name %q: Cannot bind query parameter. Field '%s' could not be found in request message.", name, name)
		},
		TooLarge: wire.TooLarge,
		Failure: func(_ *tenant.Call, status int) tenant.Reply {
			return wire.Failure(status, "backendError", "Internal error encountered.")
		},
		RateLimited: func(c *tenant.Call, status, retryAfter int) tenant.Reply {
			r := wire.Limited(c, status)
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
		r := wire.Failure(http.StatusUnauthorized, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
		return &r
	}
	c.Client(tok.user)
	if !tok.allows(c.Route.Scope) {
		r := wire.Failure(http.StatusForbidden, "insufficientPermissions", "Request had insufficient authentication scopes.")
		return &r
	}
	if strings.HasPrefix(c.Path, "/v4/") && !g.withinQuota(tok.user, c.Request.Method == http.MethodGet) {
		r := wire.Limited(c, 0)
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
