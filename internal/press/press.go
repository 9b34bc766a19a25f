// Package press carries presses of buttons in Slack to the runs and items that they are about, and says what whoever pressed has to know.
package press

import (
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/internal/httpx"
	"gatehouse/internal/launch"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// Presses takes presses of buttons.
type Presses struct {
	Ledger *ledger.Ledger
	Launch *launch.Launcher
	// Deciding are those who may decide, by the policy in force.
	Deciding func(context.Context) ([]policy.Decider, error)
	// Secret is what Slack signs with.
	Secret httpx.Secret
	Clock  func() time.Time
}

// Press tells a run of a press of a button, and says what whoever pressed has to know.
func (p *Presses) Press(ctx context.Context, run string, c api.Click) (answer string, err error) {
	const gone = "what it asked about is over, and no run waits for an answer any more. Nothing was decided."
	if id, is := api.ButtonsOfItem(run); is {
		return p.ofItem(ctx, id, run, c)
	}
	c.Vouch = decider.Vouch(p.Secret, run, c)
	err = p.Launch.Press(ctx, run, c)
	var refused launch.Refused
	switch {
	case errors.As(err, &refused):
		return refused.Error(), nil
	case errors.Is(err, launch.ErrNoRun):
		return gone, nil
	case errors.Is(err, launch.ErrUnanswered):
		return "no worker has answered. It may still be taken: look at the message in a moment, and press again if its buttons are still there.", nil
	case errors.Is(err, launch.ErrUnfinished):
		return "it is not known yet whether it does. Look at the message in a moment, and press again if its buttons are still there.", nil
	case errors.Is(err, launch.ErrOlder):
		c.Vouch = nil
		heard, err := p.Launch.Signal(ctx, run, api.SignalClick, c)
		if err == nil && !heard {
			return gone, nil
		}
		return "", err
	}
	return "", err
}

// ofItem takes a press of a button under a message about an item. The gateway judges it by whom the policy in force names, to tell
// whoever pressed; a worker judges it again before it counts.
func (p *Presses) ofItem(ctx context.Context, id, run string, c api.Click) (answer string, err error) {
	people, err := p.Deciding(ctx)
	if err != nil {
		return "", err
	}
	judge := &decider.Judge{People: func() []policy.Decider { return people }, Slack: p.Secret, Clock: p.Clock}
	who, err := judge.Presser(c.UserID)
	if err != nil {
		return err.Error() + " Nothing was changed.", nil
	}
	found, err := p.Ledger.Worklist().Items(ctx, worklist.ItemFilter{ID: id})
	switch {
	case err != nil:
		return "", err
	case len(found) != 1 || found[0].ID != id || !found[0].ClosedAt.IsZero():
		return "the item is closed: its cause is gone. Nothing was changed.", nil
	}
	c.Vouch = decider.Vouch(p.Secret, run, c)
	proof := &api.Proof{At: c.At, Press: &c}
	if c.Verb == policies.WordTake {
		return p.take(ctx, judge, found[0], who, proof)
	}
	return p.answer(ctx, judge, found[0], who, proof)
}

// take writes down for the workers that somebody has taken an item. The same press twice is one.
func (p *Presses) take(ctx context.Context, judge *decider.Judge, i worklist.Item, who policy.Decider, proof *api.Proof) (string, error) {
	if _, err := judge.TakenByPress(i, who.Address, decider.PressReason, *proof.Press); err != nil {
		return err.Error(), nil
	}
	word, err := decider.Said(policies.Word{About: policies.WordOfItem(i.ID), Verb: policies.WordTake, By: who.Address, Reason: decider.PressReason}, proof)
	if err != nil {
		return "", err
	}
	_, err = p.Ledger.Policies().Say(ctx, word)
	return "", err
}

// answer gives the run that waits because of an item the answer that somebody has pressed.
func (p *Presses) answer(ctx context.Context, judge *decider.Judge, i worklist.Item, who policy.Decider, proof *api.Proof) (string, error) {
	const over = "what this button asked is not open any more, or others wait by now: see `starter attention show "
	waiting, err := p.Ledger.Worklist().Holders(ctx, i.ID, 2, 0)
	if err != nil {
		return "", err
	}
	c := proof.Press
	if len(waiting) != 1 || !slices.Contains(waiting[0].Verbs, c.Verb) {
		return over + i.ID + "`. Nothing was decided.", nil
	}
	h := waiting[0]
	d := api.Decision{Verb: c.Verb, Step: h.Step, Item: h.Question, Code: h.Code, By: who.Address, Reason: decider.PressReason, Proof: proof}
	switch err := judge.Judge(h.Workflow, d); {
	case errors.Is(err, decider.ErrUnfit):
		return over + i.ID + "`. Nothing was decided.", nil
	case err != nil:
		return err.Error(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	switch err := p.Launch.Decide(ctx, h.Workflow, d); {
	case errors.Is(err, launch.ErrUnanswered), errors.Is(err, launch.ErrUnfinished):
		return "it is not known yet whether it does. Look in a moment with `starter attention show " + i.ID + "`, and press again if it still waits.", nil
	case err != nil:
		return err.Error(), nil
	}
	return "", nil
}

// answerWithin is how long a run may take to answer. It is less than the gateway gives a press.
const answerWithin = 10 * time.Second
