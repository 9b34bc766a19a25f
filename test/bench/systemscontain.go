package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

const (
	// besidePeople is the size of the company, and besideRuns bounds how many leave in each phase of a round. All are of Sales, so that
	// they have an account in each system.
	besidePeople  = 3_000
	besideRuns    = 40
	besideTimeout = 8 * time.Minute // For each round.
	// hanging is how long Salesforce leaves each call waiting.
	hanging = time.Minute
	// calmFor is for how long no vendor may have been asked before the next one leaves; none may have been written to where some are down,
	// because what is owed is tried again all the time.
	calmFor = 500 * time.Millisecond
)

// beside are the latencies of all rounds.
type beside struct {
	alone, plain, up, down durations
	// plains are the medians of each round without systems, ups and downs how many hundredths of those the others took.
	plains, ups, downs []float64
}

// containFigures measures leavers without systems beside OneLogin, with three of them, and while Salesforce hangs and the directory is
// down. Nobody's suspension at OneLogin waits for them.
func containFigures(ctx context.Context, e engine, o options, dir string, r *report) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.rounds)*besideTimeout)
	defer cancel()
	// Reading back those who left a minute ago would take its share of the machine from the ones who leave now, and more with systems.
	o.tenant, o.crm, o.swept, o.readBack = besidePeople, besidePeople, true, "30m"
	if o.quick {
		o.tenant = 1_000
	}
	var all beside
	for round := range o.rounds {
		for _, systems := range []string{"", "enforce"} {
			o.systems = systems
			if err := all.measure(ctx, e, o, filepath.Join(dir, fmt.Sprint("contain-", round, systems))); err != nil {
				return err
			}
		}
	}
	p50, p99 := func(d durations) float64 { return milliseconds(d.percentile(50)) }, func(d durations) float64 { return milliseconds(d.percentile(99)) }
	r.add(figure{key: "contain_temporal_p50_ms", what: "Temporal alone, on the stacks of the next lines, p50", unit: "ms", is: p50(all.alone)})
	for _, f := range []struct {
		key, what, note string
		took            durations
	}{
		{"webhook_to_suspended_plain", "webhook to suspended, no system beside OneLogin", fmt.Sprintf("%d leavers of Sales, one after the other, read back after %s", len(all.plain), o.readBack), all.plain},
		{"webhook_to_suspended_systems", "... with Google, Salesforce and a directory", "the leavers before are out of the systems by then", all.up},
		{"webhook_to_suspended_systems_down", "... while Salesforce hangs and the directory is down", fmt.Sprintf("each call of Salesforce waits %s; what the leavers before owe is tried again beside it", hanging), all.down},
	} {
		r.add(figure{key: f.key + "_p50_ms", what: f.what + ", p50", unit: "ms", is: p50(f.took), note: f.note})
		r.add(figure{key: f.key + "_p99_ms", what: f.what + ", p99", unit: "ms", is: p99(f.took)})
	}
	for _, f := range []struct {
		key, what string
		of        []float64
	}{{"contain_systems_ratio", "with three systems", all.ups}, {"contain_systems_down_ratio", "with two of them down", all.downs}} {
		r.add(figure{
			key: f.key, what: "the p50 of a round " + f.what + ", of that without", unit: "%", is: middle(f.of),
			note: fmt.Sprintf("median of %d rounds, %.0f to %.0f; without systems, a round against the one before: %s", len(f.of), slices.Min(f.of), slices.Max(f.of), itself(all.plains)),
		})
	}
	return nil
}

