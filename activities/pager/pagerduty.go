package pager

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/PagerDuty/go-pagerduty"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
)

// Pager wakes people up by PagerDuty. An event carries a dedup key, and further events with the same key join the alert while it
// is open. Once somebody has resolved it, the same key opens another one: an attempt that may be the second and comes
// late asks first whether the incident is over. Source: developer.pagerduty.com, Events API v2.
type Pager struct {
	// Client is nil where no pager is configured.
	Client     *pagerduty.Client
	RoutingKey httpx.Secret
	// REST says that the client has a token to read incidents with.
	REST      bool
	Ledger    *ledger.Ledger
	UI        string
	Namespace string
	Clock     func() time.Time
	// Alert posts to the address for alerts what is urgent where there is no pager; nil if there is no such address.
	Alert func(context.Context, api.PagerEvent) error
}

// Limits of an event. Source: developer.pagerduty.com, Events API v2.
const (
	maxDedupKey = 255
	maxSummary  = 1024
)

// pagerSettled is how long after an attempt its incident cannot have been dealt with. A repetition within that time
// joins the alert.
const pagerSettled = 3 * time.Minute

// Event sends one event per OnceKey. PagerDuty accepts events and deals with them later, so that it was accepted is all
// that can be known.
func (p *Pager) Event(ctx context.Context, in api.PagerEvent) (api.PagerSent, error) {
	if p.Client == nil && p.Alert == nil {
		return api.PagerSent{}, step.NonRetryable(api.ErrInvalid, "pagerduty: no pager is configured: set pagerduty.routing_key, or page by hand and skip this step")
	}
	if in.OnceKey == "" {
		in.OnceKey = "pager/" + in.DedupKey + "/" + in.Action
	}
	event, err := p.event(in)
	if err != nil {
		return api.PagerSent{}, err
	}
	sent, err := step.Once(ctx, p.Ledger, p.Clock, step.Creation[api.PagerSent]{
		Key: in.OnceKey,
		Find: func(ctx context.Context, since time.Time) (api.PagerSent, bool, error) {
			return p.find(ctx, in, since)
		},
		Make: func(ctx context.Context) (api.PagerSent, error) {
			if p.Client == nil {
				return api.PagerSent{DedupKey: in.DedupKey}, p.Alert(ctx, in)
			}
			return p.send(ctx, event)
		},
	})
	return sent, err
}

// event turns an input into what PagerDuty takes. An empty dedup key would page anew at every attempt.
func (p *Pager) event(in api.PagerEvent) (*pagerduty.V2Event, error) {
	wrong := ""
	switch {
	case in.DedupKey == "":
		wrong = "no_dedup_key"
	case len(in.DedupKey) > maxDedupKey:
		wrong = "dedup_key_too_long"
	case in.Action == api.PagerTrigger && in.Summary == "":
		wrong = "no_summary"
	}
	if wrong != "" {
		return nil, &connectors.Error{System: "pagerduty", Op: "prepare an event", Kind: connectors.KindInvalid, Code: wrong}
	}
	event := &pagerduty.V2Event{
		RoutingKey: p.RoutingKey.Reveal(), Action: in.Action, DedupKey: in.DedupKey, Client: "Gatehouse",
	}
	if in.Action != api.PagerTrigger {
		return event, nil
	}
	if in.Link == "" && in.WorkflowID != "" {
		in.Link = step.RunLink(p.UI, p.Namespace, in.WorkflowID)
	}
	if in.Link != "" {
		event.ClientURL = in.Link
		event.Links = []any{map[string]string{"href": in.Link, "text": "Open the run"}}
	}
	event.Payload = &pagerduty.V2Payload{
		Summary: step.Clip(in.Summary, maxSummary), Source: cmp.Or(in.Source, "gatehouse"),
		Severity: cmp.Or(in.Severity, api.SeverityError),
	}
	if len(in.Details) > 0 {
		event.Payload.Details = in.Details
	}
	return event, nil
}

func (p *Pager) send(ctx context.Context, event *pagerduty.V2Event) (api.PagerSent, error) {
	ctx, seen := watched(ctx)
	answer, err := p.Client.ManageEventWithContext(ctx, event)
	if err != nil || seen.status != http.StatusAccepted || answer.Status != "success" {
		return api.PagerSent{}, seen.error(ctx, "send an event", p.Clock())
	}
	return api.PagerSent{DedupKey: event.DedupKey}, nil
}

