package cases

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// protectedLeaver is somebody who has left and whose account the policy protects.
func protectedLeaver(t *testing.T, f control.Fields) (*kit.Stack, control.Person) {
	t.Helper()
	var admin control.Person
	f["roles"] = []string{"Everyone", "Super admin"}
	s := company(t, func(s *kit.Stack) { admin = s.Age("workday-21019", f) })
	leaves(s, "workday-21019")
	return s, admin
}

// TestCase_L03_ProtectedAccount: Gatehouse may not touch it by itself; security is told at once, and two people together
// can lift the protection.
func TestCase_L03_ProtectedAccount(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]control.Fields{"a foreign id": {"external_id": guid}, "our key": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, admin := protectedLeaver(t, f)
			intact := untouched(s)
			settled(s, "urgent", admin)
			intact()
			require.True(t, kit.Open(s.Of(admin.ID)))
			allow := func(by string) error {
				item := asked(s, "workday-21019", admin)
				return s.App.Launch.Decide(t.Context(), api.PersonID("workday-21019"), api.Decision{Verb: api.VerbAllow, By: by, Item: item})
			}
			require.NoError(t, allow("farid.obrien@acme.example"))
			// Repeated by the same person, it is still one person's word.
			_ = allow("farid.obrien@acme.example")
			require.Never(t, func() bool { return s.Of(admin.ID).Status != 1 }, 3*time.Second, 100*time.Millisecond, "one person is not two")
			require.NoError(t, allow("tara.mbeki@acme.example"))
			s.AwaitShut(admin.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// asked waits until a person's run asks about an account, and returns which item that is.
func asked(s *kit.Stack, key string, about control.Person) (item string) {
	s.T.Helper()
	s.Until("somebody is asked about the account", func() bool {
		state, ok := s.State(key)
		for _, a := range state.Attention {
			if strings.Contains(a.Step, itoa(about.ID)) {
				item = a.Item
			}
		}
		return ok && item != ""
	})
	return item
}
