package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

const (
	compareTimeout = 20 * time.Minute
	// The targets of a comparison of the larger company.
	targetReconcile   = 60
	targetReconcileMB = 300
)

// compared is a company that is compared with its accounts.
type compared struct {
	part, name string
	people     int
	// beside measures leavers beside the comparison as well.
	beside bool
}

var comparedCompanies = []compared{
	{part: "reconcile", name: "2k", people: 2_000},
	{part: "reconcile-50k", name: "50k", people: 50_000, beside: true},
}

// reconcileFigures measures how long everybody is compared with their accounts, and at the larger company leavers beside that:
// nobody waits for a comparison.
func reconcileFigures(ctx context.Context, e engine, o options, c compared, dir string, r *report) error {
	if o.tenant = c.people; c.beside && o.company > 0 {
		o.tenant = o.company
	}
	if o.quick {
		o.tenant = 0
	}
	o.swept = true
	people := o.people()
	progress("%d people are compared with their accounts: %s", people, e.name)
	began := time.Now()
	s, err := raise(ctx, e, together, o, filepath.Join(dir, c.part))
	if err != nil {
		return err
	}
	if c.beside {
		r.add(figure{
			key: "first_reading_" + c.name + "_s", what: fmt.Sprintf("everything started, and the first reading of %d people in HR", people), unit: "s",
			is: time.Since(began).Seconds(), note: "whoever left lately or has a date ahead is hinted",
		})
	}
	return errors.Join(s.reconcileFigures(ctx, o, people, c, r), s.close())
}

func (s *stack) reconcileFigures(ctx context.Context, o options, people int, c compared, r *report) error {
	ctx, cancel := context.WithTimeout(ctx, compareTimeout)
	defer cancel()
	// The first comparison writes down what has always been so. What counts is each day's.
	if _, _, err := s.compare(ctx); err != nil {
		return err
	}
	mark, err := s.quiet(ctx)
	if err != nil {
		return err
	}
	before, _ := s.starter.worked()
	out, took, err := s.compare(ctx)
	if err != nil {
		return err
	}
	after, _ := s.starter.worked()
	calls, err := s.sandbox.Journal(ctx, mark, false)
	if err != nil {
		return err
	}
	calls = slices.DeleteFunc(calls, func(e control.Entry) bool { return e.System != "onelogin" })
	r.add(figure{
		key: "reconcile_" + c.name + "_s", what: fmt.Sprintf("%d people compared with their accounts", people), unit: "s", is: took.Seconds(), most: targetReconcile,
		note: fmt.Sprintf("from start to end of the run, HR read in full; %s s of processor time of our own; %d compared, %d hinted",
			number((after - before).Seconds()), out.Found.People, out.Hinted),
	})
	if !c.beside {
		return nil
	}
	r.add(figure{
		key: "reconcile_50k_onelogin_calls", what: "calls of OneLogin for that", is: float64(len(calls)),
		note: "accounts come from the inventory",
	})
	if m, ok := s.starter.memory(); ok {
		r.add(figure{
			key: "reconcile_50k_rss_mb", what: "memory of the process at its peak, sweep and first reading included", unit: "MB", is: m.peak, most: targetReconcileMB,
			note: fmt.Sprintf("%s MB after it", number(m.now)),
		})
	}
	return s.leaveDuringReconcile(ctx, min(o.runs, sweptRuns), people, r)
}

// readAccounts reads every account and whose they are. Who gave which role when is of no matter here and takes many pages.
func (s *stack) readAccounts(ctx context.Context) error {
	run, err := s.startSweep(ctx)
	if err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var state api.State
		value, err := s.temporal.QueryWorkflow(ctx, run.GetID(), run.GetRunID(), api.QueryState)
		if err == nil {
			err = value.Get(&state)
		}
		if err != nil {
			return err
		}
		if state.Doing == "Reading who holds which role" || state.Stage == api.StageDone {
			return s.temporal.CancelWorkflow(ctx, run.GetID(), run.GetRunID())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// quietFor is for how long nothing may have been asked of any vendor before a comparison is measured: whoever the first
// reading has hinted is seen to by then.
const quietFor = 5 * time.Second

func (s *stack) quiet(ctx context.Context) (mark uint64, err error) {
	tick := time.NewTicker(quietFor)
	defer tick.Stop()
	for last := uint64(0); ; last = mark {
		if mark, err = s.sandbox.Mark(ctx); err != nil || mark == last {
			return mark, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("wait until the vendors are left in peace: %w", ctx.Err())
		}
	}
}

// compare compares everybody once.
func (s *stack) compare(ctx context.Context) (out api.ReconcileOutcome, took time.Duration, err error) {
	began := time.Now()
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: api.ReconcileID, TaskQueue: api.QueueSweep},
		api.TypeReconcile, api.ReconcileRequest{Whole: true})
	if err == nil {
		err = run.Get(ctx, &out)
	}
	if err != nil {
		return out, 0, fmt.Errorf("compare everybody: %w", err)
	}
	return out, time.Since(began), nil
}

// leaveDuringReconcile has people leave while everybody is compared again and again.
func (s *stack) leaveDuringReconcile(ctx context.Context, runs, people int, r *report) error {
	if _, err := s.warmUp(ctx); err != nil {
		return err
	}
	quiet, _, err := s.suspendSome(ctx, runs)
	if err != nil {
		return err
	}
	again, stop := context.WithCancel(ctx)
	var comparing sync.WaitGroup
	var failed error
	comparing.Go(func() {
		for again.Err() == nil && failed == nil {
			_, _, failed = s.compare(ctx)
		}
	})
	during, _, err := s.leaveDuring(ctx, runs, nil)
	stop()
	comparing.Wait()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	r.add(figure{
		key: "contain_during_reconcile_p99_ms", what: fmt.Sprintf("webhook to suspended while %d people are compared, p99", people), unit: "ms",
		is: milliseconds(during.percentile(99)), most: max(targetP99, apartByNoise*milliseconds(quiet.percentile(99))),
		note: fmt.Sprintf("%d leavers beside comparisons without a break; p50 %s ms; without them p50 %s and p99 %s ms on the same stack", len(during),
			number(milliseconds(during.percentile(50))), number(milliseconds(quiet.percentile(50))), number(milliseconds(quiet.percentile(99)))),
	})
	return nil
}
