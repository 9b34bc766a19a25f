package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_Y04_TheDirectoryIsDown: the directory answers nothing while somebody leaves. OneLogin, Google and Salesforce are shut at once, the
// run stays open, and the directory's access ends when it answers again.
func TestCase_Y04_TheDirectoryIsDown(t *testing.T) {
	t.Parallel()
	s := everySystem(t, nil)
	person := s.Salespeople()[0]
	require.NoError(t, s.Sandbox.LDAPFail(t.Context(), control.LDAPFault{Code: 52, Times: 1_000_000}))
	began := time.Now()
	leaves(s, person.ExternalID)
	s.AwaitShut(person.ID)
	s.Until("the others are shut", func() bool { return !s.CRMUser(person.Email).Active && len(s.Mailbox(person.Email).Groups) == 0 })
	require.Less(t, time.Since(began), time.Minute, "they wait for nobody")
	_, open := s.State(person.ExternalID)
	require.True(t, open, "the run stays open")
	require.Empty(t, s.Entry(person.Email)["pwdaccountlockedtime"])
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.Until("the directory's access ends when it answers", func() bool { return len(s.Entry(person.Email)["pwdaccountlockedtime"]) > 0 })
	require.Equal(t, "access ended", s.Outcome(person.ExternalID).Result)
	closedOut(s, person)
	debts, err := s.App.Ledger.Systems().DebtsOf(t.Context(), person.ExternalID)
	require.NoError(t, err)
	require.Empty(t, debts)
	require.Empty(t, s.Items("ldap"))
}

// TestCase_Y05_SalesforceRefusesDeactivation: the org needs the user for something, and refuses. They are frozen and have no permission set;
// the ticket and IT read what is left to do, and nobody's name, also where Salesforce says one.
func TestCase_Y05_SalesforceRefusesDeactivation(t *testing.T) {
	t.Parallel()
	for why, todo := range map[string]string{
		"default lead owner":     "it is the default owner of leads",
		"something undocumented": "open the user in Salesforce and deactivate it there",
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			s := everySystem(t, nil)
			person := s.Salespeople()[0]
			user := s.CRMUser(person.Email)
			_, err := s.Sandbox.CRMHand(t.Context(), control.Fields{"action": "hold", "username": user.Username, "why": []string{why}})
			require.NoError(t, err)
			leaves(s, person.ExternalID)
			require.Equal(t, "access ended", s.Outcome(person.ExternalID).Result)
			now := s.CRMUser(user.ID)
			require.True(t, now.Frozen)
			require.True(t, now.Active, "Salesforce keeps them")
			require.False(t, now.CanSignIn)
			require.Empty(t, now.Sets)
			require.Zero(t, now.Sessions)
			require.Len(t, s.Tickets(), 1)
			said := ""
			for _, c := range s.Tickets()[0].Comments {
				said += c.Body + "\n"
			}
			require.Contains(t, said, todo)
			require.Contains(t, s.Messages(it), todo)
			for _, text := range []string{said, s.Messages(it)} {
				require.NotContains(t, text, "Lovelace")
			}
			for line := range strings.Lines(said) {
				require.False(t, strings.Contains(line, todo) && strings.Contains(line, person.LastName), line)
			}
		})
	}
}

