package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// Who decides what is left open, and whom it is about.
const (
	approver   = "oskar.scott@acme.example"
	questioned = "workday-21031"
	parked     = "workday-21040"
)

// unfinished is what the stories leave for whoever looks around: a question with buttons in Slack about somebody, and a run that
// waits for a person.
type unfinished struct {
	subject string
	item    string
}

// leaveOpen makes both. Nothing but a person ends them.
func (h *house) leaveOpen(ctx context.Context) (left unfinished, err error) {
	s := &scene{house: h}
	subject, err := s.account(ctx, questioned)
	if err != nil {
		return left, err
	}
	left.subject = subject.Username
	if err := s.attack(ctx, left.subject, 5); err != nil {
		return left, err
	}
	if err := until(ctx, "Slack has a question with buttons", s.asked); err != nil {
		return left, err
	}
	left.item, err = s.park(ctx, parked)
	return left, err
}

// asked reports that a message in Slack waits for somebody to press Approve.
func (s *scene) asked(ctx context.Context) (bool, error) {
	var state struct {
		Slack struct {
			Channels []struct {
				Messages []struct {
					Blocks json.RawMessage `json:"blocks"`
				} `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
	}
	if err := s.sandbox.State(ctx, &state); err != nil {
		return false, err
	}
	for _, c := range state.Slack.Channels {
		for _, m := range c.Messages {
			if strings.Contains(string(m.Blocks), fmt.Sprintf("%q:%q", "action_id", api.VerbApprove)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// park has HR move somebody to a department that the policy does not know, and waits until the run asks what to do about it. It returns
// the question's item.
func (s *scene) park(ctx context.Context, key string) (item string, err error) {
	if err := s.change(ctx, key, "change", control.Fields{"department": "Research"}); err != nil {
		return "", err
	}
	if err := s.hint(ctx, key); err != nil {
		return "", err
	}
	err = until(ctx, key+" waits for a person", func(ctx context.Context) (bool, error) {
		var state api.State
		value, err := s.app.Temporal.QueryWorkflow(ctx, api.PersonID(key), "", api.QueryState)
		if err != nil {
			return false, nil //nolint:nilerr // the run may be between two of its chain
		}
		if err := value.Get(&state); err != nil || state.Stage != api.StageAttention {
			return false, err
		}
		item = state.Attention[0].Item
		return true, nil
	})
	return item, err
}
