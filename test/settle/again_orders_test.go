package settle

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestAHireCalledOffTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := ""
	for i := range 3 {
		key := h.hires("today+3", "Analyst")
		if first == "" {
			first = key // Whoever is hired anew under another id is the same human.
		}
		h.days()
		crm, mail, dn := h.inSalesforce(first), h.inGoogle(first), h.inDirectory(first)
		require.NotEmpty(t, crm, "time %d", i)
		require.NotEmpty(t, mail, "time %d", i)
		require.NotEmpty(t, dn, "time %d", i)
		if i == 2 {
			h.clock.advance(4 * 24 * time.Hour)
			h.days()
			require.True(t, h.crmUser(crm).CanSignIn, "hired for the third time")
			require.True(t, h.user(mail).CanSignIn)
			require.Contains(t, h.user(mail).Groups, "sales@acme.example")
			require.Contains(t, h.membersOf("Sales"), dn)
			require.Contains(t, h.crmUser(crm).Sets, opportunities)
			entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
			require.NoError(t, err)
			require.Empty(t, entry["pwdaccountlockedtime"])
			break
		}
		h.does(key, "rescind", nil)
		h.days()
		require.False(t, h.crmUser(crm).CanSignIn, "time %d", i)
		require.False(t, h.user(mail).OwnPassword, "time %d", i)
		require.Empty(t, h.user(mail).Groups, "time %d", i)
		entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
		require.NoError(t, err)
		require.NotEmpty(t, entry["pwdaccountlockedtime"], "time %d", i)
	}
	h.rests("hires")
}

func TestAnAccountIsDeletedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	for i := range 2 {
		id := h.user(mail).ID
		h.hand("delete", id, "")
		h.days()
		h.days()
		u := h.user(h.inGoogle(who))
		require.NotEmpty(t, u.ID, "made again, time %d: %v", i, h.notesOf("google"))
		require.NotEqual(t, id, u.ID)
		require.Subset(t, u.Groups, []string{"all@acme.example", "sales@acme.example"}, "time %d", i)
	}
	id := h.user(mail).ID
	h.hand("own_password", id, "")
	h.leaves(who)
	h.days()
	require.False(t, h.user(id).OwnPassword)
	require.Empty(t, h.user(id).Groups)
}

// TestOrdersEndAndBegin: contained, released, contained, released.
func TestOrdersEndAndBegin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	orders := h.app.Ledger.Orders()
	for i := range 3 {
		order := fmt.Sprint("c", i)
		h.livesIn(id)
		h.pass()
		require.NoError(t, orders.Put(t.Context(), identity.Order{ID: order, Key: who, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
		h.days()
		h.isShut(who, id, crm, dn, order)
		_, err := orders.Release(t.Context(), order, "it@acme.example", "over")
		require.NoError(t, err)
		h.days()
		h.isOpen(who, id, crm, dn, order)
		require.Equal(t, i+1, h.transfersOf(id))
		h.clock.advance(48 * time.Hour)
	}
	h.rests("orders")
}

// TestAwayAndBack: on leave twice, moved meanwhile.
func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	for i := range 2 {
		h.does(who, "leave", nil)
		h.days()
		h.moves(who, "Engineering")
		h.titled(who, "Engineer")
		h.days()
		require.NotContains(t, h.user(id).Groups, "sales@acme.example", "away %d", i)
		h.does(who, "return", nil)
		h.days()
		h.inSales(who, false, fmt.Sprint("back ", i))
		h.everywhere(who, "title", "Engineer", "back")
		h.does(who, "leave", nil)
		h.moves(who, "Sales")
		h.titled(who, "Analyst")
		h.days()
		h.does(who, "return", nil)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("back ", i))
		h.inSales(who, true, fmt.Sprint("back ", i))
		h.everywhere(who, "title", "Analyst", "back")
	}
	h.rests("away")
}

// TestAHoldOverTwoDepartures keeps what there is, and nothing is forgotten once it is over.
func TestAHoldOverTwoDepartures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	orders := h.app.Ledger.Orders()
	require.NoError(t, orders.Put(t.Context(), identity.Order{ID: "h1", Key: who, Kind: identity.OrderHold, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	for range 2 {
		h.leaves(who)
		h.days()
		require.False(t, h.user(id).OwnPassword)
		require.Contains(t, h.user(id).Groups, "sales@acme.example")
		h.withdrawn(who)
		h.days()
		h.isOpen(who, id, crm, dn, "held")
		h.hand("own_password", id, "")
	}
	h.leaves(who)
	h.days()
	_, err := orders.Release(t.Context(), "h1", "it@acme.example", "over")
	require.NoError(t, err)
	h.days()
	h.isShut(who, id, crm, dn, "the hold is over")
	require.Equal(t, 1, h.transfersOf(id))
	h.rehired(who)
	h.days()
	h.isOpen(who, id, crm, dn, "back")
	// What Gatehouse gave in the first employment, HR takes in the second.
	h.moves(who, "Engineering")
	h.days()
	h.inSales(who, false, "moved")
}
