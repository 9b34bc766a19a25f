package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/doctor"
	"gatehouse/ledger/worklist"
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
	// West of Greenwich a day of HR's is never one that is over there.
	key := s.Hire("bamboohr", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Honolulu",
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

	sent := withoutDigest(mails)
	for _, m := range sent {
		require.Equal(t, 1, m.Arrivals, m.Subject)
		require.Equal(t, kit.MailFrom, m.From)
		require.Empty(t, m.HTML, "nothing in it can be pressed")
	}
	require.Len(t, sent, 4, "joiner to IT and the manager, leaver to security, and the ticket")
	for _, effect := range s.Effects(mark) {
		require.True(t, strings.HasPrefix(effect, "onelogin."), effect)
	}
}

// TestACompanyWithEmailOnlyHearsWhatIsDoneInstead: doctor says it, and nothing of it is a fault. Reviews are off, with an item.
func TestACompanyWithEmailOnlyHearsWhatIsDoneInstead(t *testing.T) {
	t.Parallel()
	mails := kit.MailServer(t, smtp.Options{})
	s := kit.New(t, kit.Options{Config: kit.MailOnly(t, mails)})
	instead := map[string]string{}
	for _, r := range (&doctor.Doctor{App: s.App, Now: time.Now}).Examine(t.Context()) {
		switch r.Code {
		case "GH-D30", "GH-D31", "GH-D32", "GH-D33", "GH-D35", "GH-D36":
			require.Equal(t, doctor.Fine, r.State, "%s: %s", r.Code, r.Found)
			instead[r.Code] += r.Found + "\n"
		}
	}
	require.Contains(t, instead["GH-D35"], "takes the sign-in")
	require.Contains(t, instead["GH-D36"], "no Jira: tickets go to IT as messages")
	require.Empty(t, withoutDigest(mails), "doctor sends nothing")
	items, err := s.App.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{Class: "access_review_off"})
	require.NoError(t, err)
	require.Len(t, items, 1)
	for _, each := range s.App.Schedules().Wanted() {
		require.NotEqual(t, "access-review", each.ID)
	}

	mails.Fail(smtp.Fault{Command: "AUTH", Code: 535})
	found := map[string]doctor.Result{}
	for _, r := range (&doctor.Doctor{App: s.App, Now: time.Now}).Examine(t.Context()) {
		found[r.Code] = r
	}
	require.Equal(t, doctor.Failure, found["GH-D35"].State)
	require.NotContains(t, found["GH-D35"].Found, "acme.example")
}

// withoutDigest are all e-mails but the daily one, which depends on the hour.
func withoutDigest(s *smtp.Server) []smtp.Mail {
	return slices.DeleteFunc(s.Mails(), func(m smtp.Mail) bool { return strings.Contains(m.Subject, "Daily digest") })
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

// TestAnIncidentByEmail: without a pager, Jira and Slack security reads what happened and is asked by e-mail. The command in it, with an
// approver's name, suspends; nothing in the e-mail does.
func TestAnIncidentByEmail(t *testing.T) {
	t.Parallel()
	mails := kit.MailServer(t, smtp.Options{})
	s := kit.New(t, kit.Options{Config: kit.MailOnly(t, mails), Policy: func(policy string) string { return policy + kit.EventRules }})
	account := s.FailSignIns("bamboohr-101", 5)
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.NoError(t, s.App.Launch.Poke(t.Context()))
	id := kit.IncidentOf(s.Case("failed-logins"))
	question := ""
	s.Until("security is asked", func() bool {
		for _, m := range mails.To(kit.MailSecurity) {
			if strings.HasSuffix(m.Subject, "please decide") {
				question = m.Text
			}
		}
		return question != "" && len(mails.To(kit.MailSecurity)) > 1
	})
	_, after, found := strings.Cut(question, "starter decide --workflow "+id+" --item ")
	require.True(t, found, question)
	item, rest, _ := strings.Cut(after, " ")
	require.True(t, strings.HasPrefix(rest, "--reason WHY --verb approve (or deny)\n"), question)
	require.NotContains(t, question, account.Username)
	s.Until("IT has the ticket", func() bool {
		return slices.ContainsFunc(mails.To(kit.MailIT), func(m smtp.Mail) bool { return strings.Contains(m.Subject, "MEMO-") })
	})
	require.Equal(t, 1, s.Account("bamboohr-101").Status)

	s.Until("an approver's word is taken", func() bool {
		return s.App.Launch.Decide(t.Context(), id, api.Decision{Verb: api.VerbApprove, Item: item, By: "farid.obrien@acme.example", Reason: "seen"}) == nil
	})
	s.Until("the account is suspended", func() bool { return s.Account("bamboohr-101").Status == 2 })
}
