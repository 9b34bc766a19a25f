package onelogin

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "onelogin"

// Subdomain is the tenant's name in messages and links.
const Subdomain = "acme"

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
	t         *tenant.Tenant
	s         *store
	events    *eventLog
	broadcast *broadcaster
	tokens    *tokens
	quota     *quota
	created   func(id int64, email, first, last string, active bool)
	whose     func(externalID, email string) string
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
		t: t, s: newStore(t.Now), events: newEventLog(t.Now), tokens: newTokens(t),
		quota: newQuota(o.Quota, t.Now), created: o.UserCreated, whose: o.Owner,
	}
	ol.broadcast = newBroadcaster(ol)
	ol.events.tell = ol.broadcast.tell
	ol.limitStatus.Store(http.StatusTooManyRequests)
	return ol
}

// Vendor is the tenant's HTTP face.
func (o *OneLogin) Vendor() tenant.Vendor {
	var routes []tenant.Route
	routes = append(routes, o.authRoutes()...)
	routes = append(routes, o.userRoutes()...)
	routes = append(routes, o.legacyRoutes()...)
	routes = append(routes, o.roleRoutes()...)
	routes = append(routes, o.appRoutes()...)
	routes = append(routes, o.factorRoutes()...)
	routes = append(routes, o.eventRoutes()...)
	routes = append(routes, o.mappingRoutes()...)
	return tenant.Vendor{
		Name: Name, Routes: routes, Guard: o.guard,
		Unknown: func(c *tenant.Call) tenant.Reply { return fail(c, http.StatusNotFound, "Not Found") },
		WrongMethod: func(c *tenant.Call, _ string) tenant.Reply {
			return fail(c, http.StatusMethodNotAllowed, "Method Not Allowed")
		},
		BadQuery: func(c *tenant.Call, name string) tenant.Reply {
			return fail(c, http.StatusBadRequest, "Unknown query parameter: "+name)
		},
		Failure: func(c *tenant.Call, status int) tenant.Reply {
			if status == http.StatusNotFound {
				// Told from a user who is not there by nothing at all.
				return noUser(c)
			}
			return fail(c, status, http.StatusText(status))
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
	cred := o.tokens.credential(bearer(c.Request.Header.Get("Authorization")))
	if cred == nil {
		r := fail(c, http.StatusUnauthorized, "Authentication Failure")
		return &r
	}
	c.Client(cred.ID)
	if !o.quota.take() {
		r := o.limited(c, 0, 0)
		return &r
	}
	if !allows(cred.Scope, c.Route.Scope) {
		// 401 and not 403. Source: developers.onelogin.com, 1/users/log-user-out.
		r := fail(c, http.StatusUnauthorized, "Insufficient Permission")
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
		r = v1Error(status, "rate_limit_exceeded")
	} else {
		r = fail(c, status, "rate_limit_exceeded")
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
		limit, remaining, reset := o.quota.state()
		r.Header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
		r.Header.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
		r.Header.Set("X-RateLimit-Reset", strconv.Itoa(reset))
	}
	if isV2(c) {
		r.Header.Set("X-Request-Id", o.t.Secret()[:16])
	}
}

func isV2(c *tenant.Call) bool { return strings.HasPrefix(c.Path, "/api/2/") }

// fail is an error in the shape of the API version that was called.
func fail(c *tenant.Call, status int, message string) tenant.Reply {
	if isV2(c) {
		return v2Error(status, message)
	}
	return v1Error(status, message)
}

// v2Error is the usual v2 shape.
func v2Error(status int, message string) tenant.Reply {
	name := strings.ReplaceAll(http.StatusText(status), " ", "") + "Error"
	if status == http.StatusUnprocessableEntity {
		name = "UnprocessableEntityError"
	}
	return tenant.JSON(status, map[string]any{"message": message, "name": name, "statusCode": status})
}

// gatewayError is the other v2 shape, seen for cursors. Source: terraform-provider-onelogin issues 196 and 203.
func gatewayError(description string) tenant.Reply {
	return tenant.JSON(http.StatusBadRequest, map[string]any{
		"status": http.StatusBadRequest, "error": "BadRequestError", "description": description,
	})
}

// v1Status is the wrapper around every v1 reply; its message is a string or an object.
type v1Status struct {
	Error   bool   `json:"error"`
	Code    int    `json:"code"`
	Type    string `json:"type"`
	Message any    `json:"message"`
}

func v1Error(status int, message any) tenant.Reply {
	return tenant.JSON(status, map[string]any{"status": v1Status{
		Error: true, Code: status, Type: strings.ToLower(http.StatusText(status)), Message: message,
	}})
}

// v1OK is a v1 success; a nil data is left out.
func v1OK(data any) tenant.Reply {
	body := map[string]any{"status": v1Status{Code: http.StatusOK, Type: "success", Message: "Success"}}
	if data != nil {
		body["data"] = data
	}
	return tenant.JSON(http.StatusOK, body)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// pathID reads a numeric path segment.
func pathID(c *tenant.Call, name string) (int64, bool) {
	id, err := strconv.ParseInt(c.Param(name), 10, 64)
	return id, err == nil
}

// moment cuts t to the milliseconds the API shows.
func moment(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}