// find looks for the incident of an earlier attempt to trigger, so that one that was dealt with since pages nobody again.
// Acknowledging and resolving can be repeated: without an open alert they are dropped.
func (p *Pager) find(ctx context.Context, in api.PagerEvent, since time.Time) (api.PagerSent, bool, error) {
	if in.Action != api.PagerTrigger || p.Client == nil || !p.REST || p.Clock().Sub(since) < pagerSettled {
		return api.PagerSent{}, false, nil
	}
	list, err := p.incidents(ctx, in.DedupKey)
	if err != nil {
		return api.PagerSent{}, false, err
	}
	since = since.Add(-time.Minute)
	for _, i := range list {
		if happened(i.CreatedAt, since) || (i.Status == api.PagerResolved && happened(i.LastStatusChangeAt, since)) {
			return api.PagerSent{DedupKey: in.DedupKey, Found: true, IncidentID: i.ID}, true, nil
		}
	}
	return api.PagerSent{}, false, nil
}

// incidents lists those with a dedup key, whatever came of them: none if the token to look with is gone, because paging
// somebody twice is better than paging nobody.
func (p *Pager) incidents(ctx context.Context, dedupKey string) ([]pagerduty.Incident, error) {
	ctx, seen := watched(ctx)
	// An empty key would list every open incident. Statuses are named because only open incidents are listed otherwise.
	list, err := p.Client.ListIncidentsWithContext(ctx, pagerduty.ListIncidentsOptions{
		IncidentKey: dedupKey, DateRange: "all", Limit: 100,
		Statuses: []string{api.PagerTriggered, api.PagerAcknowledged, api.PagerResolved},
	})
	if err == nil {
		return list.Incidents, nil
	}
	failure := seen.error(ctx, "look for an incident", p.Clock())
	for _, kind := range []connectors.Kind{connectors.KindUnauthorized, connectors.KindInvalid, connectors.KindNotFound} {
		if connectors.IsKind(failure, kind) {
			return nil, nil
		}
	}
	return nil, failure
}

// Status says what people did last about an incident, for runs whose webhook was lost. The answer is empty without a token
// to look with, and while the pager knows of no incident.
func (p *Pager) Status(ctx context.Context, in api.PagerQuery) (api.PagerUpdate, error) {
	if p.Client == nil || !p.REST || in.DedupKey == "" {
		return api.PagerUpdate{}, nil
	}
	list, err := p.incidents(ctx, in.DedupKey)
	if err != nil {
		return api.PagerUpdate{}, err
	}
	// One that was triggered after another with the same key was resolved is another incident.
	var latest api.PagerUpdate
	var created time.Time
	for _, i := range list {
		began, known := httpx.ParseTime(i.CreatedAt)
		at, dated := httpx.ParseTime(i.LastStatusChangeAt)
		if !known || !dated || began.Before(created) {
			continue
		}
		created = began
		latest = api.PagerUpdate{Status: i.Status, IncidentID: i.ID, At: at}
		if i.LastStatusChangeBy.Type == "user_reference" {
			latest.By = i.LastStatusChangeBy.ID
		}
	}
	return latest, nil
}

// happened reports whether an instant that PagerDuty gives is not before since.
func happened(at string, since time.Time) bool {
	t, ok := httpx.ParseTime(at)
	return ok && !t.Before(since)
}

// error sorts what came back into our kinds. The library keeps neither headers nor the Events API's reasons.
func (s *pagerReply) error(ctx context.Context, op string, now time.Time) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("pagerduty: %s: %w", op, context.Canceled)
	}
	e := &connectors.Error{System: "pagerduty", Op: op, Kind: connectors.KindUnavailable, Status: s.status, Code: s.reason}
	switch {
	case s.status == 0:
	case s.status < 300:
		e.Kind = connectors.KindMalformed
	default:
		e.Kind = connectors.KindOfStatus(s.status)
	}
	if e.Kind == connectors.KindRateLimited {
		e.RetryAfter = s.pause(now)
	}
	return e
}
