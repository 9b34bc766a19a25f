package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/activities/notify"
	"gatehouse/internal/config"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/smtp"
	"gatehouse/test/kit"
)

// newMailRig is a rig with a mail server. Alone says that there is neither Slack nor Jira, Google nor a pager.
func newMailRig(t *testing.T, alone bool, policy ...string) (*rig, *smtp.Server) {
	t.Helper()
	mails := kit.MailServer(t, smtp.Options{})
	mail := kit.Mail(t, mails)
	return newRig(t, rigOptions{policy: policy, config: func(c *config.Config) {
		if c.Mail, c.Google.Sender = mail, ""; alone {
			c.Slack, c.Jira, c.Google, c.PagerDuty = config.Slack{}, config.Jira{}, config.Google{}, config.PagerDuty{}
		}
	}}), mails
}

// TestEmailsAreSentOnce: called again, by another process, an hour later; with a reply that is lost the server has it twice under one
// Message-ID, and with any other trouble once.
func TestEmailsAreSentOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault    smtp.Fault
		arrivals int
	}{
		"nothing goes wrong": {smtp.Fault{}, 1},
		"reply lost":         {smtp.Fault{Command: ".", After: true}, 2},
		"broken off":         {smtp.Fault{Command: "RCPT"}, 1},
		"greylisted twice":   {smtp.Fault{Command: "RCPT", Code: 451, Times: 2}, 1},
		"text put off":       {smtp.Fault{Command: ".", Code: 452}, 1},
		"sign-in down":       {smtp.Fault{Command: "AUTH", Code: 454}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, mails := newMailRig(t, true)
			if tt.fault.Command != "" {
				mails.Fail(tt.fault)
			}
			in := api.Message{
				OnceKey: "person/1/tell", Kind: api.MessageLeaverSecurity, Audience: api.AudienceSecurity, Key: "workday-21002",
				WorkflowID: "person/workday-21002", Text: "HR via workday poll",
			}
			r.untilDone(api.SlackPost, in)
			r.must(api.SlackPost, in)
			r.restart()
			r.clock.Advance(time.Hour)
			r.must(api.SlackPost, in)
			require.Len(t, mails.Mails(), 1)
			require.Equal(t, tt.arrivals, mails.Mails()[0].Arrivals)
			require.NotContains(t, mails.Mails()[0].ID, "21002", "the id says nothing")
		})
	}
}

// TestWhoeverHasNoMailboxIsReplaced by who answers for the process; one refusal stops nobody else.
func TestWhoeverHasNoMailboxIsReplaced(t *testing.T) {
	t.Parallel()
	r, mails := newMailRig(t, true)
	boss := r.account("workday-21001").Email
	owner := r.account("workday-21004").Email
	mails.Refuse(boss, 550)
	for name, tt := range map[string]struct {
		message     api.Message
		to          string
		instead     bool
		unreachable bool
	}{
		"IT":                        {message: api.Message{Audience: api.AudienceIT}, to: kit.MailIT},
		"security":                  {message: api.Message{Audience: api.AudienceSecurity}, to: kit.MailSecurity},
		"the person":                {message: api.Message{Audience: api.AudiencePerson, Key: "workday-21004"}, to: owner},
		"a refused manager":         {message: api.Message{Audience: api.AudienceManager, ManagerKey: "workday-21001", Owner: owner}, to: owner, instead: true},
		"no manager":                {message: api.Message{Audience: api.AudienceManager, Owner: owner}, to: owner, instead: true},
		"no owner either":           {message: api.Message{Audience: api.AudienceManager, ManagerKey: "workday-21001"}, to: kit.MailIT, instead: true},
		"nobody else may be told":   {message: api.Message{Audience: api.AudiencePerson, Key: "workday-21001", Strict: true}, unreachable: true},
		"an owner without a domain": {message: api.Message{Audience: api.AudienceOwner, Owner: "nobody"}, to: kit.MailIT, instead: true},
	} {
		tt.message.OnceKey, tt.message.Kind, tt.message.Text = name, api.MessageAttention, name
		var out api.Posted
		require.NoError(t, r.must(api.SlackPost, tt.message).Get(&out), name)
		require.Equal(t, api.Posted{Fallback: tt.instead, Unreachable: tt.unreachable}, out, name)
		var to []string
		for _, m := range mails.Mails() {
			if strings.Contains(m.Text, "What: "+name+"\n") {
				to = append(to, m.To)
				require.Equal(t, tt.instead, strings.Contains(m.Text, "Please pass it on"), name)
			}
		}
		if tt.unreachable {
			require.Empty(t, to, name)
			continue
		}
		require.Equal(t, []string{tt.to}, to, name)
	}
	mails.Refuse(kit.MailSecurity, 550)
	_, err := r.run(api.SlackPost, api.Message{OnceKey: "x", Kind: api.MessageAttention, Audience: api.AudienceSecurity})
	require.True(t, application(t, err).NonRetryable(), "the address is to be corrected")
	require.NotContains(t, err.Error(), "acme.example")
}

