package replay

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
	"gatehouse/workflows/step"
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

// recordMoverRefused has somebody move whom Google neither puts into another unit nor takes out of a group, until it does. The group of the
// next department comes meanwhile.
func recordMoverRefused(t *testing.T) {
	s := kit.WithSystems(t)
	account := s.Salespeople()[0]
	key := account.ExternalID
	for _, write := range []control.Fault{
		{Method: "PUT", Path: "/admin/directory/v1/users/**"},
		{Method: "PATCH", Path: "/admin/directory/v1/users/**"},
		{Method: "DELETE", Path: "/admin/directory/v1/groups/**"},
	} {
		write.System, write.Status, write.Times, write.ContentType = "google", 400, -1, "application/json"
		write.Style, write.Body = "status", `{"error":{"code":400,"message":"not for now","errors":[{"reason":"invalid","message":"not for now","domain":"global"}]}}`
		require.NoError(t, s.Sandbox.AddFault(t.Context(), write))
	}
	s.HR(key, "change", control.Fields{"department": "Engineering", "title": "Engineer"})
	s.Hint(key, "change")
	s.Until("somebody is asked about the unit and the group", func() bool {
		state, _ := s.State(key)
		return len(state.Attention) == 2
	})
	s.Until("they are in the group of the next department", func() bool {
		return slices.Contains(s.Mailbox(account.Email).Groups, "engineering@acme.example")
	})
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.Until("it is tried again, by somebody's word or by the look of the next run", func() bool {
		state, _ := s.State(key)
		return len(state.Attention) == 0 || s.App.Launch.Decide(t.Context(), api.PersonID(key), api.Decision{
			Step: state.Attention[0].Step, Verb: api.VerbRetry, By: "tester", Reason: "test",
		}) == nil
	})
	require.NotEmpty(t, s.Outcome(key).Result)
	require.NotContains(t, s.Mailbox(account.Email).Groups, "sales@acme.example")
	requireMarked(t, write(s, moverRefused, api.PersonID(key))[api.TypeRoleChange], step.ChangeProfileAside, step.ChangeRefusedAside)
}

// recordAddressTold has HR name a private address as the work address of somebody for whom systems beside OneLogin follow HR's.
func recordAddressTold(t *testing.T) {
	policy := kit.SystemsPolicy(t)
	s := kit.New(t, kit.Options{Systems: true, Policy: func(text string) string { return policy(text) + "  email: {}\n" }})
	s.Baseline()
	s.ReadSystems()
	account := s.Salespeople()[0]
	key := account.ExternalID
	s.HR(key, "change", control.Fields{"work_email": "theirs@home.example", "personal_email": "theirs@home.example"})
	s.Hint(key, "change")
	require.NotEmpty(t, s.Outcome(key).Result)
	require.Equal(t, account.Email, s.Mailbox(account.Email).Email)
	requireMarked(t, write(s, addressTold, api.PersonID(key))[api.TypePerson], step.ChangeAddressTold)
}

// requireMarked requires that a run met what versions stand behind.
func requireMarked(t *testing.T, g golden, changes ...string) {
	t.Helper()
	text := g.History.String()
	for _, change := range changes {
		require.Contains(t, text, change, g.Name)
	}
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
