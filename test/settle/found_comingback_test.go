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
