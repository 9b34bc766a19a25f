package soak

import (
	"context"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
)

// traced is how many of a person's last events are shown.
const traced = 200

// trace is what a person's runs did last, on the company's clock. It shows ids and times and no input.
func (s *soak) trace(ctx context.Context, p *human) string {
	var lines []string
	for _, key := range p.keys() {
		found, err := s.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowId = '%s'", api.PersonID(key)), PageSize: 20,
		})
		if err != nil {
			return err.Error()
		}
		all := found.GetExecutions()
		for i := len(all) - 1; i >= 0; i-- {
			e := all[i]
			lines = append(lines, fmt.Sprintf("%s %s %s", key, e.GetType().GetName(), e.GetStatus()))
			events := s.temporal.GetWorkflowHistory(ctx, e.GetExecution().GetWorkflowId(), e.GetExecution().GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for events.HasNext() {
				event, err := events.Next()
				if err != nil {
					return err.Error()
				}
				lines = append(lines, fmt.Sprintf("  %s %s%s", s.clock.At(event.GetEventTime().AsTime()).Format("2006-01-02 15:04:05"), event.GetEventType(), about(event)))
			}
		}
	}
	return strings.Join(lines[max(0, len(lines)-traced):], "\n\t")
}

// about is what an event is about, where that says something.
func about(e *historypb.HistoryEvent) string {
	switch {
	case e.GetTimerStartedEventAttributes() != nil:
		a := e.GetTimerStartedEventAttributes()
		return fmt.Sprintf(" %s for %s", a.GetTimerId(), a.GetStartToFireTimeout().AsDuration()*factor)
	case e.GetTimerFiredEventAttributes() != nil:
		return " " + e.GetTimerFiredEventAttributes().GetTimerId()
	case e.GetActivityTaskScheduledEventAttributes() != nil:
		return " " + e.GetActivityTaskScheduledEventAttributes().GetActivityId()
	case e.GetActivityTaskStartedEventAttributes() != nil:
		// Attempts before the last one are in no event of their own.
		a := e.GetActivityTaskStartedEventAttributes()
		if a.GetAttempt() < 2 {
			return ""
		}
		return fmt.Sprintf(" attempt %d, after: %.300s", a.GetAttempt(), a.GetLastFailure().GetMessage())
	case e.GetActivityTaskFailedEventAttributes() != nil:
		return " " + e.GetActivityTaskFailedEventAttributes().GetFailure().GetMessage()
	case e.GetActivityTaskTimedOutEventAttributes() != nil:
		return " " + e.GetActivityTaskTimedOutEventAttributes().GetFailure().GetMessage()
	case e.GetWorkflowTaskFailedEventAttributes() != nil:
		a := e.GetWorkflowTaskFailedEventAttributes()
		return fmt.Sprintf(" %s %.600s", a.GetCause(), a.GetFailure().GetMessage())
	case e.GetMarkerRecordedEventAttributes() != nil:
		return " " + e.GetMarkerRecordedEventAttributes().GetMarkerName()
	case e.GetWorkflowExecutionSignaledEventAttributes() != nil:
		return " " + e.GetWorkflowExecutionSignaledEventAttributes().GetSignalName()
	}
	return ""
}
