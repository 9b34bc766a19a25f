package e2e

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// onceOnly are the effects that a person would notice twice.
var onceOnly = []string{
	"onelogin.create_user", "onelogin.delete_user", "onelogin.send_invite_link", "jira.create_issue", "slack.chat.postMessage",
}

// TestResetToAnyPointRepeatsNothing resets every run of a chain to each of its completed workflow tasks, as an operator
// would after a bad deploy, and holds the tenant to having noticed nothing.
func TestResetToAnyPointRepeatsNothing(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(s *kit.Stack) (key, result string){
		"hire": func(s *kit.Stack) (string, string) {
			return onboarded(s, engineer("Ada", "Byron", "today")), "can sign in"
		},
		"termination": func(s *kit.Stack) (string, string) {
			s.HR("bamboohr-101", "terminate", control.Fields{"last_day": "today"})
			s.Hint("bamboohr-101", "webhook")
			require.Equal(t, "access ended", s.Outcome("bamboohr-101").Result)
			return "bamboohr-101", "access ended"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{})
			key, result := story(s)
			before := s.Effects(0, onceOnly...)
			account := s.Account(key)
			points := resetPoints(s, key)
			require.NotEmpty(t, points)
			for _, p := range points {
				_, err := s.Temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
					Namespace: s.Namespace, WorkflowExecution: p.run, WorkflowTaskFinishEventId: p.event,
					Reason: "test", RequestId: uuid.NewString(),
				})
				require.NoError(t, err)
				got := s.Outcome(key).Result
				require.Contains(t, []string{result, "nothing to do"}, got, "after a reset to event %d of %s", p.event, p.run)
				require.Equal(t, before, s.Effects(0, onceOnly...), "after a reset to event %d of %s", p.event, p.run)
				require.Equal(t, account.Status, s.Account(key).Status)
				require.Equal(t, account.Roles, s.Account(key).Roles)
			}
			t.Logf("%d resets", len(points))
		})
	}
}

type resetPoint struct {
	run   *commonpb.WorkflowExecution
	event int64
}

// resetPoints lists the completed workflow tasks of the runs of a chain as they are now.
func resetPoints(s *kit.Stack, key string) []resetPoint {
	s.T.Helper()
	var points []resetPoint
	s.Until("the chain shows as closed", func() bool {
		runs := s.Runs(key)
		return len(runs) > 1 && strings.HasSuffix(runs[len(runs)-1], ":Completed")
	})
	found, err := s.Temporal.ListWorkflow(s.T.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: "WorkflowId = '" + api.PersonID(key) + "'",
	})
	require.NoError(s.T, err)
	for _, e := range found.GetExecutions() {
		events := s.Temporal.GetWorkflowHistory(s.T.Context(), e.GetExecution().GetWorkflowId(), e.GetExecution().GetRunId(), false,
			enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(s.T, err)
			if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
				points = append(points, resetPoint{e.GetExecution(), event.GetEventId()})
			}
		}
	}
	return points
}
