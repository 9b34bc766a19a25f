package incident

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

func (i *incident) tellSecurityOf(ctx workflow.Context, id, key, text string) error {
	message := api.Message{
		OnceKey: key, Kind: api.MessageIncident, Audience: api.AudienceSecurity, Key: i.subject(), Text: text, Lines: i.seen.Happened.Message, WorkflowID: i.id,
	}
	var posted api.Posted
	post := api.Call.SlackPost(message, &posted)
	skipped, err := i.Run(ctx, step.Step{ID: id, Activity: post, Summary: "tell security"})
	if err != nil || skipped || !i.in.Linked || posted.Timestamp == "" {
		return err
	}
	return i.link(ctx, id, posted, message)
}

// askPage bounds how long it is asked where the page is: the run does not end before.
const askPage = 10 * time.Second

// link has a message lead to the ticket and the page once both were asked for: neither holds up the message. PagerDuty deals with an
// event after it has taken it, so that there may be no page yet; the ticket has its key.
func (i *incident) link(ctx workflow.Context, id string, posted api.Posted, message api.Message) error {
	ready := func() bool {
		return i.strands.failed != nil || i.result != "" || i.pager.triggered && (i.ticket.key != "" || i.ticket.refused)
	}
	if err := workflow.Await(ctx, ready); err != nil || i.strands.failed != nil {
		return err
	}
	message.Ticket = i.ticket.key
	if i.seen.Pager != pagerNone {
		var page api.PagerUpdate
		ask := step.Step{ID: "pagerduty.status:" + id, Activity: api.Call.PagerDutyStatus(api.PagerQuery{DedupKey: i.seen.DedupKey}, &page), Summary: "where is the page?"}
		short := workflow.WithScheduleToCloseTimeout(step.Options(ctx, ask), askPage)
		if err := ask.Execute(short); err == nil {
			message.Page = page.Link
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if message.Ticket == "" && message.Page == "" {
		return nil
	}
	update := api.Call.SlackUpdate(api.MessageUpdate{Channel: posted.Channel, Timestamp: posted.Timestamp, Message: message}, nil)
	i.tolerant(ctx, step.Step{ID: id + ":links", Activity: update, Summary: "link ticket and page"})
	return nil
}
