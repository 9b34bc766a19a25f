package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L20_RekeyedUnderNewAddresses: HR gives somebody hired years ago another number, a new work address and a new
// private one. Nobody gets a second account unasked, and when they leave the one that they have is not forgotten.
func TestCase_L20_RekeyedUnderNewAddresses(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{api.VerbLink, api.VerbSeparate, ""} {
		t.Run("answered: "+answer, func(t *testing.T) {
			t.Parallel()
			const old, now = "workday-21007", "workday-31007"
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			account := s.Account(old)
			require.NoError(t, s.Sandbox.Renumber(t.Context(), "21007", "31007"))
			s.HR(now, "change", control.Fields{"work_email": "somebody.new@acme.example", "personal_email": "new.private@elsewhere.example"})
			mark := s.Mark()
			s.Sync("workday")
			s.Until("it is asked about", func() bool { return waits(s, now, api.NoticePossibleDuplicate) })
			s.Hint(now, "again")
			s.Until("it is still asked about", func() bool { return waits(s, now, api.NoticePossibleDuplicate) })
			require.Empty(t, s.Effects(mark, "onelogin.create_user", "onelogin.send_invite_link"))
			if answer != "" {
				require.NoError(t, s.Decide(api.PersonID(now), answer))
			}
			switch answer {
			case api.VerbSeparate:
				s.Until("they have an account of their own", func() bool {
					_, found, err := s.Sandbox.ByExternalID(t.Context(), now)
					require.NoError(t, err)
					return found
				})
				require.True(t, s.Of(account.ID).CanSignIn)
				return
			case "":
				_, found, err := s.Sandbox.ByExternalID(t.Context(), now)
				require.NoError(t, err)
				require.False(t, found)
			}
			leaves(s, now)
			settled(s, "", account)
		})
	}
}
