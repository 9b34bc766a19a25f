package workspace_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/sandbox/control"
)

// TestALeaverIsLockedAndThenSuspended: an administrator who granted apps, made passwords of programs and left ways back is out by
// none of them, while the mailbox answers and somebody else reads it. The order is that of a departure, and each step is done twice.
func TestALeaverIsLockedAndThenSuspended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, in, ctx := b.target(), target.Write{ID: b.usual}, t.Context()
	boss := b.external("workday-21005")
	for _, did := range [][2]string{
		{"grant", "crm"},
		{"grant", "notes"},
		{"app_password", "printer"},
		{"codes", ""},
		{"recovery", "me@home.example"},
		{"role", "1"},
		{"role", "3"},
		{"own_password", ""},
		{"sign_in", ""},
		{"forward", "me@home.example"},
	} {
		b.hand(did[0], b.usual, did[1])
	}
	steps := []func() error{
		func() error { return c.ResetPassword(ctx, target.ResetRequest{Write: in}) },
		func() error { return c.EndSessions(ctx, in) },
		func() error { _, err := c.RevokeGrants(ctx, in); return err },
		func() error { _, err := c.EndForwarding(ctx, in); return err },
		func() error { _, err := c.Demote(ctx, in); return err },
		func() error {
			return c.SetAutoReply(ctx, target.AutoReplyRequest{Write: in, Subject: "No longer here", Text: "Please write to my team."})
		},
		func() error { return c.Delegate(ctx, target.HandoverRequest{Write: in, To: boss}) },
		func() error { return c.Remove(ctx, target.RemoveRequest{Write: in, From: b.user(b.usual).GroupIDs}) },
		func() error { _, err := c.Transfer(ctx, target.HandoverRequest{Write: in, To: boss}); return err },
	}
	for _, step := range steps {
		require.NoError(t, step())
		require.NoError(t, step())
	}
	u := b.user(b.usual)
	require.False(t, u.OwnPassword)
	require.Zero(t, u.Sessions+len(u.Apps)+len(u.AppPasswords)+u.Codes+len(u.Roles)+len(u.Groups)+len(u.RecoveryEmail)+len(u.RecoveryPhone))
	_, err := b.sandbox.GoogleHand(ctx, control.GoogleOrder{Do: "recover", User: b.usual})
	require.Error(t, err, "nobody comes back by the address for recovery")
	require.True(t, u.CanSignIn, "the mailbox is open")
	d := b.directory()
	require.Len(t, d.Mailboxes, 1)
	require.True(t, d.Mailboxes[0].AutoReply)
	require.Empty(t, d.Mailboxes[0].Forwarded)
	require.Equal(t, []string{b.user(boss).Email}, d.Mailboxes[0].Delegates)
	require.Len(t, d.Transfers, 1)

	for range 2 {
		_, err = c.Suspend(ctx, in)
		require.NoError(t, err)
	}
	require.False(t, b.user(b.usual).CanSignIn)
	b.fails(c.Delegate(ctx, target.HandoverRequest{Write: in, To: b.protected}), connectors.KindInvalid)
	_, err = c.RevokeGrants(ctx, in)
	require.NoError(t, err, "what is left can be taken away later too")
}

// TestTheWrongOrderLeavesAWayBack says why recovery goes before the rest of what is revoked.
func TestTheWrongOrderLeavesAWayBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hand("recovery", b.usual, "me@home.example")
	require.NoError(t, b.target().ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.usual}}))
	b.hand("recover", b.usual, "")
	require.True(t, b.user(b.usual).OwnPassword, "a password alone locks nobody out")
}
