package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// inSystems is what somebody has beside OneLogin, as each system shows it, and how many effects a person would notice twice.
func inSystems(s *kit.Stack, email string) string {
	s.T.Helper()
	google, users := s.Google(), 0
	mailbox := *google.User(email)
	slices.Sort(mailbox.Groups)
	crm, err := s.Sandbox.CRM(s.T.Context())
	require.NoError(s.T, err)
	var user control.CRMUser
	for _, u := range crm.Users {
		if u.Email == email {
			user, users = u, users+1
		}
	}
	entry := s.Entry(email)
	return fmt.Sprintln(len(google.Users), len(google.Transfers), mailbox.Unit, mailbox.Groups, mailbox.Licences, mailbox.Suspended, mailbox.OwnPassword,
		mailbox.Sessions, users, user.Active, user.Frozen, user.Sets, entry["pwdaccountlockedtime"], entry["title"], s.InGroup(email, "Sales"),
		s.InGroup(email, "Engineering"), google.Mailboxes)
}

// TestResetRepeatsNothingInAnySystem resets every run of a chain with systems beside OneLogin to each of its completed workflow tasks.
func TestResetRepeatsNothingInAnySystem(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(s *kit.Stack) (key, email string){
		"hire": func(s *kit.Stack) (string, string) {
			key := s.Hire("workday", engineer("Nadia", "Petrova", "today"))
			s.Hint(key, "hire")
			return key, ""
		},
		"termination": func(s *kit.Stack) (string, string) {
			key, account := salesperson(s)
			s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			s.Hint(key, "termination")
			return key, account.Email
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.WithSystems(t)
			key, email := story(s)
			require.NotEmpty(t, s.Outcome(key).Result)
			if email == "" {
				email = s.Account(key).Email
			}
			before, once := inSystems(s, email), s.Effects(0, onceOnly...)
			points := resetPoints(s, key)
			require.NotEmpty(t, points)
			for _, p := range points {
				_, err := s.Temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
					Namespace: s.Namespace, WorkflowExecution: p.run, WorkflowTaskFinishEventId: p.event, Reason: "test", RequestId: uuid.NewString(),
				})
				require.NoError(t, err)
				s.Outcome(key)
				require.Equal(t, before, inSystems(s, email), "after a reset to event %d of %s", p.event, p.run)
				require.Equal(t, once, s.Effects(0, onceOnly...), "after a reset to event %d of %s", p.event, p.run)
			}
			t.Logf("%d resets", len(points))
		})
	}
}
