package pagerduty

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

func (p *PagerDuty) incidentRoutes() []tenant.Route {
	list := paging("incident_key", "statuses[]", "service_ids[]", "since", "until", "date_range", "sort_by", "urgencies[]",
		"user_ids[]", "team_ids[]", "time_zone", "include[]")
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: "/incidents", Op: "pagerduty.list_incidents", Query: list, Handle: p.list},
		{Method: "POST", Path: "/incidents", Op: "pagerduty.create_incident", Query: none, Handle: p.create},
		{Method: "PUT", Path: "/incidents", Op: "pagerduty.update_incidents", Query: none, Handle: p.updateMany},
		{Method: "GET", Path: "/incidents/{id}", Op: "pagerduty.get_incident", Query: []string{"include[]"}, Handle: p.get},
		{Method: "PUT", Path: "/incidents/{id}", Op: "pagerduty.update_incident", Query: none, Handle: p.update},
		{Method: "PUT", Path: "/incidents/{id}/merge", Op: "pagerduty.merge_incidents", Query: none, Handle: p.mergeMany},
	}
}

// view is an incident as the REST API shows it.
func view(i *Incident) map[string]any {
	counts := map[string]int{"all": len(i.Alerts), triggered: 0, resolved: 0}
	for _, a := range i.Alerts {
		counts[a.Status]++
	}
	v := map[string]any{
		"id": i.ID, "type": "incident", "summary": "[#" + strconv.Itoa(i.Number) + "] " + i.Summary, "title": i.Summary,
		"self": apiURL + "/incidents/" + i.ID, "html_url": siteURL + "/incidents/" + i.ID,
		"incident_number": i.Number, "incident_key": i.key(), "status": i.Status, "urgency": i.Urgency,
		"created_at": stamp(i.Created), "updated_at": stamp(i.Changed), "last_status_change_at": stamp(i.Changed),
		"service": serviceReference(i.serviceID), "alert_counts": counts, "last_status_change_by": agent(i),
		"resolve_reason": reason(i), "assignments": assignments(i), "acknowledgements": []any{}, "teams": []any{}, "priority": nil,
		"pending_actions": []any{}, "assigned_via": "escalation_policy", "resolved_at": nil,
		"escalation_policy": reference("escalation_policy", "PESCAL01", "Default"),
	}
	if i.Status == resolved {
		v["resolved_at"] = stamp(i.Changed)
	}
	return v
}

func serviceReference(id string) map[string]string {
	_, s, _ := serviceOf(id)
	return s.reference()
}

func assignments(i *Incident) []map[string]any {
	if !i.open() {
		return []map[string]any{}
	}
	return []map[string]any{{"at": stamp(i.Created), "assignee": reference("user", UserID, "On Call")}}
}

// reason says that an incident was resolved because it was merged, null for any other.
func reason(i *Incident) any {
	if i.MergedInto == "" {
		return nil
	}
	return map[string]any{"type": "merge_resolve_reason", "incident": reference("incident", i.MergedInto, i.MergedInto)}
}

// agent is who changed the status last: a user, or the service for an event.
func agent(i *Incident) map[string]string {
	if i.By == "" {
		return serviceReference(i.serviceID)
	}
	return reference("user", i.By, "On Call")
}

// usualDays is how far back a list goes that names no range, and mostMonths how far the range goes at most.
// Source: developer.pagerduty.com, REST API, list incidents.
const (
	usualDays  = 30 * 24 * time.Hour
	mostMonths = 6
)

// isoTimes are the forms of ISO 8601 in which a time may stand, a day alone among them. What has no zone is of the account's, UTC.
var isoTimes = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly}

// between reads the range of a list. Source of the codes: developer.pagerduty.com, REST API, errors.
func (p *PagerDuty) between(q url.Values) (since, until time.Time, wrong *tenant.Reply) {
	if q.Get("date_range") == "all" {
		return time.Time{}, p.t.Now(), nil
	}
	until = p.t.Now()
	for name, into := range map[string]*time.Time{"since": &since, "until": &until} {
		text := q.Get(name)
		for _, layout := range isoTimes {
			if at, err := time.Parse(layout, text); err == nil {
				*into, text = at, ""
				break
			}
		}
		if text != "" {
			r := failREST(http.StatusBadRequest, 2004, "Invalid 'since' or 'until' Parameter Values")
			return since, until, &r
		}
	}
	if since.IsZero() {
		since = until.Add(-usualDays)
	}
	if until.Before(since) || until.After(since.AddDate(0, mostMonths, 0)) {
		r := failREST(http.StatusBadRequest, 2005, "Invalid Query Date Range")
		return since, until, &r
	}
	return since, until, nil
}

