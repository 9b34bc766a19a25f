package replay

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// recordLeaverSystems has somebody leave who has accounts in every system.
func recordLeaverSystems(t *testing.T) {
	s := kit.WithSystems(t)
	account := s.Salespeople()[0]
	key := account.ExternalID
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "termination")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.False(t, s.CRMUser(account.Email).CanSignIn)
	requireSteps(t, write(s, leaverSystems, api.PersonID(key))[api.TypeOffboarding], "suspend@salesforce/", "suspend@ldap/", "reset_password@google/")
}

// recordLeaverRefused has somebody leave of whom one system refuses a step, until somebody has it tried again.
func recordLeaverRefused(t *testing.T) {
	s := kit.WithSystems(t)
	key := s.Salespeople()[0].ExternalID
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "salesforce", Method: "DELETE", Style: "status", Status: 400, Times: 1, ContentType: "application/json",
		Body: `[{"message":"not allowed for now","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":[]}]`,
	}))
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "termination")
	s.Until("somebody is asked about the step", func() bool {
		state, open := s.State(key)
		return open && len(state.Attention) == 1
	})
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbRetry))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	requireSteps(t, write(s, leaverRefused, api.PersonID(key))[api.TypeOffboarding], "remove_roles@salesforce/", "remove_roles:2@salesforce/", "jira.left@salesforce/")
}

// recordHireSystems has somebody begin who gets accounts in other systems.
func recordHireSystems(t *testing.T) {
	s := kit.WithSystems(t)
	key := s.Hire("workday", engineer("Ada", "Byron", "today"))
	s.Hint(key, "hire")
	require.NotEmpty(t, s.Outcome(key).Result)
	requireSteps(t, write(s, hireSystems, api.PersonID(key))[api.TypePerson], "create@google", "create@ldap")
}

// requireSteps requires that a run scheduled activities whose ids begin so.
func requireSteps(t *testing.T, g golden, beginnings ...string) {
	t.Helper()
	var ids []string
	for _, e := range g.History.GetEvents() {
		if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
			ids = append(ids, a.GetActivityId())
		}
	}
	for _, beginning := range beginnings {
		require.Contains(t, "\n"+strings.Join(ids, "\n"), "\n"+beginning, g.Name)
	}
}
