package pagerduty

import (
	"net/http"
	"slices"

	"gatehouse/sandbox/tenant"
)

func (p *PagerDuty) alertRoutes() []tenant.Route {
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: "/incidents/{id}/alerts", Op: "pagerduty.list_alerts", Query: paging("alert_key", "statuses[]", "sort_by", "include[]"), Handle: p.listAlerts},
		{Method: "PUT", Path: "/incidents/{id}/alerts", Op: "pagerduty.update_alerts", Query: none, Handle: p.updateAlerts},
		{Method: "GET", Path: "/incidents/{id}/alerts/{alert}", Op: "pagerduty.get_alert", Query: none, Handle: p.getAlert},
		{Method: "PUT", Path: "/incidents/{id}/alerts/{alert}", Op: "pagerduty.update_alert", Query: none, Handle: p.updateAlert},
	}
}

// alertView is an alert as the REST API shows it.
func alertView(a Alert, incident string) map[string]any {
	_, svc, _ := serviceOf(a.of)
	return map[string]any{
		"id": a.ID, "type": "alert", "summary": a.Summary, "self": apiURL + "/incidents/" + incident + "/alerts/" + a.ID,
		"html_url": siteURL + "/alerts/" + a.ID, "created_at": stamp(a.Created), "status": a.Status, "alert_key": a.Key,
		"severity": a.Severity, "suppressed": false, "service": svc.reference(), "integration": reference("inbound_integration", svc.Integration, "Events API v2"),
		"incident": reference("incident", incident, incident),
		"body":     map[string]any{"type": "alert_body", "details": a.Details, "contexts": []any{}},
	}
}

func (p *PagerDuty) listAlerts(c *tenant.Call) tenant.Reply {
	i, q := p.known(c.Param("id")), c.Query()
	if i == nil {
		return notFound("Incident")
	}
	c.Subject("incident", i.ID)
	var found []map[string]any
	for _, a := range i.Alerts {
		if (q.Get("alert_key") == "" || q.Get("alert_key") == a.Key) &&
			(len(q["statuses[]"]) == 0 || slices.Contains(q["statuses[]"], a.Status)) {
			found = append(found, alertView(a, i.ID))
		}
	}
	return page(q, "alerts", found)
}

func (p *PagerDuty) getAlert(c *tenant.Call) tenant.Reply {
	i := p.known(c.Param("id"))
	if i == nil {
		return notFound("Incident")
	}
	for _, a := range i.Alerts {
		if a.ID == c.Param("alert") {
			return tenant.JSON(http.StatusOK, map[string]any{"alert": alertView(a, i.ID)})
		}
	}
	return notFound("Alert")
}

// alertEdit is what a client may change about an alert: it can be resolved, and moved to another incident.
type alertEdit struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Incident *struct {
		ID string `json:"id"`
	} `json:"incident"`
}

func (p *PagerDuty) updateAlert(c *tenant.Call) tenant.Reply {
	var in struct {
		Alert alertEdit `json:"alert"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	in.Alert.ID = c.Param("alert")
	changed, wrong := p.editAlerts(c, in.Alert)
	if wrong != nil {
		return *wrong
	}
	return tenant.JSON(http.StatusOK, map[string]any{"alert": changed[0]})
}

func (p *PagerDuty) updateAlerts(c *tenant.Call) tenant.Reply {
	var in struct {
		Alerts []alertEdit `json:"alerts"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	if len(in.Alerts) == 0 {
		return invalid("Alerts cannot be empty.")
	}
	changed, wrong := p.editAlerts(c, in.Alerts...)
	if wrong != nil {
		return *wrong
	}
	return tenant.JSON(http.StatusOK, map[string]any{"alerts": changed})
}

// editAlerts changes alerts of one incident, which is resolved with the last of them.
func (p *PagerDuty) editAlerts(c *tenant.Call, edits ...alertEdit) ([]map[string]any, *tenant.Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	refuse := func(r tenant.Reply) ([]map[string]any, *tenant.Reply) { return nil, &r }
	i := p.incidents[c.Param("id")]
	if i == nil {
		return refuse(notFound("Incident"))
	}
	if i = i.copied(); !i.open() {
		return refuse(invalid("Incident Already Resolved"))
	}
	moved := map[string][]Alert{}
	var changed []map[string]any
	for _, e := range edits {
		at := slices.IndexFunc(i.Alerts, func(a Alert) bool { return a.ID == e.ID })
		switch {
		case at < 0:
			return refuse(notFound("Alert"))
		case e.Status != "" && e.Status != resolved:
			return refuse(invalid("Status must be resolved."))
		case e.Incident != nil && (p.incidents[e.Incident.ID] == nil || !p.incidents[e.Incident.ID].open()):
			return refuse(invalid("Incident Not Found"))
		}
		if e.Status != "" {
			i.Alerts[at].Status = e.Status
			c.Effect("alert resolved")
		}
		home := i.ID
		if e.Incident != nil && e.Incident.ID != i.ID {
			home = e.Incident.ID
			moved[home] = append(moved[home], i.Alerts[at])
			c.Effect("alert moved")
		}
		changed = append(changed, alertView(i.Alerts[at], home))
		if home != i.ID {
			i.Alerts = slices.Delete(i.Alerts, at, at+1)
		}
	}
	p.store(i)
	for id, alerts := range moved {
		into := p.incidents[id].copied()
		into.Alerts = append(into.Alerts, alerts...)
		p.store(into)
	}
	left := slices.ContainsFunc(i.Alerts, func(a Alert) bool { return a.Status != resolved })
	if len(i.Alerts) > 0 && !left {
		p.setStatus(i, resolved, UserID)
	}
	return changed, nil
}
