package pagerduty

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

// Name is the vendor's prefix on the sandbox's port. Both APIs are below it.
const Name = "pagerduty"

// The account's credentials and its one user.
const (
	// RoutingKey is the integration key of the service Identity, SecondKey of the service Helpdesk.
	RoutingKey = "5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f"
	SecondKey  = "11112222333344445555666677778888"
	Token      = "sandbox-pagerduty-token"
	// ReadOnlyToken may read and change nothing.
	ReadOnlyToken = "sandbox-pagerduty-read-only"
	WebhookSecret = "sandbox-pagerduty-webhook"
	UserID        = "PONCALL1"
	UserEmail     = "oncall@acme.example"
)

// services are the account's services by routing key.
var services = map[string]service{
	RoutingKey: {ID: "PIDENT01", Name: "Identity"},
	SecondKey:  {ID: "PHELPD01", Name: "Helpdesk"},
}

type service struct {
	ID, Name string
}

// The statuses of an incident.
const (
	triggered    = "triggered"
	acknowledged = "acknowledged"
	resolved     = "resolved"
)

// Incident is an incident with its one alert. It is never changed once stored; a change stores another.
type Incident struct {
	ID       string `json:"id"`
	Number   int    `json:"incident_number"`
	Service  string `json:"service"`
	DedupKey string `json:"dedup_key"`
	Status   string `json:"status"`
	Summary  string `json:"summary"`
	Severity string `json:"severity"`
	Source   string `json:"source"`
	// Events is how many trigger events the alert holds.
	Events  int            `json:"events"`
	Details map[string]any `json:"details,omitempty"`
	Link    string         `json:"link,omitempty"`
	Created time.Time      `json:"created"`
	Changed time.Time      `json:"changed"`
	// By is the user who changed the status last, "" for an event.
	By string `json:"by,omitempty"`

	serviceID string
}

func (i *Incident) open() bool { return i.Status != resolved }

// PagerDuty is a simulated account.
type PagerDuty struct {
	t      *tenant.Tenant
	sender *sender

	mu        sync.RWMutex
	incidents map[string]*Incident
	order     []string
	// openBy is the open incident of a routing key and a dedup key.
	openBy map[[2]string]string
	// calls are the times of the latest events by routing key, for the rate limit.
	calls  map[string][]time.Time
	limit  int
	keys   int
	events int
}

// usualLimit is how many events a minute an integration may send. Source: developer.pagerduty.com, Events API rate limits.
const usualLimit = 120

// New returns an account without incidents.
func New(t *tenant.Tenant) *PagerDuty {
	p := &PagerDuty{
		t: t, incidents: map[string]*Incident{}, openBy: map[[2]string]string{}, calls: map[string][]time.Time{}, limit: usualLimit,
	}
	p.sender = newSender(p)
	return p
}

// Close ends webhooks that are under way.
func (p *PagerDuty) Close() { p.sender.Close() }

// SetLimit sets how many events a minute an integration may send, the usual number if it is 0.
func (p *PagerDuty) SetLimit(perMinute int) {
	if perMinute <= 0 {
		perMinute = usualLimit
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = perMinute
}

// Vendor is the account's HTTP face.
func (p *PagerDuty) Vendor() tenant.Vendor {
	return tenant.Vendor{
		Name: Name, Guard: p.guard,
		Routes: append(p.restRoutes(), tenant.Route{
			Method: "POST", Path: enqueuePath, Op: "pagerduty.enqueue", Query: []string{}, Handle: p.enqueue,
		}),
		Unknown: func(*tenant.Call) tenant.Reply { return failREST(http.StatusNotFound, 2100, "Not Found") },
		WrongMethod: func(*tenant.Call, string) tenant.Reply {
			return failREST(http.StatusMethodNotAllowed, 0, "Method Not Allowed")
		},
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", "Unknown query parameter: "+name)
		},
		Failure: func(c *tenant.Call, status int) tenant.Reply {
			if c.Path == enqueuePath {
				return failEvent(status, http.StatusText(status))
			}
			return failREST(status, 0, http.StatusText(status))
		},
		RateLimited: func(c *tenant.Call, status, retryAfter int) tenant.Reply {
			if status == 0 {
				status = http.StatusTooManyRequests
			}
			reply := failREST(status, 2020, "Too Many Requests")
			if c.Path == enqueuePath {
				reply = throttled(status)
			}
			if retryAfter > 0 {
				reply = reply.With("ratelimit-reset", strconv.Itoa(retryAfter))
			}
			return reply
		},
	}
}

// guard checks the token of a REST call. Events carry their key in the body.
func (p *PagerDuty) guard(c *tenant.Call) *tenant.Reply {
	if c.Path == enqueuePath {
		return nil
	}
	token, _ := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Token token=")
	refuse := func(status, code int, text string) *tenant.Reply {
		r := failREST(status, code, text)
		return &r
	}
	write := c.Request.Method != http.MethodGet
	switch {
	case token != Token && token != ReadOnlyToken:
		return refuse(http.StatusUnauthorized, 2006, "Unauthorized")
	case token == ReadOnlyToken && write:
		return refuse(http.StatusForbidden, 2010, "Access Denied")
	}
	c.Client("token")
	if write && c.Request.Header.Get("From") != UserEmail {
		// Source: developer.pagerduty.com, REST API errors: a write by an account token names a user.
		return refuse(http.StatusBadRequest, 1008, "Requester User Not Found")
	}
	return nil
}

// store keeps an incident. The lock must be held.
func (p *PagerDuty) store(routingKey string, i *Incident) {
	if p.incidents[i.ID] == nil {
		p.order = append(p.order, i.ID)
	}
	p.incidents[i.ID] = i
	key := [2]string{routingKey, i.DedupKey}
	if i.open() {
		p.openBy[key] = i.ID
	} else if p.openBy[key] == i.ID {
		delete(p.openBy, key)
	}
}

// setStatus changes an incident's status and tells the webhooks. By is empty for an event. The lock must be held.
func (p *PagerDuty) setStatus(routingKey string, old *Incident, status, by string) *Incident {
	i := *old
	i.Status, i.Changed, i.By = status, p.t.Now(), by
	p.store(routingKey, &i)
	p.sender.tell(&i, by)
	return &i
}

// routingKeyOf is the routing key of an incident's service.
func routingKeyOf(i *Incident) string {
	for key, s := range services {
		if s.ID == i.serviceID {
			return key
		}
	}
	return ""
}

// Act has the person on call acknowledge or resolve the open incident of a dedup key. Nobody else is told but the
// webhooks.
func (p *PagerDuty) Act(dedupKey, status string) (*Incident, error) {
	if status != acknowledged && status != resolved {
		return nil, fmt.Errorf("pagerduty: the status is %q; it can be acknowledged or resolved", status)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range slices.Backward(p.order) {
		i := p.incidents[id]
		if i.DedupKey == dedupKey && i.open() {
			return p.setStatus(routingKeyOf(i), i, status, UserID), nil
		}
	}
	return nil, fmt.Errorf("pagerduty: no open incident has this dedup key")
}

// State returns every incident in the order in which they were opened, or the newest so many if last is positive.
func (p *PagerDuty) State(last int) []*Incident {
	p.mu.RLock()
	defer p.mu.RUnlock()
	ids := p.order
	if last > 0 && len(ids) > last {
		ids = ids[len(ids)-last:]
	}
	out := make([]*Incident, 0, len(ids))
	for _, id := range ids {
		out = append(out, p.incidents[id])
	}
	return out
}
