package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

const suspendedThenBare = "suspend_after: 30d, release_licences_after: 45d, delegate_to"

// TestWhoBeginsAgainIsOutSinceTheyLeft: notice is given two months ahead, and two days after the last day HR writes the next first day over
// it. The leave counted from the notice: the mailbox was suspended and its licence released within the hour.
func TestWhoBeginsAgainIsOutSinceTheyLeft(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", suspendedThenBare)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.does(who, "terminate", control.Fields{"last_day": "today+60", "termination_date": "today+60"})
	h.pass()
	h.clock.advance(60*24*time.Hour + 9*time.Hour)
	h.days()
	require.False(t, h.oneLogin(who).CanSignIn)
	h.beginsAgain(who, "today+60")
	h.days()
	require.False(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
	require.True(t, h.mailbox(h.user(id).Email).AutoReply)
	h.clock.advance(30 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
}

// TestWhoGaveNoticeIsOutUntilTheFirstDay: somebody leaves whose notice is older than `create_before`, and HR writes a first day in three days
// over the end. They belonged to the company at once, and what somebody opened by hand stayed open.
func TestWhoGaveNoticeIsOutUntilTheFirstDay(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.does(who, "terminate", control.Fields{"last_day": "today+6", "termination_date": "today+6"})
	h.pass()
	h.clock.advance(6*24*time.Hour + 9*time.Hour)
	h.days()
	require.False(t, h.oneLogin(who).CanSignIn)
	h.beginsAgain(who, "today+3")
	h.pass()
	h.hand("own_password", id, "")
	h.hand("sign_in", id, "")
	h.hand("join", id, "sales@acme.example")
	h.pass()
	h.pass()
	require.False(t, h.user(id).OwnPassword)
	require.Zero(t, h.user(id).Sessions)
	require.Empty(t, h.user(id).Groups)
}

// TestAnEndThatMovesIntoThePastCountsFromThen: the end of a contract is known, and HR corrects it to weeks ago. The leave counted from that
// day: the account was locked, handed over, suspended and without a licence in the same hour.
func TestAnEndThatMovesIntoThePastCountsFromThen(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", suspendedThenBare)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.does(who, "change", control.Fields{"last_day": "today+60", "termination_date": "today+60"})
	h.pass()
	h.clock.advance(20 * 24 * time.Hour)
	h.does(who, "change", control.Fields{"last_day": "today-50", "termination_date": "today-50"})
	h.days()
	require.False(t, h.oneLogin(who).CanSignIn)
	require.False(t, h.user(id).OwnPassword)
	require.False(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
	require.True(t, h.mailbox(h.user(id).Email).AutoReply)
}

// TestAnInvoluntaryEndCountsFromWhenItWasCarriedOut: access ends at once and the last day is three months ahead. The leave moment went on
// with every look, and the account was suspended a month after the last day only.
func TestAnInvoluntaryEndCountsFromWhenItWasCarriedOut(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.does(who, "terminate", control.Fields{"last_day": "today+90", "termination_date": "today+90", "involuntary": true})
	h.days()
	require.False(t, h.user(id).OwnPassword)
	h.clock.advance(20 * 24 * time.Hour)
	h.pass()
	require.False(t, h.user(id).Suspended)
	h.clock.advance(11 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
}
