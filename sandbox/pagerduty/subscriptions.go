package pagerduty

import (
	"net/http"
	"slices"

	"gatehouse/sandbox/tenant"
)

// eventTypes are what one may subscribe to. Source: developer.pagerduty.com, webhooks v3 overview.
var eventTypes = []string{
	"incident.acknowledged", "incident.action_invocation.created", "incident.action_invocation.terminated",
	"incident.action_invocation.updated", "incident.annotated", "incident.conference_bridge.updated",
	"incident.custom_field_values.updated", "incident.delegated", "incident.escalated", "incident.incident_type.changed",
	"incident.priority_updated", "incident.reassigned", "incident.reopened", "incident.resolved", "incident.responder.added",
	"incident.responder.replied", "incident.role.assigned", "incident.role.unassigned", "incident.service_updated",
	"incident.status_update_published", "incident.triggered", "incident.unacknowledged", "incident.workflow.completed",
	"incident.workflow.started", "service.created", "service.deleted", "service.updated", "service.custom_field_values.updated",
}

func (p *PagerDuty) subscriptionRoutes() []tenant.Route {
	const list, one = "/webhook_subscriptions", "/webhook_subscriptions/{id}"
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: list, Op: "pagerduty.list_subscriptions", Query: paging("filter_type", "filter_id"), Handle: p.listSubscriptions},
		{Method: "POST", Path: list, Op: "pagerduty.create_subscription", Query: none, Handle: p.createSubscription},
		{Method: "GET", Path: one, Op: "pagerduty.get_subscription", Query: none, Handle: p.getSubscription},
		{Method: "PUT", Path: one, Op: "pagerduty.update_subscription", Query: none, Handle: p.updateSubscription},
		{Method: "DELETE", Path: one, Op: "pagerduty.delete_subscription", Query: none, Handle: p.deleteSubscription},
		{Method: "POST", Path: one + "/enable", Op: "pagerduty.enable_subscription", Query: none, Handle: p.enableSubscription},
		{Method: "POST", Path: one + "/ping", Op: "pagerduty.ping_subscription", Query: none, Handle: p.pingSubscription},
	}
}

type filter struct {
	ID   string `json:"id,omitempty"`
	Type string `json:"type"`
}

// subscriptionView is a subscription as it is read. Its secret is shown when it is created and never again.
func subscriptionView(t Target) map[string]any {
	events, only := t.Events, filter{Type: "account_reference"}
	if len(events) == 0 {
		events = eventTypes
	}
	if t.Service != "" {
		only = filter{ID: t.Service, Type: "service_reference"}
	}
	return map[string]any{
		"id": t.ID, "type": "webhook_subscription", "active": !t.Inactive, "description": t.Description, "events": events, "filter": only,
		"delivery_method": map[string]any{
			"id": "D" + t.ID, "type": "http_delivery_method", "url": t.URL, "secret": nil, "custom_headers": []any{},
		},
	}
}

// fullView is what one subscription by itself is answered with. Only there is said that it is disabled.
// Source: developer.pagerduty.com, REST API, get a webhook subscription.
func (p *PagerDuty) fullView(t Target) map[string]any {
	v := subscriptionView(t)
	method, _ := v["delivery_method"].(map[string]any)
	method["temporarily_disabled"] = p.sender.disabled(t.URL)
	return map[string]any{"webhook_subscription": v}
}

// subscription returns a subscription by id.
func (p *PagerDuty) subscription(id string) (Target, bool) {
	all := p.sender.Targets()
	at := slices.IndexFunc(all, func(t Target) bool { return t.ID == id })
	if at < 0 {
		return Target{}, false
	}
	return all[at], true
}

func (p *PagerDuty) listSubscriptions(c *tenant.Call) tenant.Reply {
	q := c.Query()
	var found []map[string]any
	for _, t := range p.sender.Targets() {
		kind := "account"
		if t.Service != "" {
			kind = "service"
		}
		if (!q.Has("filter_type") || q.Get("filter_type") == kind) && (!q.Has("filter_id") || q.Get("filter_id") == t.Service) {
			found = append(found, subscriptionView(t))
		}
	}
	return page(q, "webhook_subscriptions", found)
}