// middle is the median of some numbers.
func middle(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// itself is how far the rounds of one program are from each other.
func itself(rounds []float64) string {
	if len(rounds) < 2 {
		return "one round only"
	}
	var of []float64
	for i := 1; i < len(rounds); i++ {
		of = append(of, 100*rounds[i]/rounds[i-1])
	}
	return fmt.Sprintf("%.0f to %.0f %%", slices.Min(of), slices.Max(of))
}

// measure takes one stack's part of a round.
func (b *beside) measure(ctx context.Context, e engine, o options, dir string) error {
	progress("leavers with systems beside OneLogin %q: %s", o.systems, e.name)
	s, err := raise(ctx, e, together, o, dir)
	if err != nil {
		return err
	}
	return errors.Join(b.onStack(ctx, s, o), s.close())
}

func (b *beside) onStack(ctx context.Context, s *stack, o options) error {
	if o.systems != "" {
		if err := s.readAllSystems(ctx); err != nil {
			return err
		}
	}
	if _, err := s.quiet(ctx); err != nil {
		return err
	}
	took, err := s.temporalAlone(ctx, warmUps+besideRuns)
	if err != nil {
		return err
	}
	b.alone = append(b.alone, took[warmUps:]...)
	if _, _, err := s.sellersLeave(ctx, warmUps/2, false); err != nil {
		return err
	}
	runs := min(o.runs, besideRuns)
	up, _, err := s.sellersLeave(ctx, runs, false)
	if err != nil {
		return err
	}
	if o.systems == "" {
		b.plain = append(b.plain, up...)
		b.plains = append(b.plains, milliseconds(up.percentile(50)))
		return nil
	}
	ofPlain := func(took durations) float64 {
		return 100 * milliseconds(took.percentile(50)) / b.plains[len(b.plains)-1]
	}
	b.up, b.ups = append(b.up, up...), append(b.ups, ofPlain(up))
	if err := s.bringDown(ctx); err != nil {
		return err
	}
	down, last, err := s.sellersLeave(ctx, runs, true)
	if err != nil {
		return err
	}
	b.down, b.downs = append(b.down, down...), append(b.downs, ofPlain(down))
	return s.waitsForSystems(ctx, last)
}

// waitsForSystems holds the figures to what they are about: whoever left last is out of OneLogin, and the run waits for what is down.
func (s *stack) waitsForSystems(ctx context.Context, leaver employee) error {
	d, err := s.temporal.DescribeWorkflowExecution(ctx, api.PersonID(leaver.key()), "")
	if err != nil {
		return fmt.Errorf("see what the last leaver's run waits for: %w", err)
	}
	waits := ""
	for _, a := range d.GetPendingActivities() {
		waits += a.GetActivityId() + " "
	}
	for _, system := range []string{"salesforce", "ldap"} {
		if !strings.Contains(waits, "@"+system+"/") {
			return fmt.Errorf("the last leaver's run waits for nothing of %s, which is down; it waits for: %s", system, cmp.Or(waits, "nothing"))
		}
	}
	return nil
}

// readAllSystems reads every system once, side by side.
func (s *stack) readAllSystems(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, system := range systemNames {
		group.Go(func() error {
			_, err := s.sweepSystem(ctx, system)
			return err
		})
	}
	return group.Wait()
}

// bringDown has Salesforce hang and the directory break every connection off.
func (s *stack) bringDown(ctx context.Context) error {
	const always = 1 << 30
	err := s.sandbox.AddFault(ctx, control.Fault{System: "salesforce", Style: "delay", DelayMS: int(hanging.Milliseconds()), Times: -1})
	for _, op := range []string{"bind", "search", "modify", "rename", "password"} {
		err = errors.Join(err, s.sandbox.LDAPFail(ctx, control.LDAPFault{Op: op, Times: always}))
	}
	return err
}

// sellersLeave has people of Sales leave one after the other; the next one does once no vendor is asked any more, or none is written
// to.
func (s *stack) sellersLeave(ctx context.Context, n int, writes bool) (took durations, last employee, err error) {
	for range n {
		last, err = s.people.takeWhere(sourceWorkday, func(e employee) bool { return slices.Contains(e.account.Roles, "Salesforce") })
		if err != nil {
			return took, last, err
		}
		d, err := s.sellerLeaves(ctx, last, writes)
		if err != nil {
			return took, last, fmt.Errorf("%s leaves: %w", last.key(), err)
		}
		took = append(took, d.suspended)
	}
	return took, last, nil
}

func (s *stack) sellerLeaves(ctx context.Context, e employee, writes bool) (d departure, err error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	if d, _, err = s.shut(ctx, e); err != nil {
		return d, err
	}
	j, err := follow(ctx, s.sandbox, writes)
	if err != nil {
		return d, err
	}
	last, asked := time.Now(), map[string]int{}
	err = poll(ctx, 2*look, func() (bool, error) {
		entries, err := j.next(ctx)
		for _, entry := range entries {
			last = time.Now()
			asked[entry.Op]++
		}
		return time.Since(last) > calmFor, err
	})
	if err != nil {
		return d, fmt.Errorf("%w: vendors are still asked: %v", err, asked)
	}
	return d, nil
}
