package replay

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// recordWithdrawn has HR take a termination back that was carried out, and somebody allow that a role comes back which no rule gives.
func recordWithdrawn(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "    - Zendesk\n", "", "roles: [Support, Zendesk, Jira]", "roles: [Support, Jira]")
	}})
	s.Baseline()
	const key = "workday-21009"
	account := s.Account(key)
	_, err := s.Sandbox.AgeAccount(t.Context(), account.ID, control.Fields{"roles": append(account.Roles, "Zendesk")})
	require.NoError(t, err)
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	s.HR(key, "change", control.Fields{"last_day": "", "termination_date": "", "involuntary": false})
	s.Hint(key, "webhook")
	s.Until("somebody has allowed it", func() bool {
		return s.App.Launch.Decide(t.Context(), api.PersonID(key), api.Decision{Verb: api.VerbAllow, By: "tester", Code: api.NoticeRolesBack}) == nil
	})
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Contains(t, s.Of(account.ID).Roles, "Zendesk")
	write(s, terminationWithdrawn, api.PersonID(key))
}