// TestBothWays: a kind that goes both ways is in Slack and in the mailbox; a refusal there does not keep it from Slack.
func TestBothWays(t *testing.T) {
	t.Parallel()
	r, mails := newMailRig(t, false, "modes:", "messages: {kinds: {leaver_security: both, joiner_it: mail}}\nmodes:")
	for kind, want := range map[api.MessageKind][2]int{
		api.MessageLeaverSecurity: {1, 1}, api.MessageJoinerIT: {0, 1}, api.MessageAttention: {1, 0},
	} {
		said, sent := len(r.messages()), len(mails.Mails())
		r.must(api.SlackPost, api.Message{OnceKey: string(kind), Kind: kind, Audience: api.AudienceIT, Key: "workday-21002"})
		require.Equal(t, want, [2]int{len(r.messages()) - said, len(mails.Mails()) - sent}, kind)
	}
	mails.Refuse(kit.MailSecurity, 550)
	said := len(r.messages())
	_, err := r.run(api.SlackPost, api.Message{OnceKey: "refused", Kind: api.MessageLeaverSecurity, Audience: api.AudienceSecurity})
	require.Error(t, err)
	require.Len(t, r.messages(), said+1)
}

// TestAQuestionByEmailNamesItsCommand, and has nothing to press.
func TestAQuestionByEmailNamesItsCommand(t *testing.T) {
	t.Parallel()
	r, mails := newMailRig(t, true)
	r.must(api.SlackPost, api.Message{
		OnceKey: "ask", Kind: api.MessageApproval, Audience: api.AudienceSecurity, Key: "workday-21002", WorkflowID: "incident/rule-1",
		Text: "Proposed: suspend the account", Approval: "opaque-approval", Step: "approve", Asked: &api.Asked{Item: "0a1b2c"},
		Buttons: []api.Button{{Action: "approve", Label: "Approve"}, {Action: "deny", Label: "Deny"}},
	})
	m := mails.To(kit.MailSecurity)[0]
	require.Equal(t, "Gatehouse: A response to a security incident needs a second person's approval: workday-21002: please decide", m.Subject)
	require.Contains(t, m.Text, "Decide: starter decide --workflow incident/rule-1 --item 0a1b2c --reason WHY --verb approve (or deny)\n")
	require.Contains(t, m.Text, "decides nothing")
	require.Empty(t, m.HTML)
	require.NotContains(t, m.Text, "opaque-approval")
}

