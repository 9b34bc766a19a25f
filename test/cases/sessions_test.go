package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_O02_SuspendedBySomebodyElse: a suspension ends no session. Whoever must be out has none, whoever it was that
// suspended the account.
func TestCase_O02_SuspendedBySomebodyElse(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	idle := func(a control.Person) control.Person {
		_, _, err := s.Sandbox.SignIn(t.Context(), a.Username)
		require.NoError(t, err)
		_, err = s.Sandbox.AgeAccount(t.Context(), a.ID, control.Fields{"status": 2, "roles": []string{}})
		require.NoError(t, err)
		require.NotEmpty(t, s.Of(a.ID).Sessions)
		return a
	}
	only, old := idle(s.Account("workday-21011")), idle(s.Second(s.Account("workday-21012"), control.Fields{"username": "old.second@acme.example"}))
	byHR := idle(s.Account("workday-21013"))
	s.Baseline()
	d := s.Desk(nil)
	for _, tt := range []struct {
		person string
		idle   control.Person
	}{{"workday-21011", only}, {"workday-21012", old}} {
		p := d.Run(offboard("--person", tt.person)...)
		require.Zero(t, p.Code, p.Err)
		require.Contains(t, p.Out, "onelogin/"+itoa(tt.idle.ID)+": suspended already when it was read")
		require.True(t, shut(s.Of(tt.idle.ID)), "account %d at the very moment at which the command says so", tt.idle.ID)
	}
	require.True(t, shut(s.Account("workday-21012")))

	leaves(s, "workday-21013")
	s.AwaitShut(byHR.ID)
	mark := s.Mark()
	tell(s, "workday-21013")
	s.Outcome("workday-21013")
	require.Empty(t, s.Effects(mark, "onelogin.logout"), "it was done, and that is known")
}
