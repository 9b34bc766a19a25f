package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_Y01_ASecondMailbox: a leaver has a second user of Google, made by hand under another spelling of their address, with their
// employee id. Both are locked.
func TestCase_Y01_ASecondMailbox(t *testing.T) {
	t.Parallel()
	var person control.Person
	var second string
	s := everySystem(t, func(s *kit.Stack) {
		person = s.Salespeople()[0]
		second = googleAdds(s, control.GooglePerson{
			Email: "x." + person.Email, Given: person.FirstName, Family: person.LastName, ExternalID: person.ExternalID, Groups: []string{"sales"},
		})
		for _, do := range []string{"sign_in", "grant", "app_password"} {
			_, err := s.Sandbox.GoogleHand(t.Context(), control.GoogleOrder{Do: do, User: second, Value: "Thunderbird"})
			require.NoError(t, err)
		}
	})
	require.Len(t, accountsIn(s, "google", person.ExternalID), 2)
	leaves(s, person.ExternalID)
	require.Equal(t, "access ended", s.Outcome(person.ExternalID).Result)
	closedOut(s, person)
	lockedMailbox(s, second)
}

// TestCase_Y02_ASalesforceUserUnderAnotherAddress: a leaver's user in Salesforce has no federation id, and another address. It cannot be
// certain that it is theirs: it is an item that names it, and a person's word ends its access.
func TestCase_Y02_ASalesforceUserUnderAnotherAddress(t *testing.T) {
	t.Parallel()
	var person control.Person
	var user control.CRMUser
	s := everySystem(t, func(s *kit.Stack) {
		person = s.Salespeople()[0]
		user = s.CRMUser(person.Email)
		_, err := s.Sandbox.CRMHand(t.Context(), control.Fields{"action": "edit", "id": user.ID, "fields": map[string]any{
			"FederationIdentifier": nil, "Email": "private.one@else.example", "Username": "someone@else.example",
		}})
		require.NoError(t, err)
	})
	leaves(s, person.ExternalID)
	require.NotEmpty(t, s.Outcome(person.ExternalID).Result)
	require.False(t, kit.Open(s.Of(person.ID)))
	s.ReadSystem("salesforce")
	s.Until("the account is an item or out", func() bool {
		if !s.CRMUser(user.ID).CanSignIn {
			return true
		}
		for _, item := range s.Items("salesforce") {
			if strings.Contains(item.Text, user.ID) {
				return true
			}
		}
		return false
	})
	if !s.CRMUser(user.ID).CanSignIn {
		return
	}
	d := s.Desk(nil)
	p := d.Run("account", "link", "--account", "salesforce/"+user.ID, "--person", person.ExternalID, "--reason", "asked them", "--by", "grace")
	require.Zero(t, p.Code, p.Err)
	s.Until("it is out as well", func() bool { now := s.CRMUser(user.ID); return !now.CanSignIn && !now.Active && len(now.Sets) == 0 })
	s.ReadSystem("salesforce")
	s.Until("the item is closed", func() bool {
		for _, item := range s.Items("salesforce") {
			if strings.Contains(item.Text, user.ID) {
				return false
			}
		}
		return true
	})
}

// TestCase_Y03_FoundAfterTheDeparture: an account of a leaver's turns up only after the departure is over: made by hand in Google with the
// person's employee id, and in the directory. The next reading ends its access.
func TestCase_Y03_FoundAfterTheDeparture(t *testing.T) {
	t.Parallel()
	s := everySystem(t, nil)
	person := s.Salespeople()[0]
	leaves(s, person.ExternalID)
	require.Equal(t, "access ended", s.Outcome(person.ExternalID).Result)
	closedOut(s, person)
	late := googleAdds(s, control.GooglePerson{
		Email: "late." + person.Email, Given: person.FirstName, Family: person.LastName, ExternalID: person.ExternalID, Groups: []string{"sales"},
	})
	require.True(t, s.Mailbox(late).OwnPassword)
	s.ReadSystem("google")
	s.Until("the next reading ends it", func() bool { now := s.Mailbox(late); return !now.OwnPassword && len(now.Groups) == 0 })
	s.Outcome(person.ExternalID)
	lockedMailbox(s, late)
}

// TestCase_Y11_ASharedMailboxStays: a mailbox that several people use is linked to one of them, and declared as shared. When they leave it
// is not locked, and somebody is asked who owns it now.
func TestCase_Y11_ASharedMailboxStays(t *testing.T) {
	t.Parallel()
	var person control.Person
	var shared string
	s := everySystem(t, func(s *kit.Stack) {
		person = s.Salespeople()[0]
		shared = googleAdds(s, control.GooglePerson{
			Email: "deals@acme.example", Given: "Deals", Family: "Desk", ExternalID: person.ExternalID, Groups: []string{"sales"},
		})
	})
	require.Contains(t, accountsIn(s, "google", person.ExternalID), shared)
	p := s.Desk(nil).Run("account", "declare", "--account", "google/"+shared, "--kind", "shared", "--owner", person.Email, "--purpose", "offers",
		"--reason", "asked them", "--by", "grace")
	require.Zero(t, p.Code, p.Err)
	row, found, err := s.App.Ledger.Inventory().Account(t.Context(), identity.Ref{System: "google", ID: shared})
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, identity.KindShared, row.Kind)
	s.ReadSystem("google")
	leaves(s, person.ExternalID)
	require.NotEmpty(t, s.Outcome(person.ExternalID).Result)
	closedOut(s, person)
	mailbox := s.Mailbox(shared)
	require.True(t, mailbox.OwnPassword, "it is nobody's own")
	require.Contains(t, mailbox.Groups, "sales@acme.example")
	s.ReadSystem("google")
	open := func() (text string) {
		for _, item := range s.Items("google") {
			if item.Class == "system_owners_left" {
				text += item.Text
			}
		}
		return text
	}
	require.Contains(t, open(), shared, "somebody is asked who looks after it")
	require.NotContains(t, open(), person.LastName)
	p = s.Desk(nil).Run("account", "declare", "--account", "google/"+shared, "--kind", "shared", "--owner", s.Salespeople()[0].ExternalID, "--purpose", "offers",
		"--reason", "asked them", "--by", "grace")
	require.Zero(t, p.Code, p.Err)
	s.ReadSystem("google")
	require.Empty(t, open(), "somebody does")
}
