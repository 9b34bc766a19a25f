package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// movesLeavers has the policy put leavers' accounts into a unit of Google.
func (h *house) movesLeavers() {
	h.google("POST", "customer/my_customer/orgunits", `{"name":"Leavers","parentOrgUnitPath":"/"}`, "admin.directory.orgunit")
	h.pass()
	h.repolicy("leaver: {sign_in: lock,", "leaver: {sign_in: lock, move_to: /Leavers,")
}

// withdrawnWhileDown has HR withdraw a departure while Google is down for hours: by the time that it answers OneLogin's part is over.
func (h *house) withdrawnWhileDown(key string) {
	h.down("google")
	h.withdrawn(key)
	for range 3 {
		h.clock.advance(time.Hour)
		h.looks(key)
	}
	h.honest()
}

// TestAnAccountGoesBackToItsPlaceHoweverLongThatTakes: groups came back after an outage, and the account stayed among those of leavers.
func TestAnAccountGoesBackToItsPlaceHoweverLongThatTakes(t *testing.T) {
	h := newHouse(t)
	h.movesLeavers()
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	unit := h.user(id).Unit
	h.hand("join", id, "wifi@acme.example")
	h.days()
	for range 2 {
		h.leaves(who)
		h.days()
		require.Equal(t, "/Leavers", h.user(id).Unit)
		h.withdrawnWhileDown(who)
		// They leave once more before it has gone back, which is withdrawn as well.
		h.down("google")
		h.leaves(who)
		h.looks(who)
		h.honest()
		h.withdrawnWhileDown(who)
		h.days()
		h.days()
		require.Contains(t, h.user(id).Groups, "wifi@acme.example")
		require.Equal(t, unit, h.user(id).Unit, "HR has withdrawn it, and the account stays among those of leavers")
		h.rests("back")
	}
}

// TestASecondMailboxOfWhoeverIsBack said for ever that they have left, and their manager read it.
func TestASecondMailboxOfWhoeverIsBack(t *testing.T) {
	for name, back := range map[string]func(*house, string){"withdrawn": (*house).withdrawn, "hired again": (*house).rehired} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			who := h.of("Sales")
			const mail = "kiki@acme.example"
			id := h.adds(mail, who)
			h.hand("join", id, "wifi@acme.example")
			h.pass()
			for range 2 {
				h.leaves(who)
				h.days()
				require.True(t, h.mailbox(mail).AutoReply)
				require.NotEmpty(t, h.mailbox(mail).Delegates)
				h.clock.advance(24 * time.Hour)
				back(h, who)
				h.days()
				require.False(t, h.mailbox(mail).AutoReply, "it says that somebody has left who is here")
				require.Empty(t, h.mailbox(mail).Delegates, "the manager reads the mail of who is here")
				require.False(t, h.user(id).OwnPassword, "it stays closed")
				require.Empty(t, h.user(id).Groups, "and gets nothing")
				h.rests("back")
			}
		})
	}
}

// owesWifi has somebody leave who is in a group that no rule gives and that Google does not let them out of.
func (h *house) owesWifi(who string, ends func(*house, string)) (id string) {
	id = h.user(h.inGoogle(who)).ID
	h.hand("join", id, "wifi@acme.example")
	h.pass()
	h.refuses("DELETE", "/admin/directory/v1/groups/"+h.groupIDs()["wifi@acme.example"]+"/members/**")
	ends(h, who)
	h.days()
	require.Equal(h.t, []string{"wifi@acme.example"}, h.user(id).Groups)
	require.NotEmpty(h.t, h.itemOf("system_debt"))
	return id
}

// TestWhoeverIsHiredAnewDoesNotKeepWhatTheDepartureOwed: the debt was struck, and they kept a group that no rule gives.
func TestWhoeverIsHiredAnewDoesNotKeepWhatTheDepartureOwed(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.owesWifi(who, (*house).leaves)
	h.clock.advance(60 * 24 * time.Hour)
	h.pass()
	h.rehired(who)
	h.hand("join", id, "engineering@acme.example") // Before anybody has seen that they are back.
	h.pass()
	require.Contains(t, h.user(id).Groups, "wifi@acme.example")
	require.NotEmpty(t, h.itemOf("system_debt"), "IT knows that it is still refused")
	h.honest()
	h.days()
	require.ElementsMatch(t, []string{"all@acme.example", "sales@acme.example", "engineering@acme.example"}, h.user(id).Groups)
	require.Empty(t, h.itemOf("system_debt"))
	h.hand("join", id, "wifi@acme.example")
	h.days()
	require.Contains(t, h.user(id).Groups, "wifi@acme.example", "somebody has given it since")
	h.rests("hired anew")
}

// TestWhatADepartureOwesIsKept where HR has withdrawn it, however long the withdrawal takes, or where a rule gives it by now.
func TestWhatADepartureOwesIsKept(t *testing.T) {
	for name, back := range map[string]func(*house, string){
		"withdrawn": func(h *house, who string) { h.withdrawn(who) },
		"withdrawn while Google is down": func(h *house, who string) {
			h.withdrawnWhileDown(who)
			h.clock.advance(40 * 24 * time.Hour)
		},
		"a rule gives it": func(h *house, who string) {
			h.repolicy("      groups: {google: [sales@acme.example]", "      groups: {google: [sales@acme.example, wifi@acme.example]")
			h.rehired(who)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			who := h.of("Sales")
			id := h.owesWifi(who, (*house).leaves)
			back(h, who)
			h.honest()
			h.days()
			h.days()
			require.Contains(t, h.user(id).Groups, "wifi@acme.example")
			require.Empty(t, h.itemOf("system_debt"))
		})
	}
}

// TestWhatAnOrderCouldNotTakeIsKept once it is over: nobody is hired anew by that.
func TestWhatAnOrderCouldNotTakeIsKept(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	orders := h.app.Ledger.Orders()
	id := h.owesWifi(who, func(h *house, who string) {
		require.NoError(t, orders.Put(t.Context(), identity.Order{ID: "c1", Key: who, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	})
	_, err := orders.Release(t.Context(), "c1", "it@acme.example", "over")
	require.NoError(t, err)
	h.honest()
	h.days()
	require.ElementsMatch(t, []string{"all@acme.example", "sales@acme.example", "wifi@acme.example"}, h.user(id).Groups)
	require.Empty(t, h.itemOf("system_debt"))
}

// TestWhatIsGivenByHandWhileADepartureIsOwedStays: somebody else has taken the group meanwhile, and gives it to whoever is hired anew.
func TestWhatIsGivenByHandWhileADepartureIsOwedStays(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.owesWifi(who, (*house).leaves)
	h.honest()
	h.hand("leave", id, "wifi@acme.example")
	h.days()
	require.Empty(t, h.itemOf("system_debt"))
	h.rehired(who)
	h.hand("join", id, "wifi@acme.example")
	h.days()
	require.Contains(t, h.user(id).Groups, "wifi@acme.example")
}
