package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// forwards has a mailbox forward all that it gets to an address of its user's own, which they have confirmed.
func (h *house) forwards(mailbox string) {
	const to = "esther@home.example"
	h.hand("forward", mailbox, to)
	require.Equal(h.t, to, h.mailbox(mailbox).Forwarded)
}

func (h *house) mailbox(address string) control.GoogleMailbox {
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	for _, m := range d.Mailboxes {
		if m.Mailbox == address {
			return m
		}
	}
	return control.GoogleMailbox{Mailbox: address}
}

// TestALockedMailboxForwardsNothing to the leaver, and goes on with answering and with who may read it.
func TestALockedMailboxForwardsNothing(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	h.forwards(mail)
	h.leaves(who)
	h.days()
	now := h.mailbox(mail)
	require.Empty(t, now.Forwarded, "whoever has left does not get the company's mail")
	require.True(t, now.AutoReply)
	require.NotEmpty(t, now.Delegates)
	require.False(t, h.told("forwarding"), "nothing is left to do by hand")

	h.hiredAgain(who)
	h.days()
	require.Empty(t, h.mailbox(mail).Forwarded, "it is not switched on again")
	require.True(t, h.told("automatic forwarding of mail"), "and that is said")
}

// TestForwardingThatMayNotBeReadIsSaid where the service account was not granted the settings of mailboxes.
func TestForwardingThatMayNotBeReadIsSaid(t *testing.T) {
	h := newHouse(t, `, delegate_to: manager, transfer_to: manager, auto_reply: {subject: Gone, text: "{first} {last} has left."}`, "")
	h.config.Systems.Google.Handover = false
	h.repolicy()
	who := h.of("Sales")
	mail := h.inGoogle(who)
	h.forwards(mail)
	h.leaves(who)
	h.days()
	require.NotEmpty(t, h.mailbox(mail).Forwarded)
	require.False(t, h.user(mail).OwnPassword, "the rest of the lock is there")
	require.True(t, h.told("forwards its mail"), "IT hears that it has to be looked at by hand")
}
