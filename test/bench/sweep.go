package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
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
	accounts := sweptAccounts
	if o.quick {
		accounts = 2 * o.people()
	}
	progress("sweep of %d accounts: %s", accounts, e.name)
	s, err := raise(ctx, e, together, o, filepath.Join(dir, "sweep"))
	if err != nil {
		return err
	}
	if err = s.populate(ctx, accounts-o.people(), o.concurrency); err == nil {
		err = s.sweep(ctx, min(o.runs, sweptRuns), accounts, r)
	}
	return errors.Join(err, s.close())
}

// populate makes accounts that nobody in HR stands behind: a company of that size has more names than the simulated one.
func (s *stack) populate(ctx context.Context, accounts, concurrency int) error {
	progress("making %d accounts", accounts)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for i := range accounts {
		group.Go(func() error {
			name := fmt.Sprintf("guest%d", i)
			_, err := s.sandbox.CreateAccount(ctx, control.Fields{
				"username": name + "@guests.example", "email": name + "@guests.example", "firstname": "Guest", "lastname": "N" + strconv.Itoa(i),
				"external_id": fmt.Sprintf("S-1-5-21-%d", i), "roles": []string{"Everyone"},
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("make %d accounts: %w", accounts, err)
	}
	return nil
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
	run, err := s.startSweep(ctx)
	if err != nil {
		return err
	}
	swept := make(chan error, 1)
	go func() { swept <- run.Get(ctx, nil) }()
	during, over, err := s.leaveDuring(ctx, runs, swept)
	if err != nil {
		return err
	}
	if !over {
		if err := s.temporal.CancelWorkflow(ctx, run.GetID(), run.GetRunID()); err != nil {
			return fmt.Errorf("end the sweep: %w", err)
		}
	}
	r.add(figure{
		key: "contain_during_sweep_p99_ms", what: fmt.Sprintf("webhook to suspended while %d accounts are swept, p99", tenant), unit: "ms",
		is: milliseconds(during.percentile(99)), most: max(targetP99, apartByNoise*milliseconds(quiet.percentile(99))),
		note: fmt.Sprintf("%d leavers beside the first sweep, which writes every account; p50 %s ms; without it p50 %s and p99 %s ms on the "+
			"same stack", len(during), number(milliseconds(during.percentile(50))), number(milliseconds(quiet.percentile(50))),
			number(milliseconds(quiet.percentile(99)))),
	})
	return nil
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

// leaveDuring has people leave one after the other for as long as the sweep goes on, and reports whether it is over.
func (s *stack) leaveDuring(ctx context.Context, most int, swept <-chan error) (took durations, over bool, err error) {
	people, err := s.people.take(most, sourceBambooHR)
	if err != nil {
		return nil, false, err
	}
	progress("%d leavers beside a sweep", most)
	for _, e := range people {
		d, err := s.depart(ctx, e)
		if err != nil {
			return nil, false, fmt.Errorf("%s leaves during a sweep: %w", e.key(), err)
		}
		select {
		case err := <-swept:
			if err == nil && len(took) == 0 {
				err = errors.New("the sweep was over before anybody had left")
			}
			return took, true, err
		default:
			took = append(took, d.suspended)
		}
	}
	return took, false, nil
}