// list lists open incidents unless statuses are named. An empty incident_key is none, so that all of them are listed.
func (p *PagerDuty) list(c *tenant.Call) tenant.Reply {
	q := c.Query()
	statuses := q["statuses[]"]
	if len(statuses) == 0 {
		statuses = []string{triggered, acknowledged}
	}
	// The values are documented; that others are refused, and in these words, is not.
	for _, s := range statuses {
		if s != triggered && s != acknowledged && s != resolved {
			return invalid("statuses[] must be triggered, acknowledged or resolved")
		}
	}
	if slices.ContainsFunc(q["urgencies[]"], func(word string) bool { return !urgency(word) }) {
		return invalid("urgencies[] must be high or low")
	}
	since, until, wrong := p.between(q)
	if wrong != nil {
		return *wrong
	}
	var found []*Incident
	for _, i := range p.State(0) {
		if slices.Contains(statuses, i.Status) && !i.Created.Before(since) && !i.Created.After(until) &&
			(q.Get("incident_key") == "" || i.has(q.Get("incident_key"))) &&
			(len(q["urgencies[]"]) == 0 || slices.Contains(q["urgencies[]"], i.Urgency)) &&
			(len(q["service_ids[]"]) == 0 || slices.Contains(q["service_ids[]"], i.serviceID)) {
			found = append(found, i)
		}
	}
	field, direction, _ := strings.Cut(q.Get("sort_by"), ":")
	if field != "" && !slices.Contains([]string{"incident_number", "created_at", "resolved_at", "urgency"}, field) {
		return invalid("sort_by is not one of incident_number, created_at, resolved_at, urgency")
	}
	if direction == "desc" {
		slices.Reverse(found)
	}
	return page(q, "incidents", views(found))
}

func views(list []*Incident) []map[string]any {
	out := make([]map[string]any, len(list))
	for n, i := range list {
		out[n] = view(i)
	}
	return out
}

// known returns an incident, nil if there is none.
func (p *PagerDuty) known(id string) *Incident {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.incidents[id]
}

func (p *PagerDuty) get(c *tenant.Call) tenant.Reply {
	i := p.known(c.Param("id"))
	if i == nil {
		return notFound("Incident")
	}
	c.Subject("incident", i.ID)
	return tenant.JSON(http.StatusOK, map[string]any{"incident": view(i)})
}

