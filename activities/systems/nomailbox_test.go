package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// Whoever has no licence has no mailbox. Nothing comes there that somebody could answer, so that their departure does not wait for it.
func TestADepartureDoesNotWaitForAMailboxThatThereIsNot(t *testing.T) {
	w := newWorks(t, "")
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}}))
	for _, s := range []identity.SystemStep{
		{Kind: identity.SystemAutoReply, Subject: "Gone", Text: "She has left."},
		{Kind: identity.SystemDelegate, To: w.other().ID},
	} {
		state := w.carry(w.leaving(s))
		require.Len(t, state.Left, 1, s.Kind)
		require.Contains(t, state.Left[0], "no open mailbox")
		require.Contains(t, w.view().Done, s.Kind, "it is not planned again")
	}
	require.False(t, w.mailbox().AutoReply)
	require.Empty(t, w.mailbox().Delegates)
}
