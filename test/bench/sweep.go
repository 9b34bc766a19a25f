package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

const (
	// sweptAccounts is how many accounts the swept tenant has.
	sweptAccounts = 50_000
	sweepTimeout  = 10 * time.Minute
	// sweptRuns bounds the terminations that are measured beside a sweep.
	sweptRuns = 100
	// apartByNoise is how much of the figure without a sweep the one with it may differ.
	apartByNoise = 2
)

// sweepFigures measures leavers while the first sweep of a large tenant writes every account into the ledger: the inventory
// must not hold up a containment.
func sweepFigures(ctx context.Context, e engine, o options, dir string, r *report) error {
	o.tenant = sweptAccounts
	runs := min(o.runs, sweptRuns)
	if o.quick {
		o.tenant = o.people() * 2
	}
	progress("sweep of %d accounts: %s", o.tenant, e.name)
	s, err := raise(ctx, e, together, o, filepath.Join(dir, "sweep"))
	if err != nil {
		return err
	}
	err = s.sweep(ctx, runs, o.tenant, r)
	return errors.Join(err, s.close())
}

func (s *stack) sweep(ctx context.Context, runs, tenant int, r *report) error {
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	if _, err := s.warmUp(ctx); err != nil {
		return err
	}
	quiet, _, err := s.suspendSome(ctx, runs)
	if err != nil {
		return err
	}
	mark, err := s.sandbox.Mark(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	run, err := s.startSweep(ctx)
	if err != nil {
		return err
	}
	swept := make(chan sweepEnd, 1)
	go func() {
		var out api.AccountSweepOutcome
		err := run.Get(ctx, &out)
		swept <- sweepEnd{out, time.Since(began), err}
	}()
	during, end, err := s.leaveDuring(ctx, runs, swept)
	if err != nil {
		return err
	}
	entries, err := s.sandbox.Journal(ctx, mark, false)
	if err != nil {
		return err
	}
	calls := 0
	for _, entry := range entries {
		if entry.Op == "onelogin.list_users" || entry.Op == "onelogin.list_role_users" {
			calls++
		}
	}
	r.add(figure{
		key: "contain_during_sweep_p99_ms", what: fmt.Sprintf("webhook to suspended while %d accounts are swept, p99", tenant), unit: "ms",
		is: milliseconds(during.percentile(99)), most: max(targetP99, apartByNoise*milliseconds(quiet.percentile(99))),
		note: fmt.Sprintf("%d leavers; p50 %s ms; without a sweep p50 %s and p99 %s ms on the same stack", len(during),
			number(milliseconds(during.percentile(50))), number(milliseconds(quiet.percentile(50))), number(milliseconds(quiet.percentile(99)))),
	})
	r.add(figure{
		key: "sweep_50k_seconds", what: fmt.Sprintf("first sweep of %d accounts beside it", tenant), unit: "s", is: end.took.Seconds(),
		note: fmt.Sprintf("%s; %d pages of users and role members; OneLogin's hourly quota is raised", end.out.Result, calls),
	})
	return nil
}

// sweepEnd is how a sweep ended.
type sweepEnd struct {
	out  api.AccountSweepOutcome
	took time.Duration
	err  error
}

func (s *stack) startSweep(ctx context.Context) (client.WorkflowRun, error) {
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: api.AccountSweepID, TaskQueue: api.QueueSweep,
	}, api.TypeAccountSweep, api.AccountSweepRequest{Full: true})
	if err != nil {
		return nil, fmt.Errorf("start a sweep of accounts: %w", err)
	}
	return run, nil
}

// leaveDuring has people leave one after the other for as long as the sweep goes on, and returns when both are over. Those
// who leave after its end do not count.
func (s *stack) leaveDuring(ctx context.Context, most int, swept <-chan sweepEnd) (took durations, end sweepEnd, err error) {
	people, err := s.people.take(most, sourceBambooHR)
	if err != nil {
		return nil, end, err
	}
	for _, e := range people {
		d, err := s.depart(ctx, e)
		if err != nil {
			return nil, end, fmt.Errorf("%s leaves during a sweep: %w", e.key(), err)
		}
		select {
		case end = <-swept:
			if end.err == nil && len(took) == 0 {
				end.err = errors.New("the sweep was over before anybody had left")
			}
			return took, end, end.err
		default:
			took = append(took, d.suspended)
		}
	}
	select {
	case end = <-swept:
		return took, end, end.err
	case <-ctx.Done():
		return nil, end, ctx.Err()
	}
}
