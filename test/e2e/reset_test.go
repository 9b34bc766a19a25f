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

// TestResetOfARequestRepeatsNothing resets the run of an agent's request to each of its completed workflow tasks: the ledger knows what
// became of it.
func TestResetOfARequestRepeatsNothing(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: withHelpdesk})
	s.Owns("owner@acme.example")
	key := employee(s)
	a := s.Agent(s.AgentServer(), "helpdesk")
	filed := a.Call("assign_role", map[string]any{"user": key, "role": "Zendesk", "request_id": "r", "reason": "a test", "execute": true})
	require.False(t, filed.Refused, filed.Text)
	id := requestOf(t, s)
	s.Until("a person has allowed it", func() bool { return decideAs(s, id, api.VerbAllow, "somebody@acme.example") == nil })
	require.Equal(t, "done", a.Await("r").Field("state"))
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
	before, told := s.Effects(0, "onelogin.add_roles", "onelogin.remove_roles"), s.Said("C0IT", "An agent asks")
	var points []int64
	history := s.Temporal.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	run := ""
	for history.HasNext() {
		e, err := history.Next()
		require.NoError(t, err)
		if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED {
			run = e.GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId()
		}
		if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			points = append(points, e.GetEventId())
		}
	}
	require.NotEmpty(t, points)
	for _, event := range points {
		_, err := s.Temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
			Namespace: s.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: run}, WorkflowTaskFinishEventId: event,
			Reason: "test", RequestId: uuid.NewString(),
		})
		require.NoError(t, err)
		require.NoError(t, s.Temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil), "after a reset to event %d", event)
		require.Equal(t, before, s.Effects(0, "onelogin.add_roles", "onelogin.remove_roles"), "after a reset to event %d", event)
		require.Equal(t, told, s.Said("C0IT", "An agent asks"), "after a reset to event %d", event)
	}
}
