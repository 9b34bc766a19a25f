package directory

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// Customer is the id of the company's account, which my_customer stands for.
const Customer = "C01acme0x"

// Settings are what differs between companies and what a test wants to be small. A zero value is the default.
type Settings struct {
	// PerMinute is how many calls a caller has in a minute (default 2400).
	PerMinute int `json:"per_minute"`
	// LimitStatus is what Google answers beyond it: 403 (default) or 429. LimitReason is why: userRateLimitExceeded (default of 403),
	// rateLimitExceeded (default of 429) or quotaExceeded.
	LimitStatus int    `json:"limit_status"`
	LimitReason string `json:"limit_reason"`
	// InsertsPerSecond is how many users are made in a second (default 10).
	InsertsPerSecond int `json:"inserts_per_second"`
	// CreationLagMS is how long a new user cannot be changed (default 500; negative: not at all).
	CreationLagMS int `json:"creation_lag_ms"`
	// ListLagMS is how long a new user or group is missing from lists and searches (default 500; negative: not at all).
	ListLagMS int `json:"list_lag_ms"`
	// TransferMS is how long a transfer of files takes (default 2000; negative: no time).
	TransferMS int `json:"transfer_ms"`
	// Seats are how many licences of a SKU were bought; one that is not named has enough.
	Seats map[string]int `json:"seats"`
	// ArchiveSeats are how many users may be archived.
	ArchiveSeats int `json:"archive_seats"`
	// Lies are what lists do not say, each by the name of its list.
	Lies map[string]string `json:"lies"`
}

func (s Settings) withDefaults() Settings {
	if s.PerMinute <= 0 {
		s.PerMinute = 2400
	}
	if s.LimitStatus == 0 {
		s.LimitStatus = http.StatusForbidden
	}
	if s.LimitReason == "" {
		s.LimitReason = map[int]string{http.StatusTooManyRequests: "rateLimitExceeded"}[s.LimitStatus]
	}
	if s.LimitReason == "" {
		s.LimitReason = "userRateLimitExceeded"
	}
	if s.InsertsPerSecond <= 0 {
		s.InsertsPerSecond = 10
	}
	for _, d := range []struct {
		ms    *int
		usual int
	}{{&s.CreationLagMS, 500}, {&s.ListLagMS, 500}, {&s.TransferMS, 2000}} {
		if *d.ms == 0 {
			*d.ms = d.usual
		}
	}
	return s
}

// Directory is what a company has in its Admin console. It is safe for concurrent use.
type Directory struct {
	t      *tenant.Tenant
	domain string
	series *wire.Series

	mu       sync.RWMutex
	settings Settings
	users    map[string]*user
	groups   map[string]*group
	units    []*orgUnit
	roles    []*role
	assigned []*assignment
	// addresses are ids of users and groups by every address that they have, in lower case.
	addresses map[string]string
	deleted   map[string]*user
	transfers []*transfer
	windows   map[string]window
	frozen    frozen
}

// window counts calls of one span of time.
type window struct {
	span  int64
	calls int
}

// New returns a company without anybody. Series numbers what comes to exist.
func New(t *tenant.Tenant, domain string, series *wire.Series) *Directory {
	d := &Directory{
		t: t, domain: domain, series: series, settings: Settings{}.withDefaults(), users: map[string]*user{}, groups: map[string]*group{},
		addresses: map[string]string{}, deleted: map[string]*user{}, windows: map[string]window{},
	}
	d.units = []*orgUnit{{id: "id:03ph8a2z0root", path: "/"}}
	d.roles = systemRoles()
	return d
}

// SetSettings replaces the settings. A list that is to show yesterday's copy shows what there is now, from now on.
func (d *Directory) SetSettings(s Settings) error {
	if err := checkLies(s.Lies); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settings = s.withDefaults()
	d.freeze()
	return nil
}

// newID is a new id of 21 digits, as Google's are.
func (d *Directory) newID() string {
	return "1" + strconv.FormatInt(1_000_000_000_000+d.series.Next(), 10)[1:] + "00000042"
}

