package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// allowed has two people lift the protection of somebody's account, one after the other.
func allowed(s *kit.Stack, key string, account control.Person) {
	s.T.Helper()
	for _, by := range []string{"farid.obrien@acme.example", "tara.mbeki@acme.example"} {
		item := asked(s, key, account)
		require.NoError(s.T, s.App.Launch.Decide(s.T.Context(), api.PersonID(key), api.Decision{Verb: api.VerbAllow, By: by, Item: item}))
	}
}

// bare reports that an account gives nothing any more: no sign-in, no role, no factor, no session.
func bare(p control.Person) bool {
	return p.Status == 2 && len(p.Roles)+len(p.Factors)+len(p.Sessions) == 0
}

// reopens gives a protected role to an account and opens it, as somebody would by hand.
func reopens(s *kit.Stack, account control.Person) {
	s.T.Helper()
	_, err := s.Sandbox.EditAccount(s.T.Context(), account.ID, control.Fields{"status": 1, "roles": []string{"Super admin"}})
	require.NoError(s.T, err)
}

// TestCase_L03_LiftedIsAnOrdinaryDeparture: from the second word on, a protected leaver is like any other: everything goes,
// people are told, it is watched, and what comes back is taken away again without another question.
func TestCase_L03_LiftedIsAnOrdinaryDeparture(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]control.Fields{"a foreign id": {"external_id": guid}, "our key": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const key = "workday-21019"
			s, admin := protectedLeaver(t, f)
			since := s.Mark()
			allowed(s, key, admin)
			s.Until("nothing is left", func() bool { return bare(s.Of(admin.ID)) })
			s.Until("IT has a ticket", func() bool { return names(tickets(s), admin) })
			s.Until("security is told that sign-in has ended", func() bool {
				return strings.Contains(s.Messages(security), "sign-in has ended")
			})
			require.Contains(t, strings.Join(s.Effects(since, "onelogin.set_password"), " "), itoa(admin.ID))

			reopens(s, admin)
			s.Hint(key, "event")
			s.Until("what came back is gone", func() bool { return bare(s.Of(admin.ID)) })
			require.Equal(t, "access ended", s.Outcome(key).Result)

			reopens(s, admin)
			s.Hint(key, "event")
			s.Until("after the run is over as well", func() bool { return bare(s.Of(admin.ID)) })
		})
	}
}
