package attention

import (
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
)

// pressable are the answers that one press is enough for. What ends, gives or frees access needs a reason, and so a command.
var pressable = []api.Button{button(api.VerbRetry, ""), button(api.VerbSkip, ""), button(api.VerbReject, "danger")}

// offer puts buttons under a message about an item, where the policy names somebody who may press them: to take it and, where one
// question waits because of it, to answer that.
func (k *Keeper) offer(ctx context.Context, m *api.Message, item worklist.Item) error {
	if !k.o.Judge.Presses() {
		return nil
	}
	var q decider.Question
	if item.TakenAt.IsZero() {
		m.Buttons = append(m.Buttons, button(policies.WordTake, "primary"))
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
	m, err := message(p.Item, false, k.o.Clock())
	if err != nil {
		return err
	}
	u := api.MessageUpdate{Channel: p.Channel, Timestamp: p.Timestamp, Message: m}
	open := p.Item.ClosedAt.IsZero() && p.Item.Accepted == nil
	if open {
		u.Unverified = p.Item.TakenWord == ""
		if err := k.offer(ctx, &u.Message, p.Item); err != nil {
			return err
		}
	}
	if u.Outcome, err = outcome(p.Item); err != nil {
		return err
	}
	if _, err := k.o.Update(ctx, u); err != nil {
		return err
	}
	return k.o.Ledger.Worklist().SettledPost(ctx, p, open && len(u.Message.Buttons) > 0)
}

// outcome says what became of an item.
func outcome(i worklist.Item) (string, error) {
	v := view{Closed: !i.ClosedAt.IsZero(), By: i.TakenBy}
	if i.Accepted != nil {
		v.Until, v.By = i.Accepted.Until.UTC().Format(time.DateOnly), i.Accepted.By
	}
	return texts.First("outcome", v)
}
