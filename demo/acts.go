package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// poll has the source's schedule fire now and waits for the run it starts.
func (s *scene) poll(ctx context.Context, source string) (api.SyncOutcome, error) {
	handle := s.app.Temporal.ScheduleClient().GetHandle(ctx, "hr-sync-"+source)
	before, err := s.fired(ctx, handle)
	if err != nil {
		return api.SyncOutcome{}, err
	}
	if err := handle.Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
		return api.SyncOutcome{}, fmt.Errorf("trigger the poll of %s: %w", source, err)
	}
	var run string
	if err := until(ctx, "the poll of "+source+" has started", func(ctx context.Context) (bool, error) {
		now, err := s.fired(ctx, handle)
		run = now
		return now != before, err
	}); err != nil {
		return api.SyncOutcome{}, err
	}
	id, runID, _ := strings.Cut(run, "\n")
	var out api.SyncOutcome
	if err := s.app.Temporal.GetWorkflow(ctx, id, runID).Get(ctx, &out); err != nil {
		return out, fmt.Errorf("the poll of %s: %w", source, err)
	}
	return out, nil
}

// fired names the newest run of a schedule.
func (s *scene) fired(ctx context.Context, handle client.ScheduleHandle) (string, error) {
	d, err := handle.Describe(ctx)
	if err != nil {
		return "", fmt.Errorf("read the schedule: %w", err)
	}
	recent := d.Info.RecentActions
	if len(recent) == 0 || recent[len(recent)-1].StartWorkflowResult == nil {
		return "", nil
	}
	last := recent[len(recent)-1].StartWorkflowResult
	return last.WorkflowID + "\n" + last.FirstExecutionRunID, nil
}

// hint has Gatehouse look at a person, as a webhook would.
func (s *scene) hint(ctx context.Context, key string) error {
	source, _, _ := strings.Cut(key, "-")
	_, err := s.app.Launch.Send(ctx, key, api.Hint{Source: source, Cause: "webhook"})
	return err
}

// change has HR change a record without a webhook.
func (s *scene) change(ctx context.Context, key, action string, fields control.Fields) error {
	source, id, _ := strings.Cut(key, "-")
	_, err := s.sandbox.HR(ctx, source, action, id, fields, true)
	return err
}

// webhook delivers one signed BambooHR webhook with a timestamp some minutes past.
func (s *scene) webhook(ctx context.Context, employee string, minutes int) error {
	at := time.Now().Add(-time.Duration(minutes) * time.Minute)
	body, err := json.Marshal(map[string]any{
		"type": "employee.updated", "timestamp": at.UTC().Format("2006-01-02T15:04:05-0700"),
		"data": map[string]any{"companyId": "1", "employeeId": employee, "changedFields": []string{"status"}},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.gateway+"/webhooks/bamboohr", bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range control.BambooHRHeaders(s.app.Config.Gateway.BambooHRKeys[0].Reveal(), body, at) {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("deliver a webhook: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("the gateway answered a webhook with HTTP %d", resp.StatusCode)
	}
	return nil
}

// onboarded hires somebody who starts today and waits until they can sign in.
func (s *scene) onboarded(ctx context.Context, fields control.Fields) (string, error) {
	id, err := s.sandbox.Hire(ctx, identity.SourceWorkday, fields)
	if err != nil {
		return "", err
	}
	key := "workday-" + id
	if err := s.hint(ctx, key); err != nil {
		return "", err
	}
	return key, s.ends(ctx, key, "can sign in")
}

// ends waits until a chain rests and holds it to its result.
func (s *scene) ends(ctx context.Context, key, want string) error {
	return s.endsAs(ctx, key, "", want)
}

// endsAs is ends for the chain of one run, which may end in one of several ways.
func (s *scene) endsAs(ctx context.Context, key, run string, want ...string) error {
	out, err := s.outcomeOf(ctx, key, run)
	if err != nil {
		return err
	}
	if !slices.Contains(want, out.Result) {
		return fmt.Errorf("%s ended with %q, wanted %q", api.PersonID(key), out.Result, want)
	}
	text := out.Template + " completed: " + out.Result
	if out.Ticket != "" {
		text += ", ticket " + out.Ticket
	}
	s.end(api.PersonID(key), text)
	return nil
}

// waits waits until a person's run waits for its next moment, and returns that.
func (s *scene) waits(ctx context.Context, key string) (string, error) {
	var state api.State
	err := until(ctx, key+" waits", func(ctx context.Context) (bool, error) {
		value, err := s.app.Temporal.QueryWorkflow(ctx, api.PersonID(key), "", api.QueryState)
		if err != nil {
			return false, nil //nolint:nilerr // the run may be between two of its chain
		}
		if err := value.Get(&state); err != nil {
			return false, err
		}
		return state.Stage == api.StageWaiting, nil
	})
	return state.Due.Format("2 January 15:04 MST"), err
}

// suspended asks whether a person's account is suspended.
func (s *scene) suspended(key string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		p, err := s.account(ctx, key)
		return p.Status == int(identity.AccountSuspended), err
	}
}

// signsIn has a person try to sign in and holds OneLogin to the answer.
func (s *scene) signsIn(ctx context.Context, username string, want bool) error {
	ok, reason, err := s.sandbox.SignIn(ctx, username)
	if err != nil {
		return err
	}
	if ok != want {
		return fmt.Errorf("%s signing in: got %v (%s), wanted %v", username, ok, reason, want)
	}
	if ok {
		s.say("%s signs in", username)
	} else {
		s.say("%s tries to sign in: %s", username, reason)
	}
	return nil
}

// shut holds an account to giving no access at all.
func (s *scene) shut(ctx context.Context, key string) error {
	p, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	if p.Status != int(identity.AccountSuspended) || len(p.Roles) > 0 || len(p.Sessions) > 0 {
		return errors.New("the account still gives access")
	}
	s.say("%s: suspended, no role, no session left", p.Username)
	return nil
}

// effects counts what was changed since a mark, messages by channel.
func (s *scene) effects(ctx context.Context, mark uint64) (map[string]int, error) {
	entries, err := s.sandbox.Journal(ctx, mark, true)
	if err != nil {
		return nil, err
	}
	made := map[string]int{}
	for _, e := range entries {
		made[e.Op]++
		made[e.Op+" "+strings.TrimPrefix(e.Subject, "channel:")]++
	}
	return made, nil
}
