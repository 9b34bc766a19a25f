package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// allows has somebody let a departure through that waits for room in Google's budget, of which somebody is asked.
func (h *house) allows(who string) {
	h.t.Helper()
	held, err := h.app.Ledger.Budgets().HeldFor(h.t.Context(), who+"/google/contain")
	require.NoError(h.t, err)
	require.Len(h.t, held, 1, "somebody is asked")
	require.NoError(h.t, h.run(api.HoldsDecide, api.HoldDecision{
		Source: "google", Kind: "leaver", Hash: held[0].Hash, Verb: api.VerbAllow, By: "it@acme.example", At: h.clock.Now(),
	}, nil))
}

// waitsForRoom has somebody leave while Google's budget is used up, and HR write a next first day in five days.
func waitsForRoom(t *testing.T) (h *house, who, id string) {
	h = newHouse(t, "    keep_absent: 10m\n    leaver: {sign_in: lock", oneAtATime, "window: 24h", "window: 7d")
	who = h.of("Sales")
	id = h.leavesWithoutRoom(who)
	h.clock.advance(4 * 24 * time.Hour)
	h.beginsAgain(who, "today+5")
	h.looksHourly(2, who)
	return h, who, id
}

// TestADepartureThatIsLetGoBeforeTheNextFirstDay was forgotten: with the hold went what was known of it, and the account stayed open.
func TestADepartureThatIsLetGoBeforeTheNextFirstDay(t *testing.T) {
	h, who, id := waitsForRoom(t)
	h.down("google")
	h.allows(who)
	h.looksHourly(1, who)
	h.honest()
	h.pass()
	h.pass()
	require.False(t, h.user(id).OwnPassword, "allowed, and still open")
	require.Empty(t, h.user(id).Groups)
	h.hand("own_password", id, "")
	h.pass()
	require.True(t, h.user(id).OwnPassword, "it is carried out once")
	h.clock.advance(5 * 24 * time.Hour)
	h.days()
	require.Equal(t, 1, h.oneLogin(who).Status, "the first day has come")
	require.Contains(t, h.user(id).Groups, "sales@acme.example")
	require.Empty(t, h.mailbox(h.user(id).Email).Delegates)
}

// TestWhatAMoveTakesGoesAfterAMistakenDeparture: the departure that HR withdrew took back what the move before it had decided.
func TestWhatAMoveTakesGoesAfterAMistakenDeparture(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.hand("join", id, "wifi@acme.example")
	h.pass()
	h.down("google")
	h.moves(who, "Marketing")
	h.looksHourly(2, who)
	h.leaves(who)
	h.looksHourly(2, who)
	h.withdrawn(who)
	h.looksHourly(2, who)
	h.honest()
	h.days()
	require.NotContains(t, h.user(id).Groups, "sales@acme.example", "they move")
	require.Contains(t, h.user(id).Groups, "wifi@acme.example", "the departure is withdrawn")
}

// TestWhoeverLeavesUnderAnOrderStaysOut once it is released and HR drops the record: HR's moment had come while they were out already, and
// was not known to be carried out.
func TestWhoeverLeavesUnderAnOrderStaysOut(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id, account := h.user(h.inGoogle(who)).ID, h.oneLogin(who).ID
	h.does(who, "change", control.Fields{"last_day": "today+5", "termination_date": "today+5"})
	h.pass()
	require.NoError(t, h.app.Ledger.Orders().Put(t.Context(), identity.Order{
		ID: "c1", Key: who, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: h.clock.Now(),
	}))
	h.days()
	h.clock.advance(8 * 24 * time.Hour)
	h.does(who, "change", control.Fields{"status": "Terminated"})
	h.days()
	_, err := h.app.Ledger.Orders().Release(t.Context(), "c1", "it@acme.example", "over")
	require.NoError(t, err)
	h.days()
	h.does(who, "delete", nil)
	h.days()
	h.opensByHand(id, account)
	h.days()
	require.False(t, h.user(id).OwnPassword)
	require.Empty(t, h.user(id).Groups)
	require.True(t, h.isClosed(account))
	h.clock.advance(31 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
}
