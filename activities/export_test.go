package activities

// What black-box tests have to see of the inside.
var (
	Fail       = fail
	Final      = final
	Later      = later
	SlackError = slackError
	JiraError  = jiraError
	Superseded = superseded
)

// Render is how a message reaches Slack.
var Render = (*Slack).render

// Wording is how a ticket reaches Jira.
var Wording = (*Jira).wording