// Routes are those of the three APIs.
func (d *Directory) Routes() []tenant.Route {
	routes := slices.Concat(
		d.userRoutes(), d.aliasRoutes(), d.groupRoutes(), d.memberRoutes(), d.unitRoutes(), d.securityRoutes(), d.roleRoutes(),
		d.licenceRoutes(), d.transferRoutes(),
	)
	for i := range routes {
		if routes[i].Query == nil {
			routes[i].Query = wire.Common()
		}
	}
	return routes
}

// Serves reports that a path is of one of the three APIs.
func Serves(path string) bool {
	return strings.HasPrefix(path, "/admin/") || strings.HasPrefix(path, "/apps/licensing/")
}

// Refusals, in Google's words.

func notFound(key string) tenant.Reply {
	return wire.Failure(http.StatusNotFound, "notFound", "Resource Not Found: "+key)
}

func forbidden() tenant.Reply {
	return wire.Failure(http.StatusForbidden, "forbidden", "Not Authorized to access this resource/api")
}

func invalid(what string) tenant.Reply {
	return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Input: "+what)
}

func duplicate() tenant.Reply {
	return wire.Failure(http.StatusConflict, "duplicate", "Entity already exists.")
}

func unmet(text string) tenant.Reply {
	return wire.Failure(http.StatusPreconditionFailed, "conditionNotMet", text)
}

// handler answers a call whose caller may make it. The lock is held.
type handler func(c *tenant.Call) tenant.Reply

// allow hands a call of an administrator with a privilege to a handler, under the lock.
func (d *Directory) allow(privilege string, next handler) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		d.mu.Lock()
		defer d.mu.Unlock()
		if refused := d.admit(c, privilege); refused != nil {
			return *refused
		}
		return next(c)
	}
}

// admit counts a call and refuses a caller without a privilege.
func (d *Directory) admit(c *tenant.Call, privilege string) *tenant.Reply {
	if !d.within(c.ClientName(), time.Minute, d.settings.PerMinute) {
		r := d.limited()
		return &r
	}
	if !d.holds(c.ClientName(), privilege) {
		r := forbidden()
		return &r
	}
	return nil
}

// within counts a call, of which so many are taken in a span of time.
func (d *Directory) within(what string, span time.Duration, most int) bool {
	now := d.t.Now().UnixNano() / int64(span)
	w := d.windows[what]
	if w.span != now {
		w = window{span: now}
	}
	w.calls++
	d.windows[what] = w
	return w.calls <= most
}

// limited is what is answered beyond a quota.
func (d *Directory) limited() tenant.Reply {
	return wire.Failure(d.settings.LimitStatus, d.settings.LimitReason, "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'admin.googleapis.com'.")
}

// holds reports that somebody may sign in and is an administrator with a privilege.
func (d *Directory) holds(address, privilege string) bool {
	u := d.user(address)
	if u == nil || !u.canSignIn() || d.settings.Lies["rights"] == "lost" {
		return false
	}
	for _, a := range d.assigned {
		if a.to != u.id {
			continue
		}
		if r := d.role(a.role); r != nil && r.allows(privilege) {
			return true
		}
	}
	return false
}

// SignsIn reports that the service account may act for somebody: who may sign in.
func (d *Directory) SignsIn(address string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	u := d.users[d.addresses[strings.ToLower(address)]]
	return u != nil && u.canSignIn()
}

// stale refuses a write or a read whose condition on the ETag does not hold.
func stale(c *tenant.Call, etag string) *tenant.Reply {
	if want := c.Request.Header.Get("If-Match"); want != "" && want != "*" && want != etag {
		r := unmet("Precondition Failed")
		return &r
	}
	if c.Request.Method == http.MethodGet && c.Request.Header.Get("If-None-Match") == etag {
		r := tenant.Empty(http.StatusNotModified)
		return &r
	}
	return nil
}

// etag is that of the nth version of something.
func etag(id string, version int) string { return `"acme/` + id + "." + strconv.Itoa(version) + `"` }

// lag is a number of milliseconds, 0 if it is negative.
func lag(ms int) time.Duration { return time.Duration(max(0, ms)) * time.Millisecond }
