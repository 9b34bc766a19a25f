package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/sandbox/smtp"
	"gatehouse/test/kit"
)

// TestACompanyWithEmailOnly: BambooHR, OneLogin and a mail server are all there is. Onboarding and offboarding run to their end, and
// everybody who would have been told in Slack or by a ticket has an e-mail.
func TestACompanyWithEmailOnly(t *testing.T) {
	t.Parallel()
	mails := kit.MailServer(t, smtp.Options{})
	s := kit.New(t, kit.Options{Config: kit.MailOnly(t, mails)})
	require.True(t, s.Sync("bamboohr").Report.Baseline)
	mark := s.Mark()

	manager := s.Account("bamboohr-101")
	key := s.Hire("bamboohr", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"hire_date": "today", "manager_id": "101", "personal_email": "ada@home.example",
	})
	require.Equal(t, 1, s.Sync("bamboohr").Hinted)
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	account := s.Account(key)
	require.Equal(t, engineerRoles, account.Roles)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	ok, reason, err := s.Sandbox.SignIn(t.Context(), account.Username)
	require.NoError(t, err)
	require.True(t, ok, reason)

	joined := oneMail(t, mails, kit.MailIT, "Joiner")
	require.Equal(t, "Gatehouse: Joiner: account is open and the invitation is sent: "+key, joined.Subject)
	require.Contains(t, joined.Text, "Name: Ada Byron\n")
	require.Contains(t, joined.Text, "Username: "+account.Username+"\n")
	told := oneMail(t, mails, manager.Email, "")
	require.Contains(t, told.Text, "Ada Byron")
	require.NotContains(t, told.Subject, "Ada", "a subject is read over somebody's shoulder")

	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook(strings.TrimPrefix(key, "bamboohr-")))
	out := s.Outcome(key)
	require.Equal(t, "access ended", out.Result)
	requireShut(s, key)

	left := oneMail(t, mails, kit.MailSecurity, "Leaver")
	require.Equal(t, "Gatehouse: Leaver: sign-in has ended, access is being removed: "+key, left.Subject)
	require.NotContains(t, left.Text, "Ada Byron", "security needs no name")
	ticket := oneMail(t, mails, kit.MailIT, out.Ticket)
	require.Contains(t, ticket.Text, "collect equipment, hand over mailbox and files")
	require.Contains(t, ticket.Text, "Person: "+key+"\n")

	for _, m := range mails.Mails() {
		require.Equal(t, 1, m.Arrivals, m.Subject)
		require.Equal(t, kit.MailFrom, m.From)
		require.Empty(t, m.HTML, "nothing in it can be pressed")
	}
	require.Len(t, mails.Mails(), 4, "joiner to IT and the manager, leaver to security, and the ticket")
	for _, effect := range s.Effects(mark) {
		require.True(t, strings.HasPrefix(effect, "onelogin."), effect)
	}
}

// oneMail is the only e-mail to an address with a word in its subject.
func oneMail(t *testing.T, s *smtp.Server, to, word string) smtp.Mail {
	t.Helper()
	var found []smtp.Mail
	for _, m := range s.To(to) {
		if strings.Contains(m.Subject, word) {
			found = append(found, m)
		}
	}
	require.Len(t, found, 1, "to %s about %q", to, word)
	return found[0]
}
