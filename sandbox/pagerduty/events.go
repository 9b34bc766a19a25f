package pagerduty

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

const (
	enqueuePath = "/v2/enqueue"
	changePath  = "/v2/change/enqueue"
)

// isEvent reports that a call is one of the Events API, which has errors and limits of its own.
func isEvent(c *tenant.Call) bool { return c.Path == enqueuePath || c.Path == changePath }

func (p *PagerDuty) eventRoutes() []tenant.Route {
	return []tenant.Route{
		{Method: "POST", Path: enqueuePath, Op: "pagerduty.enqueue", Query: []string{}, MaxBody: maxEvent, Handle: p.enqueue},
		{Method: "POST", Path: changePath, Op: "pagerduty.enqueue_change", Query: []string{}, MaxBody: maxEvent, Handle: p.enqueueChange},
	}
}

// Limits of an event. Source: developer.pagerduty.com, Events API v2.
const (
	keyLength  = 32
	maxSummary = 1024
	maxDedup   = 255
	maxEvent   = 512 << 10
)

// event is the body of an event.
type event struct {
	RoutingKey string `json:"routing_key"`
	Action     string `json:"event_action"`
	DedupKey   string `json:"dedup_key"`
	Client     string `json:"client"`
	ClientURL  string `json:"client_url"`
	Links      []struct {
		Href string `json:"href"`
		Text string `json:"text"`
	} `json:"links"`
	Images  []map[string]string `json:"images"`
	Payload *struct {
		Summary   string         `json:"summary"`
		Source    string         `json:"source"`
		Severity  string         `json:"severity"`
		Timestamp string         `json:"timestamp"`
		Component string         `json:"component"`
		Group     string         `json:"group"`
		Class     string         `json:"class"`
		Details   map[string]any `json:"custom_details"`
	} `json:"payload"`
}

// failEvent is an error of the Events API, which looks unlike those of the REST API.
func failEvent(status int, message string, errors ...string) tenant.Reply {
	return tenant.JSON(status, map[string]any{"status": "invalid event", "message": message, "errors": append([]string{}, errors...)})
}

func throttled(status int) tenant.Reply {
	return tenant.JSON(status, map[string]any{
		"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly.  Please retry later.",
	})
}

// invalidEvent says what is wrong with an event.
func invalidEvent(errors ...string) tenant.Reply {
	return failEvent(http.StatusBadRequest, "Event object is invalid", errors...)
}

// eventBody decodes an event strictly.
func eventBody(c *tenant.Call, into any) *tenant.Reply {
	if err := c.JSON(into); err != nil {
		r := unreadable(err)
		return &r
	}
	return nil
}

// tooLarge is what a body is answered with that is larger than PagerDuty takes.
func tooLarge(c *tenant.Call) tenant.Reply {
	if isEvent(c) {
		return failEvent(http.StatusRequestEntityTooLarge, "Event object is too large", "Payload exceeds 512 KB")
	}
	return failREST(http.StatusRequestEntityTooLarge, 2001, "Invalid Input Provided", "Request body is too large")
}

// unreadable says what is wrong with the text of an event. The words of one that is no JSON are PagerDuty's own, as quoted in
// prometheus/alertmanager issue 2082; those of the others are not documented.
func unreadable(err error) tenant.Reply {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return invalidEvent("'" + kind.Field + "' is invalid")
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return invalidEvent("'" + strings.Trim(name, `"`) + "' is not recognized")
	}
	return failEvent(http.StatusBadRequest, "Event object format is unrecognized", "JSON parse error")
}

func (p *PagerDuty) enqueue(c *tenant.Call) tenant.Reply {
	var e event
	if wrong := eventBody(c, &e); wrong != nil {
		return *wrong
	}
	if wrong := e.complaints(); len(wrong) > 0 {
		return invalidEvent(wrong...)
	}
	svc := services[e.RoutingKey]
	c.Client("integration of " + svc.Name)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tooMany(e.RoutingKey) {
		return throttled(http.StatusTooManyRequests)
	}
	if e.DedupKey == "" {
		p.keys++
		e.DedupKey = fmt.Sprintf("generated-%08d", p.keys)
	}
	c.Subject("alert", e.DedupKey)
	p.take(c, &e, svc)
	return tenant.JSON(http.StatusAccepted, map[string]string{
		"status": "success", "message": "Event processed", "dedup_key": e.DedupKey,
	})
}

// complaints lists what is wrong with an event, in the API's words.
func (e *event) complaints() []string {
	var wrong []string
	add := func(when bool, text string) {
		if when {
			wrong = append(wrong, text)
		}
	}
	_, known := services[e.RoutingKey]
	add(e.RoutingKey == "", "'routing_key' is missing or blank")
	add(e.RoutingKey != "" && len(e.RoutingKey) != keyLength, "Length of 'routing_key' is incorrect (should be 32 characters)")
	// What an unknown key of the right length is told is not documented.
	add(len(e.RoutingKey) == keyLength && !known, "'routing_key' does not belong to an active integration")
	add(!slices.Contains([]string{"trigger", "acknowledge", "resolve"}, e.Action),
		"'event_action' is missing or not one of trigger, acknowledge, resolve")
	add(len(e.DedupKey) > maxDedup, "'dedup_key' is too long (maximum is 255 characters)")
	if e.Action != "trigger" {
		add(e.DedupKey == "", "'dedup_key' is missing or blank")
		return wrong
	}
	if e.Payload == nil {
		return append(wrong, "'payload' is missing or blank")
	}
	add(strings.TrimSpace(e.Payload.Summary) == "", "'payload.summary' is missing or blank")
	add(len([]rune(e.Payload.Summary)) > maxSummary, "'payload.summary' is too long (maximum is 1024 characters)")
	add(strings.TrimSpace(e.Payload.Source) == "", "'payload.source' is missing or blank")
	add(!slices.Contains([]string{"critical", "error", "warning", "info"}, e.Payload.Severity),
		"'payload.severity' is missing or not one of critical, warning, error, info")
	return wrong
}

