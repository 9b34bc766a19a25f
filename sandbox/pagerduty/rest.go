package pagerduty

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"gatehouse/sandbox/tenant"
)

func (p *PagerDuty) restRoutes() []tenant.Route {
	list := []string{
		"incident_key", "statuses[]", "service_ids[]", "since", "until", "date_range", "limit", "offset", "total", "sort_by",
		"urgencies[]", "user_ids[]", "team_ids[]", "time_zone", "include[]",
	}
	return []tenant.Route{
		{Method: "GET", Path: "/incidents", Op: "pagerduty.list_incidents", Query: list, Handle: p.list},
		{Method: "GET", Path: "/incidents/{id}", Op: "pagerduty.get_incident", Query: []string{"include[]"}, Handle: p.get},
		{Method: "PUT", Path: "/incidents/{id}", Op: "pagerduty.update_incident", Query: []string{}, Handle: p.update},
	}
}

// failREST is an error of the REST API.
func failREST(status, code int, message string, errors ...string) tenant.Reply {
	body := map[string]any{"code": code, "message": message}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	return tenant.JSON(status, map[string]any{"error": body})
}

// view is an incident as the REST API shows it.
func view(i *Incident) map[string]any {
	v := map[string]any{
		"id": i.ID, "type": "incident", "summary": "[#" + strconv.Itoa(i.Number) + "] " + i.Summary, "title": i.Summary,
		"incident_number": i.Number, "incident_key": i.DedupKey, "status": i.Status, "urgency": "high",
		"created_at": i.Created.Format(time.RFC3339), "updated_at": i.Changed.Format(time.RFC3339),
		"last_status_change_at": i.Changed.Format(time.RFC3339),
		"service":               map[string]string{"id": i.serviceID, "type": "service_reference", "summary": i.Service},
		"html_url":              "https://acme.pagerduty.com/incidents/" + i.ID,
		"alert_counts":          map[string]int{"all": 1, "triggered": map[bool]int{true: 1}[i.open()], "resolved": map[bool]int{true: 1}[!i.open()]},
	}
	v["last_status_change_by"] = agent(i)
	if i.Status == resolved {
		v["resolved_at"] = i.Changed.Format(time.RFC3339)
	}
	return v
}

// agent is who changed the status last: a user, or the service for an event.
func agent(i *Incident) map[string]string {
	if i.By == "" {
		return map[string]string{"id": i.serviceID, "type": "service_reference", "summary": i.Service}
	}
	return map[string]string{"id": i.By, "type": "user_reference", "summary": "On Call"}
}

// usualDays is how far back a list goes that names no range.
const usualDays = 30 * 24 * time.Hour

// list lists open incidents unless statuses are named. An empty incident_key is none, so that all of them are listed.
func (p *PagerDuty) list(c *tenant.Call) tenant.Reply {
	q := c.Query()
	statuses := q["statuses[]"]
	if len(statuses) == 0 {
		statuses = []string{triggered, acknowledged}
	}
	limit, offset := 25, 0
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 0 || n > 10_000 {
			return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", name+" must be a number")
		}
		*into = n
	}
	limit = min(limit, 100)
	since := p.t.Now().Add(-usualDays)
	if q.Get("since") != "" {
		at, err := time.Parse(time.RFC3339, q.Get("since"))
		if err != nil {
			return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", "since must be an ISO 8601 time")
		}
		since = at
	}
	if q.Get("date_range") == "all" {
		since = time.Time{}
	}
	var found []map[string]any
	for _, i := range p.State(0) {
		if slices.Contains(statuses, i.Status) && !i.Created.Before(since) &&
			(q.Get("incident_key") == "" || q.Get("incident_key") == i.DedupKey) &&
			(len(q["service_ids[]"]) == 0 || slices.Contains(q["service_ids[]"], i.serviceID)) {
			found = append(found, view(i))
		}
	}
	page := append([]map[string]any{}, found[min(offset, len(found)):min(offset+limit, len(found))]...)
	return tenant.JSON(http.StatusOK, map[string]any{
		"incidents": page, "limit": limit, "offset": offset, "more": offset+limit < len(found), "total": nil,
	})
}

func (p *PagerDuty) get(c *tenant.Call) tenant.Reply {
	p.mu.RLock()
	i := p.incidents[c.Param("id")]
	p.mu.RUnlock()
	if i == nil {
		return failREST(http.StatusNotFound, 2100, "Incident Not Found")
	}
	c.Subject("incident", i.ID)
	return tenant.JSON(http.StatusOK, map[string]any{"incident": view(i)})
}

// update acknowledges or resolves an incident for the user in the From header. What is resolved stays so.
func (p *PagerDuty) update(c *tenant.Call) tenant.Reply {
	var body struct {
		Incident struct {
			Type       string `json:"type"`
			Status     string `json:"status"`
			Resolution string `json:"resolution"`
		} `json:"incident"`
	}
	if err := c.JSON(&body); err != nil {
		return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", err.Error())
	}
	status := body.Incident.Status
	if status != acknowledged && status != resolved {
		return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", "Status must be acknowledged or resolved.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.incidents[c.Param("id")]
	if i == nil {
		return failREST(http.StatusNotFound, 2100, "Incident Not Found")
	}
	c.Subject("incident", i.ID)
	if !i.open() {
		return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", "Incident Already Resolved")
	}
	if i.Status != status {
		i = p.setStatus(routingKeyOf(i), i, status, UserID)
		c.Effect("incident %s", status)
	}
	return tenant.JSON(http.StatusOK, map[string]any{"incident": view(i)})
}
