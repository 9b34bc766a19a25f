package app

import (
	"fmt"
	"os"

	"gatehouse/activities/letters"
	"gatehouse/activities/notify"
	"gatehouse/activities/people"
	"gatehouse/activities/ticket"
	"gatehouse/connectors/jira"
	"gatehouse/connectors/slack"
	"gatehouse/connectors/smtp"
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

// messenger is who tells people: Slack, e-mail, or both.
func (a *App) messenger(person *people.Person, mailer letters.Sender, channel func(kind string) string) *notify.Messenger {
	cfg := a.Config
	m := &notify.Messenger{Channel: channel}
	if cfg.Slack.Configured() {
		m.Slack = &notify.Slack{
			Client: a.Slack(), Ledger: a.Ledger, Person: person, IT: cfg.Slack.Channels.IT, Security: cfg.Slack.Channels.Security,
			UI: cfg.Temporal.UI, Namespace: cfg.Temporal.Namespace, Tickets: cfg.Jira.BaseURL, Clock: a.clock,
		}
	}
	if cfg.MailsTeams() {
		m.Mail = &notify.Mail{
			Letters: mailer, Person: person, IT: cfg.Mail.IT, Security: cfg.Mail.Security, UI: cfg.Temporal.UI, Namespace: cfg.Temporal.Namespace,
		}
	}
	return m
}

// tickets is who opens tickets. Where there is no Jira, IT is told.
func (a *App) tickets(messenger *notify.Messenger) (*ticket.Desk, error) {
	desk := &ticket.Desk{Ledger: a.Ledger, Post: messenger.Post}
	if !a.Config.Jira.Configured() {
		return desk, nil
	}
	c, err := a.Jira()
	if err != nil {
		return nil, err
	}
	desk.Jira = &ticket.Jira{
		Client: c, Ledger: a.Ledger, Issue: a.Issue(), Priorities: a.Config.Jira.Priorities, IndexLag: a.Config.Jira.IndexLag, Clock: a.clock,
		UI: a.Config.Temporal.UI, Namespace: a.Config.Temporal.Namespace,
	}
	return desk, nil
}

// SMTP is a client of the company's mail server; nil where none is configured.
func (a *App) SMTP() (*smtp.Client, error) {
	cfg := a.Config.Mail.SMTP
	if !cfg.Configured() {
		return nil, nil
	}
	o := smtp.Options{Host: cfg.Host, Port: cfg.Port, TLS: cfg.TLS, Username: cfg.Username, Password: cfg.Password, Timeout: cfg.Timeout}
	if cfg.CAFile != "" {
		var err error
		if o.Authorities, err = os.ReadFile(cfg.CAFile); err != nil {
			return nil, fmt.Errorf("mail.smtp.ca_file: %w", err)
		}
	}
	return smtp.New(o)
}

// mailer sends e-mails by the company's mail server, or by Gmail where none is configured.
func (a *App) mailer(gmail letters.Sender) (letters.Sender, error) {
	c, err := a.SMTP()
	if err != nil || c == nil {
		return gmail, err
	}
	return &letters.Mailer{Client: c, Ledger: a.Ledger, From: a.Config.Mail.SMTP.From, Name: a.Config.Mail.SMTP.FromName, Clock: a.clock}, nil
}
