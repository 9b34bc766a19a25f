package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/internal/launch"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// pressItem takes a press of a button under a message about an item. The gateway judges it by whom the policy in force names, to tell
// whoever pressed; a worker judges it again before it counts.
func (a *App) pressItem(ctx context.Context, id, run string, c api.Click) (answer string, err error) {
	people, err := a.Deciding(ctx)
	if err != nil {
		return "", err
	}
	secret := a.Config.Gateway.SlackSigningSecret
	judge := &decider.Judge{People: func() []policy.Decider { return people }, Slack: secret, Clock: a.clock}
	who, err := judge.Presser(c.UserID)
	if err != nil {
		return err.Error() + " Nothing was changed.", nil
	}
	found, err := a.Ledger.Worklist().Items(ctx, worklist.ItemFilter{ID: id})
	switch {
	case err != nil:
		return "", err
	case len(found) != 1 || found[0].ID != id || !found[0].ClosedAt.IsZero():
		return "the item is closed: its cause is gone. Nothing was changed.", nil
	}
	c.Vouch = decider.Vouch(secret, run, c)
	proof := &api.Proof{At: c.At, Press: &c}
	if c.Verb == policies.WordTake {
		return a.takeByPress(ctx, judge, found[0], who, proof)
	}
	return a.answerByPress(ctx, judge, found[0], who, proof)
}

// takeByPress writes down for the workers that somebody has taken an item. The same press twice is one.
func (a *App) takeByPress(ctx context.Context, judge *decider.Judge, i worklist.Item, who policy.Decider, proof *api.Proof) (string, error) {
	if _, err := judge.TakenByPress(i, who.Address, decider.PressReason, *proof.Press); err != nil {
		return err.Error(), nil
	}
	word, err := decider.Said(policies.Word{About: policies.WordOfItem(i.ID), Verb: policies.WordTake, By: who.Address, Reason: decider.PressReason}, proof)
	if err != nil {
		return "", err
	}
	_, err = a.Ledger.Policies().Say(ctx, word)
	return "", err
}

// answerByPress gives the run that waits because of an item the answer that somebody has pressed.
func (a *App) answerByPress(ctx context.Context, judge *decider.Judge, i worklist.Item, who policy.Decider, proof *api.Proof) (string, error) {
	const over = "what this button asked is not open any more, or others wait by now: see `starter attention show "
	waiting, err := a.Ledger.Worklist().Holders(ctx, i.ID, 2, 0)
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
	ctx, cancel := context.WithTimeout(ctx, answerByPressWithin)
	defer cancel()
	switch err := a.Launch.Decide(ctx, h.Workflow, d); {
	case errors.Is(err, launch.ErrUnanswered), errors.Is(err, launch.ErrUnfinished):
		return "it is not known yet whether it does. Look in a moment with `starter attention show " + i.ID + "`, and press again if it still waits.", nil
	case err != nil:
		return err.Error(), nil
	}
	return "", nil
}

// answerByPressWithin is how long a run may take to answer. It is less than the gateway gives a press.
const answerByPressWithin = 10 * time.Second
