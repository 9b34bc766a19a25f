package attention

import (
	"context"
	"errors"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
)

// pressable are the answers that one press is enough for. What ends, gives or frees access needs a reason, and so a command.
var pressable = []api.Button{
	{Action: api.VerbRetry, Label: "Try again"},
	{Action: api.VerbSkip, Label: "Skip the step", Confirm: "The run goes on without this step, and nobody does it later."},
	{Action: api.VerbReject, Label: "Reject", Style: "danger", Confirm: "What is asked is not done."},
}

// offer puts buttons under a message about an item, where the policy names somebody who may press them: to take it and, where one
// question waits because of it, to answer that.
func (k *Keeper) offer(ctx context.Context, m *api.Message, item worklist.Item) error {
	if !k.o.Judge.Presses() {
		return nil
	}
	var q decider.Question
	if item.TakenAt.IsZero() {
		m.Buttons = append(m.Buttons, api.Button{Action: policies.WordTake, Label: "Take it", Style: "primary"})
	}
	if item.Holders == 1 {
		waiting, err := k.o.Ledger.Worklist().Holders(ctx, item.ID, 2, 0)
		if err != nil {
			return err
		}
		if len(waiting) == 1 && waiting[0].Question != "" && waiting[0].Code != "" {
			h := waiting[0]
			q = decider.Question{Workflow: h.Workflow, Step: h.Step, Item: h.Question, Code: h.Code}
			for _, b := range pressable {
				if slices.Contains(h.Verbs, b.Action) {
					m.Buttons = append(m.Buttons, b)
				}
			}
		}
	}
	if len(m.Buttons) > 0 {
		m.WorkflowID, m.Approval = api.ItemButtons(item.ID), decider.ItemPress(item, q)
	}
	return nil
}

// settle takes the buttons off messages about items that were taken, closed or accepted, or that are asked about something else.
func (k *Keeper) settle(ctx context.Context) error {
	posts, err := k.o.Ledger.Worklist().PostsToSettle(ctx, batch)
	if err != nil {
		return err
	}
	var failed error
	for _, p := range posts {
		failed = errors.Join(failed, k.settleOne(ctx, p))
	}
	return failed
}

func (k *Keeper) settleOne(ctx context.Context, p worklist.ItemPost) error {
	now := k.o.Clock()
	u := api.MessageUpdate{Channel: p.Channel, Timestamp: p.Timestamp, Message: message(p.Item, false, now)}
	open := false
	switch i := p.Item; {
	case !i.ClosedAt.IsZero():
		u.Outcome = "Closed: its cause is gone, or it was answered."
	case i.Accepted != nil:
		u.Outcome = "Lived with until " + i.Accepted.Until.UTC().Format("2006-01-02") + ", says " + i.Accepted.By + "."
	default:
		open, u.Outcome = true, "Taken by "+i.TakenBy+"."
		u.Unverified = i.TakenWord == ""
		if err := k.offer(ctx, &u.Message, i); err != nil {
			return err
		}
	}
	if _, err := k.o.Update(ctx, u); err != nil {
		return err
	}
	return k.o.Ledger.Worklist().SettledPost(ctx, p, open && len(u.Message.Buttons) > 0)
}
