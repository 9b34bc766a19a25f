package app

import (
	"context"
	"sync"
	"time"

	"gatehouse/activities/api"
	"gatehouse/connectors/google"
	"gatehouse/connectors/jira"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/pagerduty"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/slack"
	"gatehouse/connectors/smtp"
	"gatehouse/identity"
	"gatehouse/internal/alerts"
	"gatehouse/internal/attention"
	"gatehouse/internal/watchdog"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// KnownSystems are all systems that Gatehouse knows, configured or not, and the parts of them that steps are named after.
func KnownSystems() []string {
	return []string{
		identity.SystemOneLogin, identity.SourceWorkday, identity.SourceBambooHR, slack.System, jira.System, pagerduty.System, google.System, google.Mail, google.Tables, smtp.System, ldap.System, salesforce.System,
	}
}

// Keeper keeps the list of what needs a person.
func (a *App) Keeper(v *Vendors) *attention.Keeper {
	o := attention.Options{
		Ledger: a.Ledger, Every: a.Config.Alerts.CheckEvery, Repeat: a.Config.Alerts.RepeatEvery, Post: v.Activities.Slack.Post, Update: v.Activities.Slack.Update,
		Observes: func() bool { return v.Policy.Current().Modes().Offboarding == policy.ModeObserve },
		Policy:   func() string { return v.Policy.Current().Hash() },
		Zone:     func() *time.Location { return v.Policy.Current().Zone() },
		Hint: func(ctx context.Context, key string) error {
			_, err := a.Launch.Send(ctx, key, api.Hint{Source: "policy", Cause: "the policy has changed"})
			return err
		},
		Decide: a.Launch.Decide, Judge: v.Deciders, Waits: a.Launch.Waits, Start: a.Launch.AgentRequest, Clock: a.clock, Log: a.Log,
	}
	if a.Config.Alerts.URL != "" {
		o.Page = a.page
	}
	return attention.New(o)
}

// page posts a critical item to the address for alerts, unless that was done.
func (a *App) page(ctx context.Context, item worklist.Item) error {
	if item.Class == watchdog.ClassDown {
		return nil // The watchdog has said so itself.
	}
	text, err := attention.Alert(item)
	if err != nil {
		return err
	}
	return a.alerts().Post(ctx, alerts.Alert{
		Kind: "attention_" + item.Class, Text: text, Do: item.Next, From: "worker", At: a.clock().UTC(), Count: max(1, item.Holders),
	})
}

// keepList keeps the list, and in step with the people on call, for as long as the workers work.
func (a *App) keepList(ctx context.Context, v *Vendors) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { a.Keeper(v).Run(ctx) })
	if k := a.OnCall(); k != nil {
		running.Go(func() { k.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}
