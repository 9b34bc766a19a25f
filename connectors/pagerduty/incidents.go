package pagerduty

import (
	"context"
	"net/url"
	"time"

	pagerapi "github.com/PagerDuty/go-pagerduty"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// Incident is an incident as PagerDuty has it. Times are zero where it names none.
type Incident struct {
	ID     string
	Status string
	// Title is that of the alert which opened it, unless somebody has written another one.
	Title   string
	Created time.Time
	// Changed is when its status changed last, and ChangedBy the user who did that, "" if none did.
	Changed   time.Time
	ChangedBy string
	// MergedInto is the incident in which the work goes on, "" if it was not resolved for that reason.
	MergedInto string
	// Link is where people see it.
	Link string
}

// pageSize is the largest page that PagerDuty takes. Source: developer.pagerduty.com, pagination.
const pageSize = 100

// Incidents lists the incidents with a dedup key, or with an alert that has it, whatever came of them.
func (c *Client) Incidents(ctx context.Context, dedupKey string) ([]Incident, error) {
	const op = "look for an incident"
	if dedupKey == "" {
		return nil, &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Code: "no_dedup_key"}
	}
	var all []Incident
	for offset := uint(0); ; offset += pageSize {
		var page *pagerapi.ListIncidentsResponse
		// Statuses are named because only open incidents are listed otherwise.
		_, e := c.call(ctx, op, func(ctx context.Context) (err error) {
			page, err = c.api.ListIncidentsWithContext(ctx, pagerapi.ListIncidentsOptions{
				IncidentKey: dedupKey, DateRange: "all", Limit: pageSize, Offset: offset,
				Statuses: []string{"triggered", "acknowledged", "resolved"},
			})
			return err
		})
		if e != nil {
			return nil, e
		}
		for _, i := range page.Incidents {
			all = append(all, incident(i))
		}
		if !page.More || len(page.Incidents) == 0 {
			return all, nil
		}
	}
}

// Incident reads one incident.
func (c *Client) Incident(ctx context.Context, id string) (Incident, error) {
	const op = "read an incident"
	if id == "" {
		return Incident{}, &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Code: "no_id"}
	}
	var found *pagerapi.Incident
	_, e := c.call(ctx, op, func(ctx context.Context) (err error) {
		found, err = c.api.GetIncidentWithContext(ctx, url.PathEscape(id))
		return err
	})
	if e != nil {
		return Incident{}, e
	}
	return incident(*found), nil
}

// Alert is an alert of an incident.
type Alert struct {
	// Key is its dedup key.
	Key     string
	Summary string
}

// Alerts lists the alerts of an incident that have a key. It is empty for an incident of a service that makes none.
func (c *Client) Alerts(ctx context.Context, id string) ([]Alert, error) {
	const op = "list the alerts of an incident"
	if id == "" {
		return nil, &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Code: "no_id"}
	}
	var all []Alert
	for offset := uint(0); ; offset += pageSize {
		var page *pagerapi.ListAlertsResponse
		_, e := c.call(ctx, op, func(ctx context.Context) (err error) {
			page, err = c.api.ListIncidentAlertsWithContext(ctx, url.PathEscape(id), pagerapi.ListIncidentAlertsOptions{Limit: pageSize, Offset: offset})
			return err
		})
		if e != nil {
			return nil, e
		}
		for _, a := range page.Alerts {
			if a.AlertKey != "" {
				all = append(all, Alert{Key: a.AlertKey, Summary: a.Summary})
			}
		}
		if !page.More || len(page.Alerts) == 0 {
			return all, nil
		}
	}
}

// mergeReason is why an incident is resolved that was merged. Source: developer.pagerduty.com, REST API, incidents.
const mergeReason = "merge_resolve_reason"

func incident(i pagerapi.Incident) Incident {
	out := Incident{ID: i.ID, Status: i.Status, Title: i.Title, Link: i.HTMLURL}
	out.Created, _ = httpx.ParseTime(i.CreatedAt)
	out.Changed, _ = httpx.ParseTime(i.LastStatusChangeAt)
	if i.LastStatusChangeBy.Type == "user_reference" {
		out.ChangedBy = i.LastStatusChangeBy.ID
	}
	if i.ResolveReason.Type == mergeReason {
		out.MergedInto = i.ResolveReason.Incident.ID
	}
	return out
}
