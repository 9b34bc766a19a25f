package activities

import (
	"context"

	"gatehouse/identity"
)

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

// Share is how a spreadsheet is shared with one reader.
func (s *Sheets) Share(ctx context.Context, spreadsheet, email, role string) error {
	return fail(s.share(ctx, spreadsheet, email, role))
}

// WriteSome writes ranges and says how many of them are written.
func (s *Sheets) WriteSome(ctx context.Context, spreadsheet string, ranges []Range) (written int, err error) {
	written, err = s.writeSome(ctx, spreadsheet, ranges)
	return written, fail(err)
}
