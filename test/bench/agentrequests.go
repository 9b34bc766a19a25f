package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// handleRate is how many requests a second agents file, for handleFor.
	handleRate = 20
	handleFor  = 10 * time.Second
	handleTool = "assign_role"
	handleRole = "Zendesk"
)

// requestFigures measures how long an agent waits for the handle of a request that it files, beside what Temporal alone takes to start
// a run. Requests come at a fixed rate, whether or not those before are answered; a rule allows them, so that people's runs give the
// role meanwhile.
func (s *stack) requestFigures(ctx context.Context, o options, d *helpdesk, people []employee, r *report) error {
	listed, err := d.ask(ctx, 0, "tools/list", "", map[string]any{})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(listed.Tools, func(t struct{ Name string }) bool { return t.Name == handleTool }) {
		progress("agent_request_handle_p99_ms is not measured: the server has no tool %s", handleTool)
		return nil
	}
	alone, err := s.temporalAlone(ctx, warmUps)
	if err != nil {
		return err
	}
	n := int(handleFor.Seconds()) * handleRate
	if o.quick {
		n = 2 * handleRate
	}
	if len(people) < n {
		return fmt.Errorf("requests about %d people: there are %d", n, len(people))
	}
	progress("%d requests of agents, %d a second", n, handleRate)
	took, errs := make(durations, n), make([]error, n)
	tick := time.NewTicker(time.Second / handleRate)
	defer tick.Stop()
	var group sync.WaitGroup
	for i := range n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		group.Go(func() {
			took[i], errs[i] = d.call(ctx, i%benchAgents, handleTool, map[string]any{
				"user": people[i].key(), "role": handleRole, "request_id": fmt.Sprintf("bench-%d", i), "reason": "the bench asks", "execute": true,
			})
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.add(figure{
		key: "agent_request_handle_p99_ms", what: fmt.Sprintf("agent's request to its handle, %d a second, p99", handleRate), unit: "ms",
		is: milliseconds(took.percentile(99)), note: fmt.Sprintf("%d requests, each filed, its run started and carried out meanwhile; p50 %s ms; an empty run alone takes %s ms to "+
			"its first activity, p99 %s ms", n, number(milliseconds(took.percentile(50))), number(milliseconds(alone.percentile(50))), number(milliseconds(alone.percentile(99)))),
	})
	return nil
}
