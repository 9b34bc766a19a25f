package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
