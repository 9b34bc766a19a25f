package agentrequest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// message is the question, or a reminder of it, to an audience.
func (r *run) message(ctx workflow.Context, item api.Attention, what string, audience api.Audience) api.Message {
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	return api.Message{
		OnceKey: id + "/" + what + "/" + item.Item, Kind: api.MessageAgentRequest, Audience: audience, Key: r.judged.Key, Text: item.Text,
		Lines: r.judged.Lines, WorkflowID: id, Asked: step.Asked(item),
	}
}

// told notes that something is said about a question, and reports that it was not before.
func (r *run) told(item api.Attention, what string) bool {
	mark := what + "/" + item.Item
	if slices.Contains(r.in.Told, mark) {
		return false
	}
	r.in.Told = append(r.in.Told, mark)
	return true
}

// post asks with buttons, once for each question. Where the question stands is kept, so that its buttons go when it is answered.
func (r *run) post(ctx workflow.Context, item api.Attention) {
	if !r.told(item, "asked") {
		return
	}
	r.show(ctx, "It is asked anew below", false)
	r.in.Posted, r.said = nil, ""
	m := r.message(ctx, item, "asked", api.AudienceIT)
	m.Approval, m.Step = strings.TrimPrefix(m.WorkflowID, api.AgentRequests)+"/"+item.Item, item.Step
	confirm := "It is carried out at once: "
	if item.Two && len(item.AllowedBy) == 0 {
		confirm = "A second person has to allow it as well: "
	}
	m.Buttons = []api.Button{
		{Action: api.VerbAllow, Label: "Allow", Style: "primary", Confirm: confirm + strings.Join(item.Plan, "; ")},
		{Action: api.VerbReject, Label: "Reject", Style: "danger"},
	}
	workflow.GoNamed(ctx, "ask "+item.Item, func(ctx workflow.Context) {
		var posted api.Posted
		s := step.Step{ID: "slack.asked:" + item.Item, Activity: api.Call.SlackPost(m, &posted), Summary: "ask about the request of an agent"}
		skipped, err := r.Run(ctx, s)
		if err == nil && !skipped && posted.Timestamp != "" {
			r.in.Posted = &posted
		}
	})
}

// show takes the buttons off the question that was asked last, and says what came of it.
func (r *run) show(ctx workflow.Context, outcome string, unverified bool) {
	if r.in.Posted == nil {
		return
	}
	where := *r.in.Posted
	m := r.message(ctx, api.Attention{Text: r.question()}, "asked", api.AudienceIT)
	m.Asked, m.Lines = nil, append(slices.Clone(m.Lines), api.Line{Label: "What was asked for", Value: strings.Join(r.plan, "; ")})
	r.shows++
	r.showing++
	id := "slack.outcome:" + strconv.Itoa(r.shows) + ":" + where.Timestamp
	workflow.GoNamed(ctx, id, func(ctx workflow.Context) {
		defer func() { r.showing-- }()
		update := api.Call.SlackUpdate(api.MessageUpdate{
			Channel: where.Channel, Timestamp: where.Timestamp, Message: m, Outcome: outcome, Unverified: unverified,
		}, nil)
		s := step.Step{ID: id, Activity: update, Summary: "show the outcome"}
		if err := s.Execute(step.Options(ctx, s)); err != nil {
			workflow.GetLogger(ctx).Warn("an answered question still has its buttons", "error", err)
		}
	})
}

// shown waits a moment until the outcome is shown. A press of a button that is still there counts for nothing.
func (r *run) shown(ctx workflow.Context) error {
	if r.showing == 0 {
		return nil
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: step.Heard, TimerOptions: workflow.TimerOptions{Summary: "until the outcome is shown"},
	}, func() bool { return r.showing == 0 })
	return err
}

// remind asks once more after a while, and then tells security too. It returns when to look again.
func (r *run) remind(ctx workflow.Context, item api.Attention) (next time.Time) {
	now := workflow.Now(ctx)
	for _, each := range []struct {
		what     string
		after    time.Duration
		audience api.Audience
	}{{"reminded", remindAfter, api.AudienceIT}, {"escalated", escalateAfter, api.AudienceSecurity}} {
		if at := r.began.Add(each.after); at.After(now) {
			return at
		}
		if r.told(item, each.what) {
			m := r.message(ctx, item, each.what, each.audience)
			r.Say(api.Word{
				Step: "slack." + each.what + ":" + item.Item, Summary: "remind of the request of an agent", Template: api.TypeAgentRequest, Message: &m,
			})
		}
	}
	return r.began.Add(expireAfter)
}
