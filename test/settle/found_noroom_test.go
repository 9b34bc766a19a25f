package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// oneAtATime has Google's budget let one departure through in a window.
const oneAtATime = "    keep_absent: 10m\n    limits: {contain: {count: 1, percent: 0}}\n    leaver: {sign_in: lock"

// leavesWithoutRoom has somebody leave after somebody else has taken all the room, and returns the id of their mailbox, which is open.
func (h *house) leavesWithoutRoom(who string) (id string) {
	h.t.Helper()
	id = h.user(h.inGoogle(who)).ID
	for _, each := range []string{h.of("Marketing"), who} {
		h.leaves(each)
		h.looks(each)
	}
	require.False(h.t, h.oneLogin(who).CanSignIn)
	require.True(h.t, h.user(id).OwnPassword, "there is no room")
	return id
}

// TestAHeldDepartureIsNotForgottenBeforeAFirstDay: a departure that waited for room in a system's budget was left once HR had written the
// next first day, and the account stayed open without a word.
func TestAHeldDepartureIsNotForgottenBeforeAFirstDay(t *testing.T) {
	h := newHouse(t, "    keep_absent: 10m\n    leaver: {sign_in: lock", oneAtATime)
	who := h.of("Sales")
	h.livesIn(h.user(h.inGoogle(who)).ID)
	h.pass()
	id := h.leavesWithoutRoom(who)
	h.clock.advance(4 * 24 * time.Hour)
	h.beginsAgain(who, "today+5")
	h.looksHourly(2, who)
	held, err := h.app.Ledger.Budgets().HeldFor(t.Context(), who+"/google/contain")
	require.NoError(t, err)
	require.True(t, !h.user(id).OwnPassword || len(held) > 0, "it is open, and nobody is asked")
}

// TestAMailboxIsTakenBackWhileGroupsWait: the manager read the mail of who was back for as long as there was no room for their groups.
func TestAMailboxIsTakenBackWhileGroupsWait(t *testing.T) {
	h := newHouse(t, "    keep_absent: 10m\n    leaver: {sign_in: lock", "    keep_absent: 10m\n    limits: {grant: {count: 1, percent: 0}}\n    leaver: {sign_in: lock")
	h.company()
	who, other := h.of("Sales"), h.of("Marketing")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.days()
	require.NotEmpty(t, h.mailbox(h.user(id).Email).Delegates)
	h.clock.advance(48 * time.Hour)
	h.pass()
	h.moves(other, "Engineering")
	h.pass()
	h.withdrawn(who)
	h.pass()
	h.pass()
	require.Empty(t, h.user(id).Groups, "there is no room")
	box := h.mailbox(h.user(id).Email)
	require.Empty(t, box.Delegates)
	require.False(t, box.AutoReply)
}
