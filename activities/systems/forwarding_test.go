package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/google/workspace"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

var revoke = identity.SystemStep{Kind: identity.SystemRevokeGrants}

// TestForwardingThatMayNotBeSeen keeps nothing from being revoked, and is somebody's to look at.
func TestForwardingThatMayNotBeSeen(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	require.NoError(t, w.sandbox.Google(t.Context(), control.GoogleSettings{Scopes: workspace.Scopes}))
	w.hand("forward", w.user, "ada@home.example")
	w.hand("grant", w.user, "crm")
	for range 2 {
		state := w.carry(w.leaving(revoke))
		require.Len(t, state.Left, 1)
		require.Contains(t, state.Left[0], "forwards its mail")
		require.NotContains(t, state.Left[0], "@", "nobody is named")
		require.False(t, state.Recovery)
	}
	require.Empty(t, w.account().Apps)
	require.Contains(t, w.view().Done, identity.SystemRevokeGrants)
}

// TestAClosedMailboxForwardsNothing, so that nothing is left to look at.
func TestAClosedMailboxForwardsNothing(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
	require.Empty(t, w.carry(w.leaving(revoke)).Left)
	require.Contains(t, w.view().Done, identity.SystemRevokeGrants)
}

// TestNothingWaitsForAMailboxThatDoesNotAnswer: what was granted is gone all the same, and the next attempt knows what this one found.
func TestNothingWaitsForAMailboxThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for name, recovery := range map[string]bool{"with a way of recovery": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			w.hand("forward", w.user, "ada@home.example")
			w.hand("grant", w.user, "crm")
			if recovery {
				w.hand("recovery", w.user, "ada@home.example")
			}
			w.fault(control.Fault{Method: "PUT", Path: "/gmail/**", When: "before", Style: "status", Status: 503, Times: 1})
			_, err := w.s.Carry(t.Context(), w.leaving(revoke))
			require.Error(t, err)
			require.NotContains(t, w.view().Done, identity.SystemRevokeGrants)
			require.Empty(t, w.account().Apps)
			passwords := w.account().Passwords
			state := w.carry(w.leaving(revoke))
			require.Equal(t, recovery, state.Recovery)
			require.Equal(t, passwords, w.account().Passwords, "the first attempt has set one behind it")
			require.Empty(t, w.mailbox().Forwarded)
			require.Contains(t, w.view().Done, identity.SystemRevokeGrants)
		})
	}
}
