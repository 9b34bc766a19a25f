package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_V13_QuotaNearlySpent: OneLogin's quota is below what sweeps, and then below what runs of people leave of it. Events are read
// all the same.
func TestCase_V13_QuotaNearlySpent(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return roomy(t)(policy) + automatic }})
	s.Baseline()
	failing := called(s, "riley.orphan@acme.example")
	require.NoError(t, s.Sandbox.Quota(t.Context(), 10_000, 2_000))
	_, _, err := s.Sandbox.Events(t.Context(), control.Event{Type: 6, Usernames: []string{failing.Username}, Times: 5})
	require.NoError(t, err)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("whoever failed is suspended at a fifth of the quota", func() bool { return s.Of(failing.ID).Status == 2 })

	require.NoError(t, s.Sandbox.Quota(t.Context(), 10_000, 500))
	mark, err := s.Sandbox.Mark(t.Context())
	require.NoError(t, err)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("events are read at a twentieth", func() bool {
		calls, err := s.Sandbox.Journal(t.Context(), mark, false)
		require.NoError(t, err)
		for _, c := range calls {
			if c.System == "onelogin" && c.Path == "/api/1/events" && c.Status == 200 {
				return true
			}
		}
		return false
	})
}
