package main

import (
	"context"
	"fmt"

	"gatehouse/activities/api"
)

// sweep reads a system beside OneLogin whole.
func (s *scene) sweep(ctx context.Context, system string) error {
	id, err := s.app.Launch.SystemSweep(ctx, api.SystemSweepRequest{System: system, Full: true})
	if err != nil {
		return err
	}
	var out api.SystemSweepOutcome
	if err := s.app.Temporal.GetWorkflow(ctx, id, "").Get(ctx, &out); err != nil {
		return fmt.Errorf("the reading of %s: %w", system, err)
	}
	if !out.Swept.Complete {
		return fmt.Errorf("the reading of %s: %s", system, out.Result)
	}
	s.say("%s: %d accounts read", system, out.Swept.Seen)
	return nil
}
