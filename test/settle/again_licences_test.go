package settle

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

func TestALicenceIsGivenAndTakenAndGiven(t *testing.T) {
	t.Parallel()
	h := newHouse(t, salesAccounts, salesLicensed)
	who := h.of("Marketing")
	h.unlicense(who)
	h.days()
	for i := range 3 {
		h.moves(who, "Sales")
		h.days()
		require.Len(t, h.user(h.inGoogle(who)).Licences, 1, "given, time %d", i)
		h.moves(who, "Marketing")
		h.days()
		require.Empty(t, h.user(h.inGoogle(who)).Licences, "taken, time %d", i)
	}
	h.rests("licences")
}

func TestALicenceChangesHandsWhereNoneIsFree(t *testing.T) {
	t.Parallel()
	h := newHouse(t, salesAccounts, salesLicensed)
	a, b := h.of("Marketing"), h.of("Finance")
	h.unlicense(a)
	h.unlicense(b)
	h.days()
	h.moves(a, "Sales")
	h.days()
	require.Len(t, h.user(h.inGoogle(a)).Licences, 1)
	for i := range 3 {
		used := 0
		d, err := h.sandbox.GoogleDirectory(t.Context())
		require.NoError(t, err)
		for _, u := range d.Users {
			used += len(u.Licences)
		}
		h.licensedAs(used)
		h.moves(a, "Marketing")
		h.moves(b, "Sales")
		h.days()
		require.Empty(t, h.user(h.inGoogle(a)).Licences, "time %d", i)
		require.Len(t, h.user(h.inGoogle(b)).Licences, 1, "time %d", i)
		a, b = b, a
	}
	h.rests("licences")
}

// TestALicenceOfAWithdrawnDeparture was assigned by Gatehouse in the same employment, which goes on.
func TestALicenceOfAWithdrawnDeparture(t *testing.T) {
	t.Parallel()
	h := newHouse(t, salesAccounts, salesLicensed)
	who := h.of("Marketing")
	h.unlicense(who)
	h.days()
	h.moves(who, "Sales")
	h.days()
	require.Len(t, h.user(h.inGoogle(who)).Licences, 1)
	h.leaves(who)
	h.days()
	h.withdrawn(who)
	h.days()
	require.True(t, h.user(h.inGoogle(who)).CanSignIn)
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "sales@acme.example")
	h.moves(who, "Marketing")
	h.days()
	require.NotContains(t, h.user(h.inGoogle(who)).Groups, "sales@acme.example")
	require.Empty(t, h.user(h.inGoogle(who)).Licences, "HR took the termination back: it was one employment, and Gatehouse assigned the licence in it")
}

// TestABackWithoutAMailbox: an account without a licence has no mailbox, in which nothing was set and nothing is to be undone.
func TestABackWithoutAMailbox(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := h.hires("today-3", "Analyst")
	h.days()
	h.company()
	google, crm, dn := h.accountsOf(key)
	require.Empty(t, h.user(google).Licences)
	h.isOpen(key, google, crm, dn, "hired")
	for i := range 2 {
		h.leaves(key)
		h.days()
		h.isShut(key, google, crm, dn, fmt.Sprint("departure ", i))
		h.rehired(key)
		h.days()
		h.isOpen(key, google, crm, dn, fmt.Sprint("return ", i))
		require.Empty(t, h.notesOf("no_mailbox"), "return %d: somebody is asked about a step in a mailbox that there never was", i)
		h.rests("return")
	}
}

// TestAMailboxThatIsBackLater: the licence was released by the departure; the person is back, and IT gives the licence by hand, as it is told to.
func TestAMailboxThatIsBackLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	who := h.of("Sales")
	mail := h.inGoogle(who)
	h.leaves(who)
	h.days()
	require.True(t, h.mailbox(mail).AutoReply)
	for range 3 {
		h.clock.advance(31 * 24 * time.Hour)
		h.days()
	}
	require.Empty(t, h.user(mail).Licences)
	h.rehired(who)
	h.days()
	require.False(t, h.user(mail).Suspended)
	h.assign(mail)
	h.days()
	h.days()
	require.False(t, h.mailbox(mail).AutoReply, "the mailbox of somebody who works here says that they have left; told: %v", h.notesOf("google"))
	require.Empty(t, h.mailbox(mail).Delegates, "somebody else reads their mail; told: %v", h.notesOf("google"))
}

// TestNoLicenceOfSalesforceIsFree for whoever is back, and is later; twice.
func TestNoLicenceOfSalesforceIsFree(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	all, err := h.sandbox.CRM(t.Context())
	require.NoError(t, err)
	name, total := all.Licences[0].Name, all.Licences[0].Total
	for i := range 2 {
		h.leaves(who)
		h.days()
		now, err := h.sandbox.CRM(t.Context())
		require.NoError(t, err)
		_, err = h.sandbox.CRMHand(t.Context(), control.Fields{"action": "licences", "licence": name, "times": now.Licences[0].Used})
		require.NoError(t, err)
		h.withdrawn(who)
		h.days()
		require.False(t, h.crmUser(crm).CanSignIn)
		require.NotEmpty(t, h.notesOf("salesforce"), "time %d: nobody is told", i)
		_, err = h.sandbox.CRMHand(t.Context(), control.Fields{"action": "licences", "licence": name, "times": total})
		require.NoError(t, err)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("time ", i))
	}
	h.rests("licences of Salesforce")
}

// TestLicencesAreReleasedTwice, once for each departure.
func TestLicencesAreReleasedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	who := h.of("Sales")
	mail := h.inGoogle(who)
	for i := range 3 {
		h.leaves(who)
		h.days()
		require.True(t, h.mailbox(mail).AutoReply, "time %d", i)
		require.Len(t, h.mailbox(mail).Delegates, 1, "time %d", i)
		h.clock.advance(45 * 24 * time.Hour)
		h.days()
		require.NotEmpty(t, h.user(mail).Licences, "time %d", i)
		h.clock.advance(20 * 24 * time.Hour)
		h.days()
		require.Empty(t, h.user(mail).Licences, "time %d", i)
		h.rehired(who)
		h.days()
		h.assign(mail)
		h.days()
		require.False(t, h.mailbox(mail).AutoReply, "time %d", i)
		require.Empty(t, h.mailbox(mail).Delegates, "time %d", i)
		require.Len(t, h.user(mail).Licences, 1, "time %d", i)
	}
	h.rests("licences")
}

// TestAMailboxAfterADepartureWithoutOne: nothing was delegated, and nothing is to be taken back.
func TestAMailboxAfterADepartureWithoutOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := h.hires("today-3", "Analyst")
	h.days()
	mail := h.inGoogle(key)
	for i := range 2 {
		h.leaves(key)
		h.days()
		if i == 1 {
			require.True(t, h.mailbox(mail).AutoReply, "there is a mailbox now")
			require.Len(t, h.mailbox(mail).Delegates, 1)
		}
		h.rehired(key)
		h.days()
		if i == 0 {
			h.assign(mail)
			h.days()
		}
		require.False(t, h.mailbox(mail).AutoReply)
		require.Empty(t, h.mailbox(mail).Delegates)
		h.rests("mailbox")
	}
}
