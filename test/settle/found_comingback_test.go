package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
