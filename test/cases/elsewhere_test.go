package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L06_AWordByStarterClosesTheItem: what an operator says of an account with a command answers the question that a
// run has asked about it, and is carried out.
func TestCase_L06_AWordByStarterClosesTheItem(t *testing.T) {
	t.Parallel()
	doubtful := func(s *kit.Stack, key string) control.Person {
		return s.Second(s.Account(key), control.Fields{"email": "someone-" + key + "@else.example"})
	}
	s := company(t, func(*kit.Stack) {})
	d := s.Desk(nil)
	for key, tt := range map[string]struct {
		verb string
		open bool
	}{
		"workday-21009": {"link", false}, "workday-21012": {"refuse", true},
	} {
		other := doubtful(s, key)
		leaves(s, key)
		asked(s, key, other)
		p := d.Run("account", tt.verb, "--account", itoa(other.ID), "--person", key, "--reason", "asked them", "--by", "grace")
		require.Zero(t, p.Code, p.Err)
		s.Until("nothing is asked about the account any more", func() bool {
			state, ok := s.State(key)
			for _, a := range state.Attention {
				if strings.Contains(a.Step, itoa(other.ID)) {
					return false
				}
			}
			return ok
		})
		if !tt.open {
			s.AwaitShut(other.ID)
		}
		require.Equal(t, tt.open, s.Of(other.ID).CanSignIn)
	}
	s.Outcome("workday-21009")
	s.Outcome("workday-21012")
}
