package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/sandbox/control"
)

// TestAMailboxIsTakenBackWhateverBecameOfItsHeir: the mailbox lists an address. One "not found" of the heir's account, or an account that was
// made again under its address, left the manager with the mail of whoever was back, and nobody knew.
func TestAMailboxIsTakenBackWhateverBecameOfItsHeir(t *testing.T) {
	t.Parallel()
	const delegates = "/gmail/v1/users/*/settings/delegates"
	for name, becomes := range map[string]func(w *works, heir control.GoogleUser){
		"hidden": func(w *works, heir control.GoogleUser) {
			w.fault(control.Fault{Method: "GET", Path: "/admin/directory/v1/users/" + heir.ID, Times: -1, Status: 404})
		},
		"deleted": func(w *works, heir control.GoogleUser) { w.hand("delete", heir.ID, "") },
		"made again": func(w *works, heir control.GoogleUser) {
			w.hand("delete", heir.ID, "")
			require.NotEqual(w.t, heir.ID, w.byHand(control.GooglePerson{Email: heir.Email}))
		},
		"deleted, and given the mailbox by a version that kept no address": func(w *works, heir control.GoogleUser) {
			w.seen(heir.ID)
			require.NoError(w.t, w.l.Systems().NoteEnded(w.t.Context(), identity.Ref{System: google, ID: w.user}, ledgersystems.Ended{
				Key: ada, Episode: 1, Step: identity.SystemDelegate, At: w.now(), To: heir.ID,
			}))
			w.hand("delete", heir.ID, "")
		},
		"left out of one list": func(w *works, _ control.GoogleUser) {
			w.fault(control.Fault{Method: "GET", Path: delegates, Style: "status", Status: 200, ContentType: "application/json", Body: "{}", Times: 1})
		},
		"not found when they are taken off": func(w *works, _ control.GoogleUser) {
			w.fault(control.Fault{Method: "DELETE", Path: delegates + "/*", Times: 1, Status: 404})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			heir := w.other()
			w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemDelegate, To: heir.ID}))
			require.Equal(t, []string{heir.Email}, w.mailbox().Delegates)
			becomes(w, heir)
			w.carry(w.order(identity.SystemStep{Kind: identity.SystemUndelegate, To: heir.ID}))
			require.Empty(t, w.mailbox().Delegates)
			require.Nil(t, w.view().Departure)
		})
	}
}

// TestAnHeirOfWhomNothingIsKnown is no reason to take anybody else off the mailbox's delegates, and somebody is told.
func TestAnHeirOfWhomNothingIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	heir := w.other()
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemDelegate, To: heir.ID}))
	state := w.carry(w.order(identity.SystemStep{Kind: identity.SystemUndelegate, To: "100000000000000000117"}))
	require.Len(t, state.Left, 1)
	require.Contains(t, state.Left[0], "account 100000000000000000117")
	require.Equal(t, []string{heir.Email}, w.mailbox().Delegates)
}
