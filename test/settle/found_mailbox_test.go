package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestAMailboxWhoseAnswersWereLostIsTakenBack: Gmail carries the auto-reply and the delegation out, and its answers are lost, while HR
// takes the departure back. The manager read the mail of somebody who is here for good.
func TestAMailboxWhoseAnswersWereLostIsTakenBack(t *testing.T) {
	for name, path := range map[string]string{"auto-reply": "/gmail/v1/users/*/settings/vacation", "delegate": "/gmail/v1/users/*/settings/delegates"} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			who := h.of("Marketing")
			mail := h.inGoogle(who)
			for _, method := range []string{"PUT", "POST"} {
				require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: method, Path: path, When: "after", Style: "drop", Times: -1}))
			}
			h.leaves(who)
			h.looks(who)
			box := h.mailbox(mail)
			require.True(t, box.AutoReply)
			require.NotEmpty(t, box.Delegates)
			h.withdrawn(who)
			h.looks(who)
			h.honest()
			h.days()
			h.days()
			box = h.mailbox(mail)
			require.False(t, box.AutoReply, "who is here again is said to have left")
			require.Empty(t, box.Delegates, "the manager still reads the mail of who is here again")
			h.rests("mailbox")
		})
	}
}

// TestOneLostAnswerOfGmailIsEnough where HR takes the departure back before the step is tried again with success.
func TestOneLostAnswerOfGmailIsEnough(t *testing.T) {
	h := newHouse(t)
	who := h.of("Marketing")
	mail := h.inGoogle(who)
	const path = "/gmail/v1/users/*/settings/delegates"
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "POST", Path: path, When: "after", Style: "drop", Times: 1}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "POST", Path: path, Status: 503, Times: -1, Skip: 1}))
	h.leaves(who)
	h.looks(who)
	require.NotEmpty(t, h.mailbox(mail).Delegates)
	h.honest()
	h.withdrawn(who)
	h.days()
	h.days()
	require.Empty(t, h.mailbox(mail).Delegates, "the manager still reads the mail of who is here again")
}
