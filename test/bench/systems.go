package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
)

const (
	// systemsPeople is how many people are followed in three systems. Those of Sales are in Salesforce as well: every seventh or so.
	systemsPeople  = 10_000
	systemsCRM     = 2_000
	systemsTimeout = 6 * time.Minute
	// unsettled is how many passes may find something to tell before one has to find nothing.
	unsettled = 4
	// The targets of the next pass.
	targetSyncNext = 60
	targetSyncMB   = 300
)

// systemsFigures measures how long everybody is followed in three systems beside OneLogin: all accounts read and compared, from nothing
// and then again where nothing has changed. The systems only observe, so that the company stays as it is.
func systemsFigures(ctx context.Context, e engine, o options, dir string, r *report) error {
	o.tenant, o.crm, o.systems, o.swept = systemsPeople, systemsCRM, "observe", true
	if o.company > 0 {
		o.tenant = o.company
	}
	if o.quick {
		o.tenant = 0
	}
	progress("%d people in three systems: %s", o.people(), e.name)
	s, err := raise(ctx, e, apart, o, filepath.Join(dir, "systems"))
	if err != nil {
		return err
	}
	return errors.Join(s.systemsFigures(ctx, o.people(), r), s.close())
}

func (s *stack) systemsFigures(ctx context.Context, people int, r *report) error {
	// Whoever left lately is hinted by the first reading of HR.
	hinted, over := context.WithTimeout(ctx, compareTimeout)
	defer over()
	if _, err := s.quiet(hinted); err != nil {
		return err
	}
	// Accounts at OneLogin are whose they are by HR, which was not known when they were read.
	if err := s.readAccounts(hinted); err != nil {
		return fmt.Errorf("find whose the accounts at OneLogin are: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, systemsTimeout)
	defer cancel()
	first, err := s.pass(ctx)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "sync_10k_first_s", what: fmt.Sprintf("%d people in three systems: everything read, and everybody's plan", people), unit: "s", is: first.took.Seconds(),
		note: first.String(),
	})
	if first.compared < people/2 || first.seen < people {
		return fmt.Errorf("the first pass has seen %d accounts and compared %d people of %d", first.seen, first.compared, people)
	}
	next, before, err := s.settled(ctx)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "sync_10k_next_s", what: "... again, where nothing has changed", unit: "s", is: next.took.Seconds(), most: targetSyncNext,
		note: fmt.Sprintf("%s; %d passes before it still found somebody to tell", next, before),
	})
	for _, system := range systemNames {
		r.add(figure{key: "sync_10k_calls_" + system, what: "... calls of " + system, is: float64(next.calls.of[system]), note: next.calls.String(system)})
	}
	r.add(figure{key: "sync_10k_writes", what: "... writes", is: float64(next.calls.writes)})
	if m, ok := s.worker.memory(); ok {
		r.add(figure{
			key: "sync_10k_worker_mb", what: "... memory of the worker at its peak, all passes and the first reading of HR included", unit: "MB", is: m.peak, most: targetSyncMB,
			note: fmt.Sprintf("%s MB after it", number(m.now)),
		})
	}
	if next.calls.writes > 0 {
		return fmt.Errorf("a pass in which nothing has changed wrote %d times: %v", next.calls.writes, next.calls.written)
	}
	return nil
}

// pass is what one reading of all systems and one comparison of everybody took.
type pass struct {
	took, read time.Duration
	each       map[string]time.Duration
	// worked is processor time of the worker's own.
	worked time.Duration
	// seen are accounts, written those that looked other than before, hinted the people who were told of that.
	seen, written, hinted int
	// compared are people, and planned those of whom something is to be done in a system.
	compared, planned int
	calls             systemCalls
}

// String is what a remark says of a pass.
func (p pass) String() string {
	text := fmt.Sprintf("read in %.1f s (", p.read.Seconds())
	for i, system := range systemNames {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %.1f", system, p.each[system].Seconds())
	}
	return fmt.Sprintf("%s), compared in %.1f s; %.1f s of processor time of the worker; %d accounts seen, %d people compared, something planned of %d, %d told",
		text, (p.took - p.read).Seconds(), p.worked.Seconds(), p.seen, p.compared, p.planned, p.hinted)
}

// pass reads all systems side by side and compares everybody then.
func (s *stack) pass(ctx context.Context) (p pass, err error) {
	p.each = map[string]time.Duration{}
	calls, err := s.countSystems(ctx)
	if err != nil {
		return p, err
	}
	before, _ := s.worker.worked()
	began := time.Now()
	swept, took := make([]api.SystemSwept, len(systemNames)), make([]time.Duration, len(systemNames))
	group, reading := errgroup.WithContext(ctx)
	for i, system := range systemNames {
		group.Go(func() (err error) {
			swept[i], err = s.sweepSystem(reading, system)
			took[i] = time.Since(began)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return p, err
	}
	p.read = time.Since(began)
	for i, system := range systemNames {
		p.each[system] = took[i]
		p.seen, p.written, p.hinted = p.seen+int(swept[i].Seen), p.written+int(swept[i].Written), p.hinted+swept[i].Hinted
	}
	out, _, err := s.compare(ctx)
	if err != nil {
		return p, err
	}
	p.took = time.Since(began)
	after, _ := s.worker.worked()
	p.worked, p.compared = after-before, out.Found.People
	for _, gap := range out.Found.Gaps {
		if gap.Kind == api.GapSystemsPlanned {
			p.planned += gap.People
		}
	}
	p.hinted += out.Hinted
	progress("a pass: %s", p)
	return p, calls.since(ctx, s, &p.calls)
}

// settled makes passes until one has nobody to tell, and returns that one and how many there were before it.
func (s *stack) settled(ctx context.Context) (p pass, before int, err error) {
	for range unsettled {
		if _, err := s.quiet(ctx); err != nil {
			return p, before, err
		}
		if p, err = s.pass(ctx); err != nil || p.hinted+p.written == 0 {
			return p, before, err
		}
		before++
	}
	return p, before, fmt.Errorf("after %d passes of a company in which nothing changes one still found %d accounts that look other than before, and told %d people",
		before, p.written, p.hinted)
}

// sweepSystem reads one system whole.
func (s *stack) sweepSystem(ctx context.Context, system string) (api.SystemSwept, error) {
	var out api.SystemSweepOutcome
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: api.SystemSweepID(system), TaskQueue: api.QueueSweep},
		api.TypeSystemSweep, api.SystemSweepRequest{System: system, Full: true})
	if err == nil {
		if err = run.Get(ctx, &out); err != nil {
			err = fmt.Errorf("%w; its run: %s", err, s.stuck(run))
		}
	}
	if err == nil && !out.Swept.Complete {
		err = fmt.Errorf("the reading was quarantined: %s", out.Result)
	}
	if err != nil {
		return out.Swept, fmt.Errorf("read the accounts of %s: %w", system, err)
	}
	return out.Swept, nil
}
