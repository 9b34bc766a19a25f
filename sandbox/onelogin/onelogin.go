package onelogin

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "onelogin"

// Options says how the tenant starts out.
type Options struct {
	// Quota is the number of API calls an hour, 5,000 if 0. Source: developers.onelogin.com, 2/oauth20-tokens/get-rate-limit.
	Quota int
	// UserCreated hears of every user that comes to exist, seeded ones among them; active is false for one seeded as
	// suspended. It may be nil.
	UserCreated func(id int64, email, first, last string, active bool)
	// Owner says which human a new account is for, "" if nobody can tell. It may be nil.
	Owner func(externalID, email string) string
}

// OneLogin is a simulated OneLogin tenant.
type OneLogin struct {
	t       *tenant.Tenant
	s       *store
	events  *events.Log
	clients *access.Clients
	quota   *access.Quota
	created func(id int64, email, first, last string, active bool)
	whose   func(externalID, email string) string
	// limitStatus is what an exceeded quota answers: 400 or 429, both have been observed.
	limitStatus atomic.Int64
}

// New returns an empty tenant; package seed fills it.
func New(t *tenant.Tenant, o Options) *OneLogin {
	if o.UserCreated == nil {
		o.UserCreated = func(int64, string, string, string, bool) {}
	}
	if o.Owner == nil {
		o.Owner = func(string, string) string { return "" }
	}
	ol := &OneLogin{
		t: t, s: newStore(t.Now), events: events.New(t.Now),
		quota: access.NewQuota(o.Quota, t.Now), created: o.UserCreated, whose: o.Owner,
	}
	ol.clients = access.New(access.Tenant{
		Tenant: t,
		Failed: func() { ol.events.Add(events.Event{Type: events.APIAuthFailed}) },
		There:  func(user int64) bool { return ol.s.user(user) != nil },
	}, ol.quota)
	ol.limitStatus.Store(http.StatusTooManyRequests)
	return ol
}

// Vendor is the tenant's HTTP face.
func (o *OneLogin) Vendor() tenant.Vendor {
	var routes []tenant.Route
	routes = append(routes, o.clients.Routes()...)
	routes = append(routes, o.userRoutes()...)
	routes = append(routes, o.legacyRoutes()...)
	routes = append(routes, o.legacyReadRoutes()...)
	routes = append(routes, o.attributeRoutes()...)
	routes = append(routes, o.groupRoutes()...)
	routes = append(routes, o.roleRoutes()...)
	routes = append(routes, o.appRoutes()...)
	routes = append(routes, o.appWriteRoutes()...)
	routes = append(routes, o.factorRoutes()...)
	routes = append(routes, o.eventRoutes()...)
	routes = append(routes, o.mappingRoutes()...)
	return tenant.Vendor{
		Name: Name, Routes: routes, Guard: o.guard,
		Unknown: func(c *tenant.Call) tenant.Reply { return wire.Fail(c, http.StatusNotFound, "Not Found") },
		WrongMethod: func(c *tenant.Call, _ string) tenant.Reply {
			return wire.Fail(c, http.StatusMethodNotAllowed, "Method Not Allowed")
		},
		BadQuery: func(c *tenant.Call, name string) tenant.Reply {
			return wire.Fail(c, http.StatusBadRequest, "Unknown query parameter: "+name)
		},
		Failure: func(c *tenant.Call, status int) tenant.Reply {
			if status == http.StatusNotFound {
				// Told from a user who is not there by nothing at all.
				return noUser(c)
			}
			return wire.Fail(c, status, http.StatusText(status))
		},
		RateLimited: o.limited,
		Finish:      o.finish,
	}
}

// guard checks the token, the quota and the scope of an API call, in this order.
func (o *OneLogin) guard(c *tenant.Call) *tenant.Reply {
	if !strings.HasPrefix(c.Path, "/api/") {
		return nil
	}
	cred := o.clients.Of(c)
	if cred == nil {
		r := wire.Fail(c, http.StatusUnauthorized, "Authentication Failure")
		return &r
	}
	c.Client(cred.ID)
	if !o.quota.Take() {
		r := o.limited(c, 0, 0)
		return &r
	}
	if !access.Allows(cred.Scope, c.Route.Scope) {
		// 401 and not 403. Source: developers.onelogin.com, 1/users/log-user-out.
		r := wire.Fail(c, http.StatusUnauthorized, "Insufficient Permission")
		return &r
	}
	return nil
}

// limited answers an exceeded quota. No Retry-After is known of; X-RateLimit-Reset says how long to wait.
func (o *OneLogin) limited(c *tenant.Call, status, retryAfter int) tenant.Reply {
	if status == 0 {
		status = int(o.limitStatus.Load())
	}
	var r tenant.Reply
	if status == http.StatusBadRequest {
		r = wire.V1Error(status, "rate_limit_exceeded")
	} else {
		r = wire.Fail(c, status, "rate_limit_exceeded")
	}
	if retryAfter > 0 {
		r = r.With("X-RateLimit-Remaining", "0").With("X-RateLimit-Reset", strconv.Itoa(retryAfter))
	}
	return r
}

// finish adds the quota headers and, on v2, the request id.
func (o *OneLogin) finish(c *tenant.Call, r *tenant.Reply) {
	if !strings.HasPrefix(c.Path, "/api/") {
		return
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Header.Get("X-RateLimit-Reset") == "" {
		limit, remaining, reset := o.quota.State()
		r.Header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
		r.Header.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
		r.Header.Set("X-RateLimit-Reset", strconv.Itoa(reset))
	}
	if wire.IsV2(c) {
		r.Header.Set("X-Request-Id", o.t.Secret()[:16])
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// moment cuts t to the milliseconds the API shows.
func moment(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}
