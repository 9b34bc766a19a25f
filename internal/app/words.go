package app

import (
	"gatehouse/activities/ticket"
	"gatehouse/connectors/jira"
	"gatehouse/connectors/slack"
)

// Slack is a client that messages go through.
func (a *App) Slack() *slack.Client {
	return slack.New(slack.Options{Token: a.Config.Slack.Token, BaseURL: a.Config.Slack.BaseURL, Clock: a.clock})
}

// Jira is a client that tickets go through.
func (a *App) Jira() (*jira.Client, error) {
	cfg := a.Config.Jira
	return jira.New(jira.Options{
		BaseURL: cfg.BaseURL, Cloud: cfg.Deployment == "cloud", User: cfg.User, Token: cfg.Token, Clock: a.clock,
	})
}

func (a *App) tickets() (*ticket.Jira, error) {
	c, err := a.Jira()
	if err != nil {
		return nil, err
	}
	cfg := a.Config.Jira
	return &ticket.Jira{
		Client: c, Ledger: a.Ledger, Project: cfg.Project, IssueType: cfg.IssueType,
		Assignee: cfg.Assignee, IndexLag: cfg.IndexLag, Clock: a.clock,
		UI: a.Config.Temporal.UI, Namespace: a.Config.Temporal.Namespace,
	}, nil
}