// create opens an incident without an alert, for the user in the From header. One with the key of an open incident of the
// service is refused. Source: developer.pagerduty.com, REST API, create an incident, and incident creation API.
func (p *PagerDuty) create(c *tenant.Call) tenant.Reply {
	var in struct {
		Incident struct {
			Type    string            `json:"type"`
			Title   string            `json:"title"`
			Service map[string]string `json:"service"`
			Urgency string            `json:"urgency"`
			Key     string            `json:"incident_key"`
			Body    struct {
				Details string `json:"details"`
			} `json:"body"`
			Assignments []struct {
				Assignee map[string]string `json:"assignee"`
			} `json:"assignments"`
		} `json:"incident"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	_, svc, found := serviceOf(in.Incident.Service["id"])
	switch {
	case in.Incident.Type != "incident":
		return invalid("Incident type must be incident.")
	case strings.TrimSpace(in.Incident.Title) == "":
		return invalid("Title cannot be blank.")
	case !found:
		return invalid("Service cannot be blank.")
	case in.Incident.Urgency != "" && !urgency(in.Incident.Urgency):
		return invalid("Urgency must be high or low.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := in.Incident.Key
	if key == "" {
		p.keys++
		key = fmt.Sprintf("generated-%08d", p.keys)
	} else if open := p.openWith(key); open != nil && open.serviceID == svc.ID {
		return failREST(http.StatusBadRequest, 2001, "Incident could not be created", "An open incident of this service has this incident key.")
	}
	i := p.newIncident(svc, key)
	i.keyed, i.Summary = true, in.Incident.Title
	if in.Incident.Urgency != "" {
		i.Urgency = in.Incident.Urgency
	}
	if in.Incident.Body.Details != "" {
		i.Details = map[string]any{"details": in.Incident.Body.Details}
	}
	for _, a := range in.Incident.Assignments {
		if a.Assignee["id"] == UserID {
			// Whoever assigns one to themselves need not be told of it.
			i.Status, i.By = acknowledged, UserID
		}
	}
	p.store(i)
	p.sender.tell(i, UserID)
	c.Subject("incident", i.ID)
	c.Effect("incident opened")
	return tenant.JSON(http.StatusCreated, map[string]any{"incident": view(i)})
}

func urgency(word string) bool { return word == "high" || word == "low" }

// edit is what a client may change about an incident.
type edit struct {
	ID         string  `json:"id"`
	Type       string  `json:"type"`
	Status     string  `json:"status"`
	Title      string  `json:"title"`
	Urgency    string  `json:"urgency"`
	Resolution *string `json:"resolution"`
}

// complaint says what is wrong with an edit of an incident, nil if nothing is. The lock must be held.
func (p *PagerDuty) complaint(e edit) *tenant.Reply {
	i := p.incidents[e.ID]
	var r tenant.Reply
	switch {
	case i == nil:
		r = notFound("Incident")
	case e.Type != "incident" && e.Type != "incident_reference":
		r = invalid("Incident type must be incident or incident_reference.")
	case e.Status != "" && e.Status != acknowledged && e.Status != resolved:
		r = invalid("Status must be acknowledged or resolved.")
	case e.Urgency != "" && !urgency(e.Urgency):
		r = invalid("Urgency must be high or low.")
	case !i.open():
		r = invalid("Incident Already Resolved")
	default:
		return nil
	}
	return &r
}

// apply carries out an edit that nothing is wrong with. The lock must be held.
func (p *PagerDuty) apply(c *tenant.Call, e edit) *Incident {
	i := p.incidents[e.ID].copied()
	if e.Title != "" && e.Title != i.Summary {
		i.Summary = e.Title
		c.Effect("incident renamed")
	}
	if e.Urgency != "" {
		i.Urgency = e.Urgency
	}
	if e.Resolution != nil && *e.Resolution != "" {
		i.Notes = append(i.Notes, p.newNote("Resolution Note: "+*e.Resolution))
	}
	if p.store(i); e.Status != "" && i.Status != e.Status {
		i = p.setStatus(i, e.Status, UserID)
		c.Effect("incident %s", e.Status)
	}
	return i
}

// update changes an incident for the user in the From header. What is resolved stays so.
func (p *PagerDuty) update(c *tenant.Call) tenant.Reply {
	var in struct {
		Incident edit `json:"incident"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	in.Incident.ID = c.Param("id")
	c.Subject("incident", in.Incident.ID)
	if wrong := p.complaint(in.Incident); wrong != nil {
		return *wrong
	}
	return tenant.JSON(http.StatusOK, map[string]any{"incident": view(p.apply(c, in.Incident))})
}

// maxUpdated is how many incidents one call may change, maxMerged how many it may merge into one.
// Source: developer.pagerduty.com, REST API, manage incidents.
const (
	maxUpdated = 250
	maxMerged  = 100
)

func (p *PagerDuty) updateMany(c *tenant.Call) tenant.Reply {
	var in struct {
		Incidents []edit `json:"incidents"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	if len(in.Incidents) > maxUpdated {
		return failREST(http.StatusRequestEntityTooLarge, 2001, "Invalid Input Provided", "At most 250 incidents may be updated at a time.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(in.Incidents) == 0 {
		return invalid("Incidents cannot be empty.")
	}
	named := map[string]bool{}
	for _, e := range in.Incidents {
		if named[e.ID] {
			return invalid("An incident cannot be updated twice at a time.")
		}
		named[e.ID] = true
		if wrong := p.complaint(e); wrong != nil {
			return *wrong
		}
	}
	changed := make([]*Incident, len(in.Incidents))
	for n, e := range in.Incidents {
		changed[n] = p.apply(c, e)
	}
	return tenant.JSON(http.StatusOK, map[string]any{"incidents": views(changed)})
}

func (p *PagerDuty) mergeMany(c *tenant.Call) tenant.Reply {
	var in struct {
		Sources []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"source_incidents"`
	}
	if wrong := body(c, &in); wrong != nil {
		return *wrong
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	target := p.incidents[c.Param("id")]
	switch {
	case target == nil:
		return notFound("Incident")
	case !target.open():
		return invalid("Incident Already Resolved")
	case len(in.Sources) == 0 || len(in.Sources) > maxMerged:
		return invalid("Source incidents must be 1 to 100.")
	}
	named := map[string]bool{}
	for _, s := range in.Sources {
		if named[s.ID] {
			return invalid("Source incident cannot be merged.")
		}
		named[s.ID] = true
		if p.incidents[s.ID] == nil || s.ID == target.ID || s.Type != "incident_reference" || p.incidents[s.ID].MergedInto != "" {
			return invalid("Source incident cannot be merged.")
		}
	}
	for _, s := range in.Sources {
		target = p.merge(p.incidents[s.ID], p.incidents[target.ID], UserID)
		c.Effect("incident merged")
	}
	c.Subject("incident", target.ID)
	return tenant.JSON(http.StatusOK, map[string]any{"incident": view(target)})
}
