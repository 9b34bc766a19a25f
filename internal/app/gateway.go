package app

import (
	"context"
	"fmt"
	"net/http"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/internal/press"
	"gatehouse/ledger/roster"
)

// Gateway is the HTTP front door of this App.
func (a *App) Gateway() http.Handler {
	cfg := a.Config.Gateway
	return gateway.New(gateway.Options{
		Send: a.Launch.Send, Resolve: a.Ledger.People().Resolve, Ready: a.Ready, Odd: a.oddEntries,
		BambooHRKeys: cfg.BambooHRKeys, WorkdayKeys: cfg.WorkdayKeys,
		Poke: a.Launch.Poke, OneLoginHeader: cfg.OneLoginHeader, OneLoginSecrets: cfg.OneLoginSecrets,
		Signal: a.Launch.Signal, Paged: a.paged, Merged: a.Ledger.Incidents().AddPagerKeys, Unheard: a.unheard, Reopened: a.reopened,
		PagerDutySecrets: cfg.PagerDutySecrets,
		Approval:         a.approval, Press: a.presses().Press, SlackSigningSecret: cfg.SlackSigningSecret, SlackTeam: cfg.SlackTeam, SlackApp: cfg.SlackApp,
		Clock: a.clock, Log: a.Log,
	})
}

// oddEntries counts what deliveries of a source named by no employee id.
func (a *App) oddEntries(ctx context.Context, source string, entries int) error {
	return a.Ledger.Roster().CountFinding(ctx, roster.Finding{
		Source: source, Kind: roster.FindingOddDelivery, Subject: "no employee id", Why: "a webhook named somebody by no employee id",
		Times: entries,
	})
}

// reopened tells the run of the case that was paged under a dedup key that somebody opened it again in the pager.
func (a *App) reopened(ctx context.Context, dedupKey string, word api.PagerUpdate) error {
	c, found, err := a.Ledger.Incidents().CaseByDedup(ctx, dedupKey)
	if err != nil || !found {
		return err
	}
	return a.Launch.Reopened(ctx, api.CaseRef{Rule: c.Rule, Subject: c.Subject, Number: c.Number}, word)
}

// approval returns the run and the step that a message's buttons are about.
func (a *App) approval(ctx context.Context, id string) (workflowID, step string, found bool, err error) {
	p, found, err := a.Ledger.Worklist().Approval(ctx, id)
	return p.WorkflowID, p.Step, found, err
}

// presses carries presses of buttons to runs and items.
func (a *App) presses() *press.Presses {
	return &press.Presses{Ledger: a.Ledger, Launch: a.Launch, Deciding: a.Deciding, Secret: a.Config.Gateway.SlackSigningSecret, Clock: a.clock}
}

// Ready reports whether hints can be made durable.
func (a *App) Ready(ctx context.Context) error {
	if _, err := a.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("temporal: %w", err)
	}
	if err := a.Ledger.Ping(ctx); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}
