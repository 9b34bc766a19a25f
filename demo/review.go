package main

import (
	"context"
	"fmt"

	"gatehouse/activities/api"
)

// accessReview reviews everybody's access, and asks for the same review twice.
func accessReview(ctx context.Context, s *scene) error {
	const campaign = "2026-11-demo"
	if _, err := s.app.Launch.Review(ctx, campaign); err != nil {
		return err
	}
	again, err := s.app.Launch.Review(ctx, campaign)
	if err != nil {
		return err
	}
	if again.Fresh {
		return fmt.Errorf("asking twice made two reviews of %s", campaign)
	}
	var out api.ReviewOutcome
	if err := s.app.Temporal.GetWorkflow(ctx, api.ReviewID(campaign), "").Get(ctx, &out); err != nil {
		return fmt.Errorf("review access: %w", err)
	}
	if out.Result != "reviewed" {
		return fmt.Errorf("the review ended with %q", out.Result)
	}
	s.say("%d accounts, %d rows, %d findings, frozen as of %s", out.Snapshot.Users, out.Snapshot.Access, out.Snapshot.Findings,
		out.Snapshot.AsOf.UTC().Format("2006-01-02 15:04 UTC"))
	s.say("a letter to compliance, %d to managers with their own people; asked for twice, made once", out.Mailed.Managers)
	s.end(api.ReviewID(campaign), "AccessReview completed: "+out.Result)
	return nil
}
