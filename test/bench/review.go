package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

const (
	// reviewApps is how many apps the reviewed tenants have, the company's usual ones included.
	reviewApps    = 200
	reviewOurs    = 21
	reviewTimeout = 10 * time.Minute
	// The aims are for 10,000 users.
	targetReviewCalls  = 1500
	targetReviewMemory = 300 // MB
)

// reviewFigures measures whole access reviews of tenants of several sizes, each on a stack of its own.
func reviewFigures(ctx context.Context, e engine, o options, dir string, r *report) error {
	sizes := []struct {
		name   string
		people int
	}{{"1k", 1_000}, {"10k", 10_000}, {"50k", 50_000}}
	if o.quick {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		o.tenant, o.apps = size.people, reviewApps-reviewOurs
		progress("review of %d users: %s", size.people, e.name)
		s, err := raise(ctx, e, apart, o, filepath.Join(dir, "review-"+size.name))
		if err != nil {
			return fmt.Errorf("review of %d users: %w", size.people, err)
		}
		err = s.review(ctx, size.name, size.people, o, filepath.Join(dir, "review-"+size.name), r)
		if err = errors.Join(err, s.close()); err != nil {
			return fmt.Errorf("review of %d users: %w", size.people, err)
		}
	}
	return nil
}

// review makes one review and adds what it took. The worker is a fresh one, so that its memory is the review's and not
// that of the first reading of HR.
// Long because it measures one review from start to end.
func (s *stack) review(ctx context.Context, name string, people int, o options, dir string, r *report) error {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	if err := s.worker.stop(syscall.SIGTERM); err != nil {
		return err
	}
	worker, err := s.start(spec{name: "reviewer", dir: dir, path: filepath.Join(o.bin, "worker"), args: s.workerArgs, env: s.workerEnv})
	if err != nil {
		return err
	}
	s.worker = worker
	mark, err := s.sandbox.Mark(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: api.ReviewID("2026-11"), TaskQueue: api.QueueSweep,
	}, api.TypeAccessReview, api.ReviewRequest{Campaign: "2026-11", Own: true})
	if err != nil {
		return fmt.Errorf("start the review: %w", err)
	}
	var out api.ReviewOutcome
	if err := run.Get(ctx, &out); err != nil {
		return fmt.Errorf("carry out the review: %w", err)
	}
	took := time.Since(began)
	held, measured := s.worker.memory()
	entries, err := s.sandbox.Journal(ctx, mark, false)
	if err != nil {
		return err
	}
	calls := map[string]int{}
	for _, entry := range entries {
		calls[entry.System]++
	}
	figures := []figure{
		{
			key: "review_" + name + "_onelogin_calls", what: fmt.Sprintf("review of %d users, %d apps: OneLogin calls", people, reviewApps), unit: "calls",
			is: float64(calls["onelogin"]), note: fmt.Sprintf("and %d of Google; %d rows, %d findings, %d e-mails to managers", calls["google"],
				out.Snapshot.Access, out.Snapshot.Findings, out.Mailed.Managers),
		},
		{
			key: "review_" + name + "_seconds", what: "from start to the last e-mail", unit: "s", is: took.Seconds(),
			note: "Sheets at Google's own 60 writes a minute, on the machine's clock; OneLogin's hourly quota is raised",
		},
	}
	if measured {
		figures = append(figures, figure{
			key: "review_" + name + "_rss_mb", what: "memory of the worker", unit: "MB", is: held.peak,
			note: "peak of a worker that did nothing else",
		})
	}
	if name == "10k" {
		figures[0].most = targetReviewCalls
		figures[len(figures)-1].most = targetReviewMemory
	}
	for _, f := range figures {
		r.add(f)
	}
	return nil
}
