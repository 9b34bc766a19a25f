package app

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/pager"
	"gatehouse/connectors/pagerduty"
	"gatehouse/gateway"
	"gatehouse/internal/alerts"
	"gatehouse/internal/oncall"
	"gatehouse/ledger/incidents"
)

// pagerDuty is what wakes people up. Where no pager is configured, what is urgent goes to the address for alerts.
func (a *App) pagerDuty() *pager.Pager {
	cfg := a.Config.PagerDuty
	p := &pager.Pager{
		Ledger: a.Ledger, Clock: a.clock, UI: a.Config.Temporal.UI, Namespace: a.Config.Temporal.Namespace,
	}
	switch {
	case cfg.RoutingKey != "":
		p.Client = a.PagerDuty()
	case a.Config.Alerts.URL != "":
		p.Alert = a.alertUrgent
	}
	return p
}

// PagerDuty is the client of the pager.
func (a *App) PagerDuty() *pagerduty.Client {
	cfg := a.Config.PagerDuty
	return pagerduty.New(pagerduty.Options{
		RoutingKey: cfg.RoutingKey, Token: cfg.Token, BaseURL: cfg.BaseURL, EventsURL: cfg.EventsURL, Clock: a.clock,
	})
}

// OnCall keeps in step with the people on call; nil where no pager is configured.
func (a *App) OnCall() *oncall.Keeper {
	if a.Config.PagerDuty.RoutingKey == "" {
		return nil
	}
	return oncall.New(oncall.Options{
		Ledger: a.Ledger, Client: a.PagerDuty(), Signal: a.Launch.Signal, Reopened: a.Launch.Reopened, Clock: a.clock, Log: a.Log,
	})
}

// askedAnew is after how long what is known of an incident may not be all of it any more: alerts come to one that is open.
const askedAnew = 10 * time.Minute

// paged says which runs an incident of the pager is about: by its own key, and by those of its alerts as far as they are known.
func (a *App) paged(ctx context.Context, incidentID, dedupKey string) (gateway.Paged, error) {
	known, err := a.Ledger.Incidents().PagerIncident(ctx, incidentID)
	if err != nil {
		return gateway.Paged{}, err
	}
	paged := gateway.Paged{
		Runs: map[string]string{}, Whole: dedupKey != "" || !known.LearnedAt.IsZero() && a.clock().Sub(known.LearnedAt) < askedAnew,
	}
	for _, key := range append(known.Keys, dedupKey) {
		if key == "" {
			continue
		}
		c, found, err := a.Ledger.Incidents().CaseByDedup(ctx, key)
		if err != nil {
			return gateway.Paged{}, err
		}
		if found {
			paged.Runs[key] = api.IncidentID(c.Rule, c.Subject, c.Number)
		}
	}
	return paged, nil
}

// unheard keeps what was said about an incident until a worker has asked the pager which cases it is about.
func (a *App) unheard(ctx context.Context, word api.PagerUpdate, reopens bool) error {
	return a.Ledger.Incidents().KeepPagerWord(ctx, incidents.PagerWord{
		IncidentID: word.IncidentID, EventID: word.EventID, Status: word.Status, At: word.At, By: word.By, MergedInto: word.MergedInto, Reopens: reopens,
	})
}

// alertUrgent posts a page to the address for alerts.
func (a *App) alertUrgent(ctx context.Context, page api.PagerEvent) error {
	do, err := pager.ToDo(page)
	if err != nil {
		return err
	}
	return a.alerts().Post(ctx, alerts.Alert{
		Kind: "urgent", Text: page.Summary, Do: do,
		From: "worker", At: a.clock().UTC(), Count: 1,
	})
}

// alerts is the channel to the address for alerts.
func (a *App) alerts() *alerts.Channel {
	cfg := a.Config.Alerts
	return alerts.New(alerts.Options{URL: cfg.URL, Secret: cfg.Secret, Format: cfg.Format, Clock: a.clock})
}