// TestCase_Y06_ALegalHold: what a leaver has is preserved. Only sign-in ends; once it is released, the rest goes.
func TestCase_Y06_ALegalHold(t *testing.T) {
	t.Parallel()
	s := everySystem(t, nil, func(policy string) string { return policy + "\ndeciders: {hold: [grace@acme.example]}\n" })
	person := s.Salespeople()[0]
	give(s, identity.Order{ID: "matter-1", Key: person.ExternalID, Kind: identity.OrderHold})
	before := s.Mailbox(person.Email)
	sets := s.CRMUser(person.Email).Sets
	leaves(s, person.ExternalID)
	s.Until("sign-in has ended everywhere", func() bool {
		user := s.CRMUser(person.Email)
		return !s.Of(person.ID).CanSignIn && !s.Mailbox(person.Email).OwnPassword && !user.CanSignIn && len(s.Entry(person.Email)["pwdaccountlockedtime"]) > 0
	})
	s.Outcome(person.ExternalID)
	now := s.Mailbox(person.Email)
	require.Equal(t, before.Groups, now.Groups)
	require.Equal(t, before.Licences, now.Licences)
	require.Equal(t, sets, s.CRMUser(person.Email).Sets)
	require.True(t, s.InGroup(person.Email, "Sales"))
	require.Empty(t, s.Google().Transfers)
	for _, m := range s.Google().Mailboxes {
		if m.Mailbox == person.Email {
			require.Empty(t, m.Delegates)
			require.False(t, m.AutoReply)
		}
	}
}

// TestCase_Y07_TheyComeBack: somebody who has left is employed again, on their old record or on a new one. What Gatehouse has suspended is
// opened, groups and permission sets are those of the rules, nobody gets a second account, and no mailbox says that they are not there.
func TestCase_Y07_TheyComeBack(t *testing.T) {
	t.Parallel()
	for name, hired := range map[string]func(s *kit.Stack, person control.Person) (key string){
		"on their old record": func(s *kit.Stack, person control.Person) string {
			s.HR(person.ExternalID, "change", control.Fields{"hire_date": "today", "rehired_on": "today"})
			return person.ExternalID
		},
		"on a new record": func(s *kit.Stack, person control.Person) string {
			id, err := s.Sandbox.HireAgain(t.Context(), "workday", person.Owner, control.Fields{
				"first_name": person.FirstName, "last_name": person.LastName, "department": "Sales", "title": "Account Executive", "location": "Berlin",
				"hire_date": "today", "manager_id": "21001", "personal_email": "came.back@home.example",
			})
			require.NoError(t, err)
			return "workday-" + id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := everySystem(t, func(s *kit.Stack) {
				s.HR(s.Salespeople()[0].ExternalID, "change", control.Fields{"personal_email": "came.back@home.example"})
			})
			person := s.Salespeople()[0]
			users, crm := len(s.Google().Users), s.CRMUser(person.Email).ID
			unmanaged := slices.DeleteFunc(s.Mailbox(person.Email).Groups, func(g string) bool { return g == "all@acme.example" || g == "sales@acme.example" })
			s.HR(person.ExternalID, "terminate", control.Fields{"last_day": "today-20", "termination_date": "today-20", "involuntary": true})
			tell(s, person.ExternalID)
			require.Equal(t, "access ended", s.Outcome(person.ExternalID).Result)
			closedOut(s, person)
			key := hired(s, person)
			tell(s, key)
			s.Until("they are back", func() bool {
				return s.Of(person.ID).Status == 1 && len(s.Mailbox(person.Email).Groups) > 1 && len(s.CRMUser(crm).Sets) > 0 && s.InGroup(person.Email, "Sales")
			})
			s.Outcome(key)
			mailbox := s.Mailbox(person.Email)
			require.False(t, mailbox.Suspended)
			require.Subset(t, mailbox.Groups, []string{"sales@acme.example", "all@acme.example"})
			require.Subset(t, append(unmanaged, "sales@acme.example", "all@acme.example"), mailbox.Groups)
			user := s.CRMUser(crm)
			require.True(t, user.Active)
			require.False(t, user.Frozen)
			require.Contains(t, user.Sets, "Export Reports")
			require.Empty(t, s.Entry(person.Email)["pwdaccountlockedtime"])
			require.True(t, s.InGroup(person.Email, "Sales"))
			require.Len(t, s.Google().Users, users, "nobody gets a second account")
			for _, m := range s.Google().Mailboxes {
				if m.Mailbox == person.Email {
					require.False(t, m.AutoReply, "their mailbox says that they are not there")
				}
			}
		})
	}
}
