package pager

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/pagerduty"
	"gatehouse/ledger"
)

// Pager wakes people up by PagerDuty. An event carries a dedup key, and further events with the same key join the alert while it
// is open. Once somebody has resolved it, the same key opens another one: an attempt that may be the second and comes
// late asks first whether the incident is over. Source: developer.pagerduty.com, Events API v2.
type Pager struct {
	// Client is nil where no pager is configured.
	Client    *pagerduty.Client
	Ledger    *ledger.Ledger
	UI        string
	Namespace string
	Clock     func() time.Time
	// Alert posts to the address for alerts what is urgent where there is no pager; nil if there is no such address.
	Alert func(context.Context, api.PagerEvent) error
}

// pagerUnsaid is how long to wait after a rate limit that names no end: half the window in which PagerDuty counts.
const pagerUnsaid = 30 * time.Second

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
func (p *Pager) event(in api.PagerEvent) (pagerduty.Event, error) {
	wrong := ""
	switch {
	case in.DedupKey == "":
		wrong = "no_dedup_key"
	case len(in.DedupKey) > pagerduty.MaxDedupKey:
		wrong = "dedup_key_too_long"
	case in.Action == api.PagerTrigger && in.Summary == "":
		wrong = "no_summary"
	}
	if wrong != "" {
		return pagerduty.Event{}, &connectors.Error{System: pagerduty.System, Op: "prepare an event", Kind: connectors.KindInvalid, Code: wrong}
	}
	event := pagerduty.Event{Action: in.Action, DedupKey: in.DedupKey}
	if in.Action != api.PagerTrigger {
		return event, nil
	}
	if event.Link = in.Link; in.Link == "" && in.WorkflowID != "" {
		event.Link = step.RunLink(p.UI, p.Namespace, in.WorkflowID)
	}
	event.Summary, event.Source = step.Clip(in.Summary, pagerduty.MaxSummary), cmp.Or(in.Source, "gatehouse")
	event.Severity, event.Details = cmp.Or(in.Severity, api.SeverityError), in.Details
	return event, nil
}

func (p *Pager) send(ctx context.Context, event pagerduty.Event) (api.PagerSent, error) {
	if err := p.Client.Send(ctx, event); err != nil {
		return api.PagerSent{}, paused(err)
	}
	return api.PagerSent{DedupKey: event.DedupKey}, nil
}

// paused makes a rate limit that names no end one of pagerUnsaid.
func paused(err error) error {
	var e *connectors.Error
	if !errors.As(err, &e) || e.Kind != connectors.KindRateLimited || e.RetryAfter > 0 {
		return err
	}
	soon := *e
	soon.RetryAfter = pagerUnsaid
	return &soon
}

// find looks for the incident of an earlier attempt to trigger, so that one that was dealt with since pages nobody again.
// Acknowledging and resolving can be repeated: without an open alert they are dropped.
func (p *Pager) find(ctx context.Context, in api.PagerEvent, since time.Time) (api.PagerSent, bool, error) {
	if in.Action != api.PagerTrigger || p.Client == nil || !p.Client.Reads() || p.Clock().Sub(since) < pagerSettled {
		return api.PagerSent{}, false, nil
	}
	list, err := p.incidents(ctx, in.DedupKey)
	if err != nil {
		return api.PagerSent{}, false, err
	}
	since = since.Add(-time.Minute)
	for _, i := range list {
		if !i.Created.Before(since) || (i.Status == api.PagerResolved && !i.Changed.Before(since)) {
			return api.PagerSent{DedupKey: in.DedupKey, Found: true, IncidentID: i.ID}, true, nil
		}
	}
	return api.PagerSent{}, false, nil
}

// incidents lists those with a dedup key, whatever came of them: none if the token to look with is gone, because paging
// somebody twice is better than paging nobody.
func (p *Pager) incidents(ctx context.Context, dedupKey string) ([]pagerduty.Incident, error) {
	list, err := p.Client.Incidents(ctx, dedupKey)
	for _, kind := range []connectors.Kind{connectors.KindUnauthorized, connectors.KindInvalid, connectors.KindNotFound} {
		if connectors.IsKind(err, kind) {
			return nil, nil
		}
	}
	return list, paused(err)
}

// Status says what people did last about an incident, for runs whose webhook was lost. The answer is empty without a token
// to look with, and while the pager knows of no incident. It keeps in the ledger which incidents it found, so that their webhooks are
// known.
func (p *Pager) Status(ctx context.Context, in api.PagerQuery) (api.PagerUpdate, error) {
	if p.Client == nil || !p.Client.Reads() || in.DedupKey == "" {
		return api.PagerUpdate{}, nil
	}
	list, err := p.incidents(ctx, in.DedupKey)
	if err != nil {
		return api.PagerUpdate{}, err
	}
	// One that was triggered after another with the same key was resolved is another incident.
	var latest pagerduty.Incident
	for _, i := range list {
		if i.Created.IsZero() || i.Changed.IsZero() || i.Created.Before(latest.Created) {
			continue
		}
		latest = i
	}
	if latest.ID == "" {
		return api.PagerUpdate{}, nil
	}
	if latest, err = p.follow(ctx, latest); err != nil {
		return api.PagerUpdate{}, err
	}
	if err := p.Ledger.Incidents().AddPagerKeys(ctx, latest.ID, []string{in.DedupKey}); err != nil {
		return api.PagerUpdate{}, err
	}
	return api.PagerUpdate{Status: latest.Status, IncidentID: latest.ID, At: latest.Changed, By: latest.ChangedBy, Link: latest.Link}, nil
}

// mostMerges is how often an incident is followed into another one.
const mostMerges = 10

// follow returns the incident in which the work goes on, which is another one where an incident was merged. Those of services that
// make alerts are found by their alerts, which move.
func (p *Pager) follow(ctx context.Context, i pagerduty.Incident) (pagerduty.Incident, error) {
	for range mostMerges {
		if i.MergedInto == "" {
			break
		}
		into, err := p.Client.Incident(ctx, i.MergedInto)
		if err != nil {
			return i, paused(err)
		}
		i = into
	}
	return i, nil
}
