package activities

import "gatehouse/identity"

// What black-box tests have to see of the inside.
var (
	Fail       = fail
	FailSoon   = failSoon
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

// EvidenceOf is what a refusal of an account is bound to.
func (p *Person) EvidenceOf(a identity.Account) string { return p.evidenceOf(a) }
