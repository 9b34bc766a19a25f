package activities

import (
	"gatehouse/activities/notify"
	"gatehouse/activities/step"
	"gatehouse/activities/ticket"
)

// What black-box tests have to see of the inside.
var (
	Fail       = step.ToApplicationError
	FailSoon   = step.ToApplicationErrorSoon
	Final      = step.NonRetryable
	Later      = step.RetryAfter
	SlackError = notify.SlackError
	JiraError  = ticket.JiraError
	Superseded = step.Superseded
)

// Render is how a message reaches Slack.
var Render = (*notify.Slack).Render

// Wording is how a ticket reaches Jira.
var Wording = (*ticket.Jira).Wording
