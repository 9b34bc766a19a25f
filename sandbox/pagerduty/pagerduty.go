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
	calls map[string][]time.Time
	limit int
	// withoutAlerts has every service make incidents without alerts.
	withoutAlerts bool
	keys, events  int
	alerts, notes int
	changes       []Change
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

// SetAlerts has the services make alerts, or incidents without alerts as those of long ago. What is there stays as it is.
func (p *PagerDuty) SetAlerts(without bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.withoutAlerts = without
}

// Vendor is the account's HTTP face.
func (p *PagerDuty) Vendor() tenant.Vendor {
	return tenant.Vendor{
		Name: Name, Guard: p.guard,
		Routes:      slices.Concat(p.eventRoutes(), p.incidentRoutes(), p.alertRoutes(), p.thingRoutes(), p.subscriptionRoutes()),
		Unknown:     func(*tenant.Call) tenant.Reply { return notFound("") },
		WrongMethod: func(*tenant.Call, string) tenant.Reply { return notFound("") },
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return invalid("Unknown query parameter: " + name)
		},
		TooLarge: tooLarge,
		Failure: func(c *tenant.Call, status int) tenant.Reply {
			if isEvent(c) {
				return failEvent(status, http.StatusText(status))
			}
			return failREST(status, 0, http.StatusText(status))
		},
		RateLimited: func(c *tenant.Call, status, retryAfter int) tenant.Reply {
			if status == 0 {
				status = http.StatusTooManyRequests
			}
			reply := failREST(status, 2020, "Too Many Requests")
			if isEvent(c) {
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
	if isEvent(c) {
		return nil
	}
	header := c.Request.Header.Get("Authorization")
	token, ok := strings.CutPrefix(header, "Token token=")
	if !ok {
		token, ok = strings.CutPrefix(header, "Bearer ")
	}
	refuse := func(status, code int, text string) *tenant.Reply {
		r := failREST(status, code, text)
		return &r
	}
	write := c.Request.Method != http.MethodGet
	switch {
	case !ok || token != Token && token != ReadOnlyToken:
		return refuse(http.StatusUnauthorized, 2006, "Unauthorized")
	case token == ReadOnlyToken && write:
		return refuse(http.StatusForbidden, 2010, "Access Denied")
	}
	c.Client("token")
	if write && strings.HasPrefix(c.Path, "/incidents") && c.Request.Header.Get("From") != UserEmail {
		// Source: developer.pagerduty.com, REST API errors: a write about incidents by an account token names a user.
		return refuse(http.StatusBadRequest, 1008, "Requester User Not Found")
	}
	return nil
}

// store keeps an incident. The lock must be held.
func (p *PagerDuty) store(i *Incident) {
	if p.incidents[i.ID] == nil {
		p.order = append(p.order, i.ID)
	}
	p.incidents[i.ID] = i
	keep := func(serviceID, key string, open bool) {
		routingKey, _, _ := serviceOf(serviceID)
		at := [2]string{routingKey, key}
		if open {
			p.openBy[at] = i.ID
		} else if p.openBy[at] == i.ID {
			delete(p.openBy, at)
		}
	}
	if i.keyed {
		keep(i.serviceID, i.DedupKey, i.open())
	}
	for _, a := range i.Alerts {
		keep(a.of, a.Key, i.open() && a.Status != resolved)
	}
}

// setStatus changes an incident's status and tells the webhooks. By is empty for an event. The lock must be held.
func (p *PagerDuty) setStatus(old *Incident, status, by string) *Incident {
	i := old.copied()
	i.Status, i.Changed, i.By = status, p.t.Now(), by
	if status == resolved {
		for n := range i.Alerts {
			i.Alerts[n].Status = resolved
		}
	}
	p.store(i)
	p.sender.tell(i, by)
	return i
}

// merge resolves an incident because the work goes on in another one, and moves its alerts there. The lock must be held.
// Source: developer.pagerduty.com, REST API, merge incidents.
func (p *PagerDuty) merge(source, target *Incident, by string) *Incident {
	into := target.copied()
	into.Alerts = append(into.Alerts, source.Alerts...)
	into.Events += source.Events
	from := source.copied()
	from.Alerts, from.MergedInto = nil, target.ID
	if from.open() {
		p.setStatus(from, resolved, by)
	} else {
		p.store(from)
	}
	p.store(into)
	return into
}

// Act has the person on call acknowledge or resolve the open incident of a dedup key. Nobody else is told but the
// webhooks.
func (p *PagerDuty) Act(dedupKey, status string) (*Incident, error) {
	if status != acknowledged && status != resolved {
		return nil, fmt.Errorf("pagerduty: the status is %q; it can be acknowledged or resolved", status)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.openWith(dedupKey)
	if i == nil {
		return nil, fmt.Errorf("pagerduty: no open incident has this dedup key")
	}
	return p.setStatus(i, status, UserID), nil
}

// Merge has the person on call merge the open incident of a dedup key into that of another one.
func (p *PagerDuty) Merge(dedupKey, into string) (*Incident, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	source, target := p.openWith(dedupKey), p.openWith(into)
	if source == nil || target == nil || source == target {
		return nil, fmt.Errorf("pagerduty: to merge takes two open incidents")
	}
	return p.merge(source, target, UserID), nil
}

// openWith is the newest open incident of a dedup key, nil if there is none. The lock must be held.
func (p *PagerDuty) openWith(dedupKey string) *Incident {
	for _, id := range slices.Backward(p.order) {
		if i := p.incidents[id]; i.open() && i.has(dedupKey) {
			return i
		}
	}
	return nil
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
