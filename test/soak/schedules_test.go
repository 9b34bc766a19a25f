package soak

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// How often what a schedule starts is started. Temporal's own schedules know no other time than the machine's.
const (
	pollEvery  = 6 * time.Hour
	sweepEvery = 24 * time.Hour
	sweepEach  = 6 * time.Hour
	// reconcileEach is how often those who have left or are due are compared, reconcileEvery how often everybody is.
	reconcileEach  = time.Hour
	reconcileEvery = 24 * time.Hour
)

// schedule starts what schedules start, until the context ends.
func (s *soak) schedule(ctx context.Context) (wait func()) {
	var loops []chan struct{}
	for _, loop := range []struct {
		every time.Duration
		do    func(context.Context)
	}{
		{pollEvery, func(ctx context.Context) { s.poll(ctx, "workday") }},
		{pollEvery, func(ctx context.Context) { s.poll(ctx, "bamboohr") }},
		{sweepEach, s.sweep},
		{reconcileEach, func(ctx context.Context) { s.reconcile(ctx, false) }},
	} {
		done := make(chan struct{})
		loops = append(loops, done)
		go func() {
			defer close(done)
			tick := time.NewTicker(scaled(loop.every))
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					loop.do(ctx)
				}
			}
		}()
	}
	return func() {
		for _, done := range loops {
			<-done
		}
	}
}

// started starts a run and waits for its end, as long as its database lives; false if it did not end well.
func (s *soak) started(ctx context.Context, id, workflowType string, in, out any) bool {
	s.mu.Lock()
	life := s.life
	var run client.WorkflowRun
	err := context.Canceled
	if s.temporal != nil {
		run, err = s.run(id, workflowType, in)
	}
	s.mu.Unlock()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	return run.Get(ctx, out) == nil
}

// poll reads an HR source. What was entered before it began is known when it ends.
func (s *soak) poll(ctx context.Context, source string) bool {
	began := s.clock.Now()
	var out api.SyncOutcome
	if !s.started(ctx, "hr-sync-"+source, api.TypeHRSync, api.SyncRequest{Source: source, Every: pollEvery}, &out) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judge.polls++
	for _, p := range s.humans {
		for _, r := range p.records {
			if r.Source == source && r.known.IsZero() && r.entered.Before(began) {
				r.known = s.clock.Now()
			}
		}
	}
	return true
}

// sweep reads OneLogin's accounts.
func (s *soak) sweep(ctx context.Context) {
	var out api.AccountSweepOutcome
	if s.started(ctx, api.AccountSweepID, api.TypeAccountSweep, api.AccountSweepRequest{Every: sweepEvery, Each: sweepEach}, &out) {
		s.mu.Lock()
		s.judge.sweeps++
		s.mu.Unlock()
	}
}

// reconcile compares people with their accounts.
func (s *soak) reconcile(ctx context.Context, whole bool) bool {
	if !s.started(ctx, api.ReconcileID, api.TypeReconcile, api.ReconcileRequest{Every: reconcileEvery, Whole: whole}, nil) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judge.reconciles++
	return true
}
