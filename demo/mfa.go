package main

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// secondFactor has somebody without a second factor reminded, and their course end when they enrol.
func secondFactor(ctx context.Context, s *scene) error {
	key, err := s.onboarded(ctx, newcomer("Hedy", "Lamarr", "today"))
	if err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	first, err := s.scanFactors(ctx)
	if err != nil {
		return err
	}
	s.say("%d accounts can sign in, %d have no second factor; %d were read", first.Scanned.Active, first.Scanned.None, first.Scanned.Checked)
	if err := until(ctx, key+" is reminded", func(ctx context.Context) (bool, error) {
		state, _, err := s.app.Ledger.MFA().State(ctx, account.ID)
		return state.Reminders == 1, err
	}); err != nil {
		return err
	}
	s.say("%s has 14 days, and a message in Slack that says how to enrol", account.Username)
	if err := s.sandbox.Enrol(ctx, account.Username, "OneLogin Protect"); err != nil {
		return err
	}
	next, err := s.scanFactors(ctx)
	if err != nil {
		return err
	}
	s.say("the next scan read %d accounts, because OneLogin's events name who changed", next.Scanned.Checked)
	id := api.MFAGraceID(key)
	var out api.GraceOutcome
	if err := s.app.Temporal.GetWorkflow(ctx, id, "").Get(ctx, &out); err != nil {
		return fmt.Errorf("the grace period of %s: %w", key, err)
	}
	if !strings.HasPrefix(out.Result, "enrolled") {
		return fmt.Errorf("%s ended with %q", id, out.Result)
	}
	s.end(id, "MFAGrace completed: "+out.Result)
	return nil
}

// scanFactors reads who has a second factor, as the weekly schedule does.
func (s *scene) scanFactors(ctx context.Context) (api.ScanOutcome, error) {
	var out api.ScanOutcome
	run, err := s.app.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: api.MFAComplianceID, TaskQueue: api.QueueSweep, StaticSummary: "second factors, in the demo",
	}, api.TypeMFACompliance, api.ScanRequest{})
	if err != nil {
		return out, fmt.Errorf("scan second factors: %w", err)
	}
	if err := run.Get(ctx, &out); err != nil {
		return out, fmt.Errorf("scan second factors: %w", err)
	}
	return out, nil
}
