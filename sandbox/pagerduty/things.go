package pagerduty

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

func (p *PagerDuty) thingRoutes() []tenant.Route {
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: "/incidents/{id}/notes", Op: "pagerduty.list_notes", Query: none, Handle: p.listNotes},
		{Method: "POST", Path: "/incidents/{id}/notes", Op: "pagerduty.create_note", Query: none, Handle: p.createNote},
		{Method: "GET", Path: "/services", Op: "pagerduty.list_services", Query: paging("query", "team_ids[]", "time_zone", "sort_by", "include[]"), Handle: p.listServices},
		{Method: "GET", Path: "/services/{id}", Op: "pagerduty.get_service", Query: []string{"include[]"}, Handle: p.getService},
		{Method: "GET", Path: "/services/{id}/integrations/{integration}", Op: "pagerduty.get_integration", Query: []string{"include[]"}, Handle: p.getIntegration},
		{Method: "GET", Path: "/users", Op: "pagerduty.list_users", Query: paging("query", "team_ids[]", "include[]"), Handle: listUsers},
		{Method: "GET", Path: "/users/{id}", Op: "pagerduty.get_user", Query: []string{"include[]"}, Handle: getUser},
	}
}

// newNote is a note that is not stored yet. The lock must be held.
func (p *PagerDuty) newNote(content string) note {
	p.notes++
	return note{ID: fmt.Sprintf("PNOTE%08d", p.notes), Content: content, Created: p.t.Now()}
}

func noteView(n note) map[string]any {
	return map[string]any{
		"id": n.ID, "user": reference("user", UserID, "On Call"), "channel": map[string]string{"summary": "The PagerDuty website or APIs"},
		"content": n.Content, "created_at": stamp(n.Created),
	}
}

func (p *PagerDuty) listNotes(c *tenant.Call) tenant.Reply {
	i := p.known(c.Param("id"))
	if i == nil {
		return notFound("Incident")
	}
	shown := []map[string]any{}
	for _, n := range i.Notes {
		shown = append(shown, noteView(n))
	}
	return tenant.JSON(http.StatusOK, map[string]any{"notes": shown})
}

func (p *PagerDuty) createNote(c *tenant.Call) tenant.Reply {
	var in struct {
		Note struct {
			Content string `json:"content"`
		} `json:"note"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.incidents[c.Param("id")]
	switch {
	case old == nil:
		return notFound("Incident")
	case strings.TrimSpace(in.Note.Content) == "":
		return invalid("Content cannot be blank.")
	}
	i, n := old.copied(), p.newNote(in.Note.Content)
	i.Notes = append(i.Notes, n)
	p.store(i)
	c.Subject("incident", i.ID)
	c.Effect("note added")
	return tenant.JSON(http.StatusCreated, map[string]any{"note": noteView(n)})
}

// alertCreation is what a service makes of an event.
func (p *PagerDuty) alertCreation(s service) string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if s.Alerts && !p.withoutAlerts {
		return "create_alerts_and_incidents"
	}
	return "create_incidents"
}

func (p *PagerDuty) serviceView(s service) map[string]any {
	return map[string]any{
		"id": s.ID, "type": "service", "name": s.Name, "summary": s.Name, "description": "", "status": "active",
		"self": apiURL + "/services/" + s.ID, "html_url": siteURL + "/service-directory/" + s.ID,
		"created_at": "2024-01-15T09:00:00Z", "alert_creation": p.alertCreation(s), "auto_resolve_timeout": nil,
		"acknowledgement_timeout": nil, "teams": []any{}, "escalation_policy": reference("escalation_policy", "PESCAL01", "Default"),
		"incident_urgency_rule": map[string]string{"type": "constant", "urgency": "high"},
		"integrations":          []any{reference("events_api_v2_inbound_integration", s.Integration, "Events API v2")},
	}
}

// listServices leaves integration keys out: a list shows references only.
func (p *PagerDuty) listServices(c *tenant.Call) tenant.Reply {
	var found []map[string]any
	for _, s := range sortedServices() {
		if strings.Contains(strings.ToLower(s.Name), strings.ToLower(c.Query().Get("query"))) {
			found = append(found, p.serviceView(s))
		}
	}
	return page(c.Query(), "services", found)
}

func sortedServices() []service {
	var list []service
	for _, s := range services {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b service) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (p *PagerDuty) getService(c *tenant.Call) tenant.Reply {
	_, s, found := serviceOf(c.Param("id"))
	if !found {
		return notFound("Service")
	}
	return tenant.JSON(http.StatusOK, map[string]any{"service": p.serviceView(s)})
}

func (p *PagerDuty) getIntegration(c *tenant.Call) tenant.Reply {
	key, s, found := serviceOf(c.Param("id"))
	if !found || c.Param("integration") != s.Integration {
		return notFound("Integration")
	}
	return tenant.JSON(http.StatusOK, map[string]any{"integration": map[string]any{
		"id": s.Integration, "type": "events_api_v2_inbound_integration", "summary": "Events API v2", "name": "Events API v2",
		"integration_key": key, "service": s.reference(), "created_at": stamp(time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC)),
	}})
}

func userView() map[string]any {
	return map[string]any{
		"id": UserID, "type": "user", "name": "On Call", "summary": "On Call", "email": UserEmail, "role": "user",
		"time_zone": "Europe/Berlin", "self": apiURL + "/users/" + UserID, "html_url": siteURL + "/users/" + UserID,
		"teams": []any{}, "contact_methods": []any{}, "notification_rules": []any{}, "invitation_sent": false,
	}
}

func listUsers(c *tenant.Call) tenant.Reply {
	q := strings.ToLower(c.Query().Get("query"))
	var found []map[string]any
	if strings.Contains("on call", q) || strings.Contains(UserEmail, q) {
		found = append(found, userView())
	}
	return page(c.Query(), "users", found)
}

func getUser(c *tenant.Call) tenant.Reply {
	switch c.Param("id") {
	case UserID:
		return tenant.JSON(http.StatusOK, map[string]any{"user": userView()})
	case "me":
		// Source: developer.pagerduty.com, REST API, get the current user: an account token is nobody's.
		return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", "/users/me can not be used with an account-level access token")
	default:
		return notFound("User")
	}
}
