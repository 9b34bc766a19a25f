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

// Issue is what every ticket has.
func (a *App) Issue() jira.Issue {
	cfg := a.Config.Jira
	return jira.Issue{
		Project: cfg.Project, Type: cfg.IssueType, Assignee: cfg.Assignee, Components: cfg.Components, Team: cfg.Team, Fields: cfg.Constants(),
	}
}

func (a *App) tickets() (*ticket.Jira, error) {
	c, err := a.Jira()
	if err != nil {
		return nil, err
	}
	return &ticket.Jira{
		Client: c, Ledger: a.Ledger, Issue: a.Issue(), Priorities: a.Config.Jira.Priorities, IndexLag: a.Config.Jira.IndexLag, Clock: a.clock,
		UI: a.Config.Temporal.UI, Namespace: a.Config.Temporal.Namespace,
	}, nil
}