// TestNoDataBecomesAHeaderOrALine of an e-mail, whatever its kind.
func TestNoDataBecomesAHeaderOrALine(t *testing.T) {
	t.Parallel()
	mail := &notify.Mail{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	for _, text := range append([]string{"a\r\nBcc: all@acme.example\r\n\r\nforged", "x\nDecide: starter decide --verb allow"}, evil...) {
		for _, kind := range []api.MessageKind{
			api.MessageAttention, api.MessageJoinerIT, api.MessageItem, api.MessageIncident, api.MessageTicket, "a kind of tomorrow", api.MessageKind(text),
		} {
			m := api.Message{
				Kind: kind, Audience: api.AudienceIT, Key: text, Text: text, Step: text, WorkflowID: "person/" + text, Roles: []string{text},
				Lines: []api.Line{{Label: "Label", Value: text}}, Asked: &api.Asked{Item: "0a", Step: text, Options: []string{"allow"}, Plan: []string{text}},
			}
			l, err := mail.Letter(m, true)
			require.NoError(t, err)
			require.LessOrEqual(t, len([]rune(l.Subject)), 180)
			for _, bad := range []string{"\n", "\r", "\u202e", "\x00"} {
				require.NotContains(t, l.Subject, bad)
			}
			for _, line := range strings.Split(strings.Join(l.Paragraphs, "\n"), "\n") {
				require.NotRegexp(t, `^(Bcc|forged|Decide: starter decide --verb)`, line, "%q", text)
			}
			l.To = "ada@acme.example"
			raw, err := l.Compose(letters.Envelope{Name: text, From: "it@acme.example", Marker: "m", ID: "m@acme.example"})
			require.NoError(t, err)
			head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
			require.NotContains(t, strings.ToLower(head), "\r\nbcc:")
		}
	}
}

// TestATicketWithoutJira is a message to IT and an item, which goes when somebody takes it or the work is done.
func TestATicketWithoutJira(t *testing.T) {
	t.Parallel()
	r, mails := newMailRig(t, true)
	in := api.TicketInput{
		OnceKey: "incident/rule-1/ticket", Kind: api.TicketIncident, Key: "workday-21002", WorkflowID: "incident/rule-1",
		Summary: "Many failed sign-ins", Lines: []string{"Person:  workday-21002", "no label", `forged\nWhat to do: nothing`},
	}
	var made, again api.Ticket
	require.NoError(t, r.must(api.JiraTicket, in).Get(&made))
	r.restart()
	require.NoError(t, r.must(api.JiraTicket, in).Get(&again))
	require.Equal(t, made, again)
	require.Len(t, mails.To(kit.MailIT), 1)
	m := mails.To(kit.MailIT)[0]
	require.Equal(t, "Gatehouse: "+made.Key+": Many failed sign-ins", m.Subject)
	require.Contains(t, m.Text, "Person: workday-21002\nWhat: no label\n")

	open := func() int {
		items, err := r.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{Class: worklist.ClassTicket})
		require.NoError(t, err)
		return len(items)
	}
	require.Equal(t, 1, open())
	comment := api.CommentInput{OnceKey: "c", Ticket: made.Key, Lines: []string{"Resolved in the pager."}}
	r.must(api.JiraComment, comment)
	r.must(api.JiraComment, comment)
	require.Len(t, mails.To(kit.MailIT), 2)
	r.must(api.JiraTransition, api.TransitionInput{Ticket: made.Key, Status: "In Progress"})
	require.Equal(t, 1, open())
	r.must(api.JiraTransition, api.TransitionInput{Ticket: made.Key})
	require.Zero(t, open())

	in.OnceKey = "leaver"
	require.NoError(t, r.must(api.JiraTicket, in).Get(&made))
	id := worklist.ItemID(worklist.SystemTicket, worklist.ClassTicket, made.Key)
	require.Contains(t, mails.To(kit.MailIT)[2].Text, "starter attention take "+id)
	require.NoError(t, r.app.Ledger.Worklist().TakeItem(t.Context(), id, "ann"))
	require.NoError(t, r.app.Keeper(r.vendors).Round(t.Context()))
	require.Zero(t, open())
	r.must(api.JiraTicket, in)
	require.Zero(t, open(), "what somebody has taken is not open again")
}

// TestGmailCarriesMessages where no mail server is configured.
func TestGmailCarriesMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) {
		c.Slack, c.Mail = config.Slack{}, config.Mail{IT: kit.MailIT, Security: kit.MailSecurity}
	}})
	in := api.Message{OnceKey: "a", Kind: api.MessageAttention, Audience: api.AudienceSecurity, Key: "workday-21002"}
	r.must(api.SlackPost, in)
	r.must(api.SlackPost, in)
	require.Len(t, r.mails(), 1)
	require.Equal(t, []string{kit.MailSecurity}, r.mails()[0].To)
	require.Equal(t, "Gatehouse: Needs attention: workday-21002", r.mails()[0].Subject)
	require.Empty(t, r.mails()[0].HTML)
}

// TestReviewsAreMailedByTheServer: sheets by Google, e-mails by SMTP. One manager who is refused stops nobody.
func TestReviewsAreMailedByTheServer(t *testing.T) {
	t.Parallel()
	r, mails := newMailRig(t, false)
	reviewAt(api.ReviewMail)(r)
	mails.Fail(smtp.Fault{Command: ".", After: true})
	_, err := r.run(api.ReviewMail, review)
	require.Equal(t, api.ErrUnavailable, application(t, err).Type())
	r.must(api.ReviewMail, review)
	require.Len(t, mails.Mails(), 1)
	require.Contains(t, mails.To("compliance@acme.example")[0].HTML, "<a href=")

	boss := r.account("workday-21001").Email
	mails.Refuse(boss, 550)
	var out api.ReviewMailed
	require.NoError(t, r.must(api.ReviewManagers, review).Get(&out))
	require.NoError(t, r.must(api.ReviewManagers, review).Get(&out))
	require.Zero(t, out.Refused)
	require.Empty(t, mails.To(boss))
	require.Len(t, mails.Mails(), 13, "as many as by Gmail")
	passedOn := 0
	for _, m := range mails.To("it@acme.example") {
		if strings.Contains(m.Text, "Please pass it on.") {
			passedOn++
		}
	}
	require.Equal(t, 1, passedOn)
	require.Empty(t, r.mails())
}