// tooMany counts an event against its integration's minute. The lock must be held.
func (p *PagerDuty) tooMany(routingKey string) bool {
	now := p.t.Now()
	recent := slices.DeleteFunc(p.calls[routingKey], func(at time.Time) bool { return !at.After(now.Add(-time.Minute)) })
	defer func() { p.calls[routingKey] = recent }()
	if len(recent) >= p.limit {
		return true
	}
	recent = append(recent, now)
	return false
}

// take does what an event asks for. The lock must be held.
func (p *PagerDuty) take(c *tenant.Call, e *event, svc service) {
	open := p.incidents[p.openBy[[2]string{e.RoutingKey, e.DedupKey}]]
	switch {
	case e.Action == "trigger" && open == nil:
		p.open(e, svc)
		c.Effect("incident opened")
	case e.Action == "trigger":
		// It joins the alert, whose text becomes the new one.
		i := open.copied()
		i.Events++
		if e.into(i) {
			c.Effect("alert changed")
		}
		p.store(i)
	case open == nil:
		// Accepted and dropped in silence.
	case e.Action == "acknowledge" && open.Status == triggered:
		p.setStatus(open, acknowledged, "")
		c.Effect("incident acknowledged")
	case e.Action == "resolve":
		p.resolveAlert(c, open, e.DedupKey)
	}
}

// resolveAlert resolves the alert of a key, and the incident with the last of its alerts. The lock must be held.
func (p *PagerDuty) resolveAlert(c *tenant.Call, open *Incident, key string) {
	i := open.copied()
	left := false
	for n := range i.Alerts {
		if i.Alerts[n].Key == key {
			i.Alerts[n].Status = resolved
		}
		left = left || i.Alerts[n].Status != resolved
	}
	if left {
		p.store(i)
		c.Effect("alert resolved")
		return
	}
	p.setStatus(i, resolved, "")
	c.Effect("incident resolved")
}

// into writes an event into its alert, and into the incident where that is the one which opened it.
func (e *event) into(i *Incident) (changed bool) {
	for n := range i.Alerts {
		if a := &i.Alerts[n]; a.Key == e.DedupKey && a.Status != resolved {
			changed = a.Summary != e.Payload.Summary || a.Severity != e.Payload.Severity
			a.Summary, a.Severity, a.Source, a.Details = e.Payload.Summary, e.Payload.Severity, e.Payload.Source, e.Payload.Details
		}
	}
	if i.DedupKey != e.DedupKey {
		return changed
	}
	changed = changed || i.Summary != e.Payload.Summary || i.Severity != e.Payload.Severity
	i.Summary, i.Severity, i.Source, i.Details = e.Payload.Summary, e.Payload.Severity, e.Payload.Source, e.Payload.Details
	if len(e.Links) > 0 {
		i.Link = e.Links[0].Href
	}
	return changed
}

func (p *PagerDuty) open(e *event, svc service) {
	i := p.newIncident(svc, e.DedupKey)
	i.Events = 1
	if i.keyed = !svc.Alerts || p.withoutAlerts; !i.keyed {
		p.alerts++
		i.Alerts = []Alert{{
			ID: fmt.Sprintf("QA%012d", p.alerts), Key: e.DedupKey, Status: triggered, Created: i.Created, of: svc.ID,
		}}
	}
	e.into(i)
	p.store(i)
	p.sender.tell(i, "")
}

// newIncident is an incident that is not stored yet. The lock must be held.
func (p *PagerDuty) newIncident(svc service, key string) *Incident {
	number, now := len(p.order)+1, p.t.Now()
	return &Incident{
		ID: fmt.Sprintf("Q%013d", number), Number: number, Service: svc.Name, serviceID: svc.ID, DedupKey: key,
		Status: triggered, Urgency: "high", Created: now, Changed: now,
	}
}

// Change is a change event, which wakes nobody.
type Change struct {
	Service string         `json:"service"`
	Summary string         `json:"summary"`
	Source  string         `json:"source"`
	Details map[string]any `json:"details,omitempty"`
}

// enqueueChange takes a change event. Source: developer.pagerduty.com, Events API v2, send a change event.
func (p *PagerDuty) enqueueChange(c *tenant.Call) tenant.Reply {
	var e struct {
		RoutingKey string              `json:"routing_key"`
		Links      []map[string]string `json:"links"`
		Images     []map[string]string `json:"images"`
		Payload    *struct {
			Summary   string         `json:"summary"`
			Source    string         `json:"source"`
			Timestamp string         `json:"timestamp"`
			Details   map[string]any `json:"custom_details"`
		} `json:"payload"`
	}
	if wrong := eventBody(c, &e); wrong != nil {
		return *wrong
	}
	svc, known := services[e.RoutingKey]
	switch {
	case !known:
		return invalidEvent("'routing_key' does not belong to an active integration")
	case e.Payload == nil || strings.TrimSpace(e.Payload.Summary) == "":
		return invalidEvent("'payload.summary' is missing or blank")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tooMany(e.RoutingKey) {
		return throttled(http.StatusTooManyRequests)
	}
	p.changes = append(p.changes, Change{Service: svc.Name, Summary: e.Payload.Summary, Source: e.Payload.Source, Details: e.Payload.Details})
	c.Effect("change recorded")
	return tenant.JSON(http.StatusAccepted, map[string]string{"status": "success", "message": "Change event processed"})
}

// Changes are the change events, oldest first.
func (p *PagerDuty) Changes() []Change {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return append([]Change{}, p.changes...)
}
