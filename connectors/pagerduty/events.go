package pagerduty

import (
	"context"
	"net/http"

	pagerapi "github.com/PagerDuty/go-pagerduty"

	"gatehouse/connectors"
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
