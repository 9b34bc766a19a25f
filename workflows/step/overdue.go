package step

import (
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// UntilOverdue waits for a deadline; false if there was no need to wait for it to the end.
func UntilOverdue(ctx workflow.Context, by time.Time) bool {
	timer := workflow.NewTimerWithOptions(ctx, by.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: "until the departure is overdue"})
	return timer.Get(ctx, nil) == nil
}

// AboutWords reports that an item is about a message, a ticket or a page, which holds up nobody's departure.
func AboutWords(item api.Attention) bool {
	system, _, _ := strings.Cut(item.Step, ".")
	return system == "slack" || system == "jira" || system == "pagerduty" || item.Code == api.NoticeCredentialOwner
}
