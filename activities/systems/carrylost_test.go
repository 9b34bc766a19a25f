package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// inMailbox are the steps of a departure that set something in a mailbox, with the path by which they do.
func (w *works) inMailbox() map[string]identity.SystemStep {
	return map[string]identity.SystemStep{
		"/gmail/v1/users/*/settings/vacation":  {Kind: identity.SystemAutoReply, Subject: "Gone", Text: "I have left."},
		"/gmail/v1/users/*/settings/delegates": {Kind: identity.SystemDelegate, To: w.other().ID},
	}
}

// TestWhatWasSetIsUndoneWhereTheAnswerIsLost: the departure has it still to do, and whoever is back has it undone.
func TestWhatWasSetIsUndoneWhereTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	for path, s := range w.inMailbox() {
		for _, method := range []string{"PUT", "POST"} {
			w.fault(control.Fault{Method: method, Path: path, When: "after", Style: "drop", Times: -1})
		}
		_, err := w.s.Carry(t.Context(), w.leaving(s))
		require.Error(t, err)
		require.NotContains(t, w.view().Done, s.Kind, "nobody knows that it is done")
	}
	box := w.mailbox()
	require.True(t, box.AutoReply)
	require.NotEmpty(t, box.Delegates)
	w.open()
	departure := w.view().Departure
	require.Contains(t, departure.Done, identity.SystemAutoReply)
	require.Equal(t, []string{w.other().ID}, departure.Delegates)

	require.NoError(t, w.sandbox.ClearFaults(t.Context()))
	w.carry(w.order(identity.SystemStep{Kind: identity.SystemEndReply}))
	w.carry(w.order(identity.SystemStep{Kind: identity.SystemUndelegate, To: w.other().ID}))
	box = w.mailbox()
	require.False(t, box.AutoReply)
	require.Empty(t, box.Delegates)
	require.Nil(t, w.view().Departure)
}

// TestWhatIsRefusedIsNotUndone: nothing was set, and nobody is asked about taking it back.
func TestWhatIsRefusedIsNotUndone(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	for path, s := range w.inMailbox() {
		for _, method := range []string{"PUT", "POST"} {
			w.refuses(method, path, 1)
		}
		_, err := w.s.Carry(t.Context(), w.leaving(s))
		require.Error(t, err)
		require.Nil(t, w.view().Departure)
	}
}