func (p *PagerDuty) getSubscription(c *tenant.Call) tenant.Reply {
	t, found := p.subscription(c.Param("id"))
	if !found {
		return notFound("Webhook Subscription")
	}
	return tenant.JSON(http.StatusOK, p.fullView(t))
}

// subscribed is what a client says about a subscription.
type subscribed struct {
	Subscription struct {
		Type        string   `json:"type"`
		Active      *bool    `json:"active"`
		Description *string  `json:"description"`
		Events      []string `json:"events"`
		Filter      *filter  `json:"filter"`
		Method      struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		} `json:"delivery_method"`
	} `json:"webhook_subscription"`
}

// into writes it into a target and says what is wrong with it.
func (s subscribed) into(t *Target) *tenant.Reply {
	in, refuse := s.Subscription, func(text string) *tenant.Reply { r := invalid(text); return &r }
	for _, e := range in.Events {
		if !slices.Contains(eventTypes, e) {
			return refuse("events: " + e + " is not a known event type")
		}
	}
	if in.Filter != nil {
		switch _, _, known := serviceOf(in.Filter.ID); {
		case in.Filter.Type == "account_reference":
			t.Service = ""
		case in.Filter.Type == "service_reference" && known:
			t.Service = in.Filter.ID
		default:
			return refuse("filter: not found")
		}
	}
	if in.Events != nil {
		t.Events = in.Events
	}
	if in.Description != nil {
		t.Description = *in.Description
	}
	if in.Active != nil {
		t.Inactive = !*in.Active
	}
	return nil
}

func (p *PagerDuty) createSubscription(c *tenant.Call) tenant.Reply {
	var in subscribed
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	switch s := in.Subscription; {
	case s.Type != "webhook_subscription" || s.Method.Type != "http_delivery_method":
		return invalid("type must be webhook_subscription, with an http_delivery_method")
	case len(s.Events) == 0 || s.Filter == nil:
		return invalid("events and filter are required")
	}
	t := Target{URL: in.Subscription.Method.URL}
	if wrong := in.into(&t); wrong != nil {
		return *wrong
	}
	t.ID = p.sender.newID()
	t.Secrets = []string{"secret-of-" + t.ID}
	if err := p.AddTarget(t); err != nil {
		return invalid("delivery_method: url is invalid")
	}
	c.Effect("subscription created")
	v := p.fullView(t)
	shown, _ := v["webhook_subscription"].(map[string]any)
	method, _ := shown["delivery_method"].(map[string]any)
	method["secret"] = t.Secrets[0]
	return tenant.JSON(http.StatusCreated, v)
}

func (p *PagerDuty) updateSubscription(c *tenant.Call) tenant.Reply {
	t, found := p.subscription(c.Param("id"))
	if !found {
		return notFound("Webhook Subscription")
	}
	var in subscribed
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	if wrong := in.into(&t); wrong != nil {
		return *wrong
	}
	if _, err := p.sender.Add(t); err != nil {
		return invalid(err.Error())
	}
	c.Effect("subscription changed")
	return tenant.JSON(http.StatusOK, p.fullView(t))
}

func (p *PagerDuty) deleteSubscription(c *tenant.Call) tenant.Reply {
	t, found := p.subscription(c.Param("id"))
	if !found || !p.sender.Remove(t.URL) {
		return notFound("Webhook Subscription")
	}
	c.Effect("subscription deleted")
	return tenant.Empty(http.StatusNoContent)
}

// enableSubscription ends that a subscription is disabled for a day.
func (p *PagerDuty) enableSubscription(c *tenant.Call) tenant.Reply {
	t, found := p.subscription(c.Param("id"))
	if !found {
		return notFound("Webhook Subscription")
	}
	if p.sender.disabled(t.URL) {
		c.Effect("subscription enabled")
	}
	p.sender.enable(t.URL)
	return tenant.JSON(http.StatusOK, p.fullView(t))
}

func (p *PagerDuty) pingSubscription(c *tenant.Call) tenant.Reply {
	t, found := p.subscription(c.Param("id"))
	if !found {
		return notFound("Webhook Subscription")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sender.ping(t)
	return tenant.Empty(http.StatusAccepted)
}
