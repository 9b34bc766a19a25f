package app

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/activities/pager"
	"gatehouse/connectors/pagerduty"
	"gatehouse/internal/alerts"
)

// pagerDuty is what wakes people up. Where no pager is configured, what is urgent goes to the address for alerts.
func (a *App) pagerDuty() *pager.Pager {
	cfg := a.Config.PagerDuty
	p := &pager.Pager{
		Ledger: a.Ledger, Clock: a.clock, UI: a.Config.Temporal.UI, Namespace: a.Config.Temporal.Namespace,
	}
	switch {
	case cfg.RoutingKey != "":
		p.Client = pagerduty.New(pagerduty.Options{
			RoutingKey: cfg.RoutingKey, Token: cfg.Token, BaseURL: cfg.BaseURL, EventsURL: cfg.EventsURL, Clock: a.clock,
		})
	case a.Config.Alerts.URL != "":
		p.Alert = a.alertUrgent
	}
	return p
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
