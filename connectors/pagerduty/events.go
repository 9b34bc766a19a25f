package pagerduty

import (
	"context"
	"net/http"
	"time"

	pagerapi "github.com/PagerDuty/go-pagerduty"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// Limits of an event. Source: developer.pagerduty.com, Events API v2.
const (
	MaxDedupKey = 255
	MaxSummary  = 1024
)

// Event is an event for the Events API.
type Event struct {
	// Action is trigger, acknowledge or resolve.
	Action   string
	DedupKey string
	// Summary, Source, Severity, Details and Link are for a trigger.
	Summary, Source, Severity string
	Details                   map[string]string
	// Link leads to more about it.
	Link string
}

// triggers is the action that has a payload.
const triggers = "trigger"

// Send sends an event. That it was accepted is all that can be known. It may be repeated while the alert is open: then it
// joins it. Source: developer.pagerduty.com, Events API v2.
func (c *Client) Send(ctx context.Context, in Event) error {
	const op = "send an event"
	event := &pagerapi.V2Event{
		RoutingKey: c.routingKey.Reveal(), Action: in.Action, DedupKey: in.DedupKey, Client: "Gatehouse",
	}
	if in.Action == triggers {
		if in.Link != "" {
			event.ClientURL = in.Link
			event.Links = []any{map[string]string{"href": in.Link, "text": "Open the run"}}
		}
		event.Payload = &pagerapi.V2Payload{Summary: in.Summary, Source: in.Source, Severity: in.Severity}
		if len(in.Details) > 0 {
			event.Payload.Details = in.Details
		}
	}
	var answer *pagerapi.V2EventResponse
	status, e := c.call(ctx, op, func(ctx context.Context) (err error) {
		answer, err = c.api.ManageEventWithContext(ctx, event)
		return err
	})
	switch {
	case e != nil:
		return e
	case status != http.StatusAccepted || answer.Status != "success":
		return &connectors.Error{System: System, Op: op, Kind: connectors.KindMalformed, Status: status}
	}
	return nil
}

// Incident is an incident as PagerDuty has it. Times are zero where it names none.
type Incident struct {
	ID      string
	Status  string
	Created time.Time
	// Changed is when its status changed last, and ChangedBy the user who did that, "" if none did.
	Changed   time.Time
	ChangedBy string
}

// incidentsPage is the largest page that PagerDuty takes. Source: developer.pagerduty.com, pagination.
const incidentsPage = 100

// Incidents lists the incidents with a dedup key, whatever came of them.
func (c *Client) Incidents(ctx context.Context, dedupKey string) ([]Incident, error) {
	const op = "look for an incident"
	if dedupKey == "" {
		return nil, &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Code: "no_dedup_key"}
	}
	var all []Incident
	for offset := uint(0); ; offset += incidentsPage {
		var page *pagerapi.ListIncidentsResponse
		// Statuses are named because only open incidents are listed otherwise.
		_, e := c.call(ctx, op, func(ctx context.Context) (err error) {
			page, err = c.api.ListIncidentsWithContext(ctx, pagerapi.ListIncidentsOptions{
				IncidentKey: dedupKey, DateRange: "all", Limit: incidentsPage, Offset: offset,
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

func incident(i pagerapi.Incident) Incident {
	out := Incident{ID: i.ID, Status: i.Status}
	out.Created, _ = httpx.ParseTime(i.CreatedAt)
	out.Changed, _ = httpx.ParseTime(i.LastStatusChangeAt)
	if i.LastStatusChangeBy.Type == "user_reference" {
		out.ChangedBy = i.LastStatusChangeBy.ID
	}
	return out
}
