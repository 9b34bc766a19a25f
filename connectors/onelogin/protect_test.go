package onelogin_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
)

// writes are all writes to the user with an id.
func writes(id int64) map[string]func(context.Context, *onelogin.Client) error {
	return map[string]func(context.Context, *onelogin.Client) error{
		"update": func(ctx context.Context, c *onelogin.Client) error {
			_, err := c.UpdateUser(ctx, id, onelogin.UserChange{Status: ptr(onelogin.StatusSuspended)})
			return err
		},
		"delete":       func(ctx context.Context, c *onelogin.Client) error { return c.DeleteUser(ctx, id) },
		"log out":      func(ctx context.Context, c *onelogin.Client) error { return c.LogOut(ctx, id) },
		"password":     func(ctx context.Context, c *onelogin.Client) error { return c.SetPassword(ctx, id, "x") },
		"add roles":    func(ctx context.Context, c *onelogin.Client) error { return c.AddRoles(ctx, id, []int64{7}) },
		"remove roles": func(ctx context.Context, c *onelogin.Client) error { return c.RemoveRoles(ctx, id, []int64{7}) },
		"factor":       func(ctx context.Context, c *onelogin.Client) error { return c.RemoveFactor(ctx, id, "5") },
		"unlock":       func(ctx context.Context, c *onelogin.Client) error { return c.Unlock(ctx, id) },
		"lock":         func(ctx context.Context, c *onelogin.Client) error { return c.Lock(ctx, id, 5) },
	}
}

func TestProtectedAccountIsNeverWritten(t *testing.T) {
	t.Parallel()
	for name, write := range writes(2) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t)
			c := s.start(protectBreakglass)
			for _, view := range []*onelogin.Client{c, c.For(onelogin.Containment), c.For(onelogin.Sweep)} {
				err := write(t.Context(), view)
				require.True(t, connectors.IsKind(err, connectors.KindRefused), "%v", err)
				require.ErrorContains(t, err, "rule breakglass")
			}
			for _, call := range s.calls() {
				require.Contains(t, call, "GET ", "only reads may have been sent")
			}
		})
	}
}

func TestImpossibleIDIsNeverSent(t *testing.T) {
	t.Parallel()
	for name, write := range writes(0) {
		s := newTenant(t)
		err := write(t.Context(), s.start())
		require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%s: %v", name, err)
		require.Empty(t, s.calls())
	}
}

func TestInvitationOfProtectedAccount(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start(protectBreakglass)
	err := c.SendInvite(t.Context(), "bg@example.com", "evil@example.com")
	require.True(t, connectors.IsKind(err, connectors.KindRefused), "%v", err)
}

// The price of the check: nothing if the user was read recently, one GET otherwise.
func TestVerdictIsKeptForTwoMinutes(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := newTenant(t)
	s.created = now.Now()
	c := s.start(protectBreakglass, func(o *onelogin.Options) { o.Clock = now.Now })
	suspend := func() {
		_, err := c.For(onelogin.Containment).UpdateUser(t.Context(), 1, onelogin.UserChange{Status: ptr(2)})
		require.NoError(t, err)
	}
	const get, put = "GET /api/2/users/1", `PUT /api/2/users/1 {"status":2}`
	suspend()
	require.Equal(t, []string{get, put}, s.calls(), "cold: read first")
	suspend()
	require.Equal(t, []string{put}, s.calls(), "warm: one request")
	now.add(2 * time.Minute)
	suspend()
	require.Equal(t, []string{get, put}, s.calls(), "old: read again")
	now.add(2 * time.Minute)
	_, err := c.UsersByUsername(t.Context(), "ada")
	require.NoError(t, err)
	s.calls()
	suspend()
	require.Equal(t, []string{put}, s.calls(), "a list warms as well")
}

// A list that leaves out the roles cannot say whether a role protects the user.
func TestIncompleteListEntryIsNoVerdict(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.set(func(s *tenant) { delete(s.users[1], "role_ids") })
	c := s.start(protectBreakglass)
	_, err := c.UsersByUsername(t.Context(), "ada")
	require.NoError(t, err)
	s.calls()
	_, err = c.UpdateUser(t.Context(), 1, onelogin.UserChange{Status: ptr(2)})
	require.NoError(t, err)
	require.Len(t, s.calls(), 2)
}

func TestProtectedConcurrently(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start(protectBreakglass)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			id := int64(1 + i%3)
			_, err := c.UpdateUser(t.Context(), id, onelogin.UserChange{Status: ptr(2)})
			if refused := connectors.IsKind(err, connectors.KindRefused); refused != (id == 2) || err != nil && !refused {
				t.Errorf("user %d: %v", id, err)
			}
		})
	}
	wg.Wait()
	bg, err := c.User(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, onelogin.StatusActive, bg.Status)
}
