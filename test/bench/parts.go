package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Targets.
const (
	targetP50       = 20   // ms
	targetP99       = 60   // ms
	targetLoadedP99 = 120  // ms, twice targetP99
	targetSuspended = 25   // s
	targetRate      = 20   // complete offboardings per second
	targetMemory    = 150  // MB
	targetMass      = 1000 // the number of webhooks that targetSuspended is for
)

// latencyPart measures leavers one after the other, alone and with other runs open, and counts calls.
func latencyPart(ctx context.Context, s *stack, o options, r *report) error {
	path, err := s.warmUp(ctx)
	if err != nil {
		return err
	}
	// Counted before the first leavers are read back a second time, a minute after they left.
	if err := s.callFigures(ctx, r); err != nil {
		return err
	}
	if err := s.bareFigures(ctx, o, path, r); err != nil {
		return err
	}
	if err := s.aloneFigure(ctx, o, r); err != nil {
		return err
	}
	alone, complete, err := s.suspendSome(ctx, o.runs)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "suspend_p50_ms", what: "webhook to suspended, p50", unit: "ms", is: milliseconds(alone.percentile(50)), most: targetP50,
		note: fmt.Sprintf("%d BambooHR webhooks, one after the other", len(alone)),
	})
	r.add(figure{what: "webhook to suspended, p95", unit: "ms", is: milliseconds(alone.percentile(95))})
	r.add(figure{key: "suspend_p99_ms", what: "webhook to suspended, p99", unit: "ms", is: milliseconds(alone.percentile(99)), most: targetP99})
	r.add(figure{what: "webhook to everything done and read back, p50", unit: "ms", is: milliseconds(complete.percentile(50))})
	others, err := s.people.take(o.open, sourceWorkday)
	if err != nil {
		return err
	}
	progress("opening %d other runs", len(others))
	if err := s.fill(ctx, others, o.concurrency); err != nil {
		return err
	}
	loaded, _, err := s.suspendSome(ctx, o.runs)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("%d planned leavers wait, and the leavers before are watched", len(others))
	r.add(figure{what: fmt.Sprintf("with %d other runs open, p50", len(others)), unit: "ms", is: milliseconds(loaded.percentile(50)), most: 2 * targetP50, note: note})
	r.add(figure{
		key: "suspend_loaded_p99_ms", what: fmt.Sprintf("with %d other runs open, p99", len(others)), unit: "ms",
		is: milliseconds(loaded.percentile(99)), most: targetLoadedP99,
	})
	return nil
}

// warmUp has some people leave and returns the calls that lead to a suspension.
func (s *stack) warmUp(ctx context.Context) (path []string, err error) {
	people, err := s.people.take(warmUps, sourceBambooHR)
	if err != nil {
		return nil, err
	}
	for _, e := range people {
		d, err := s.depart(ctx, e)
		if err != nil {
			return nil, fmt.Errorf("%s leaves: %w", e.key(), err)
		}
		path = ops(d.path)
	}
	return path, nil
}

func (s *stack) suspendSome(ctx context.Context, n int) (suspended, complete durations, err error) {
	people, err := s.people.take(n, sourceBambooHR)
	if err != nil {
		return nil, nil, err
	}
	progress("%d leavers one after the other", n)
	return s.suspendAll(ctx, people)
}

// bareFigures measures the calls of the path with nothing around them.
func (s *stack) bareFigures(ctx context.Context, o options, path []string, r *report) error {
	people, err := s.people.take(barePeople, sourceBambooHR)
	if err != nil {
		return err
	}
	bare, err := newBareClient(ctx, s.sandbox)
	if err != nil {
		return fmt.Errorf("bare calls: %w", err)
	}
	if _, err := bare.measure(ctx, people, path, warmUps); err != nil {
		return err
	}
	took, err := bare.measure(ctx, people, path, o.runs)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "bare_p50_ms", what: "the same HTTP calls without Temporal, p50", unit: "ms",
		is: milliseconds(took.percentile(50)), note: strings.Join(path, ", "),
	})
	return nil
}

// aloneFigure measures Temporal by itself.
func (s *stack) aloneFigure(ctx context.Context, o options, r *report) error {
	took, err := s.temporalAlone(ctx, warmUps+o.runs)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "temporal_p50_ms", what: "Temporal alone, start to first activity, p50", unit: "ms",
		is: milliseconds(took[warmUps:].percentile(50)), note: "runs of one empty activity, eager start, eager activity",
	})
	r.add(figure{
		key: "temporal_p99_ms", what: "Temporal alone, start to first activity, p99", unit: "ms",
		is: milliseconds(took[warmUps:].percentile(99)),
	})
	return nil
}

func (s *stack) callFigures(ctx context.Context, r *report) error {
	joiner, err := s.joinerCalls(ctx)
	if err != nil {
		return err
	}
	leaver, err := s.leaverCalls(ctx)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "joiner_onelogin_calls", what: "OneLogin calls per joiner, five roles", unit: "calls", is: float64(joiner.acting),
		note: fmt.Sprintf("and %d to read back: %s", joiner.readBacks, joiner),
	})
	r.add(figure{
		key: "leaver_onelogin_calls", what: "OneLogin calls per leaver, factors apart", unit: "calls",
		is: float64(leaver.acting - leaver.factors),
		note: fmt.Sprintf("and %d for %d factors, %d to read back and %d to search: %s", leaver.factors, leaver.factors, leaver.readBacks,
			leaver.searches, leaver),
	})
	r.add(figure{
		key: "leaver_calls_before_suspension", what: "... of them before the suspension", unit: "calls", is: float64(leaver.before),
		note: "what stands between the decision and the end of sign-in",
	})
	r.add(figure{
		key: "leaver_search_calls", what: "... and searches for further accounts", unit: "calls", is: float64(leaver.searches),
		note: "beside roles and password, and again at each read-back",
	})
	return s.manyFigures(ctx, r)
}

// massPart measures many terminations at once on the fast path.
func massPart(ctx context.Context, s *stack, o options, r *report) error {
	m, people, err := s.massRun(ctx, o)
	if err != nil {
		return err
	}
	key := ""
	if o.mass == targetMass {
		key = "mass_1000_all_suspended_s"
	}
	r.add(figure{
		key: key, what: fmt.Sprintf("%d webhooks: all suspended", o.mass), unit: "s", is: m.suspended.Seconds(), most: targetSuspended,
		note: fmt.Sprintf("concurrency %d, %s; accepted after %.1f s, %d of them repeated", o.concurrency, sources(people), m.accepted.Seconds(), m.repeated),
	})
	events, err := s.events(ctx, people)
	if err != nil {
		return err
	}
	r.add(figure{
		key: "mass_offboardings_per_s", what: "complete offboardings", unit: "/s", is: m.rate(), least: targetRate,
		note: fmt.Sprintf("complete after %.1f s; events per person: %s", m.complete.Seconds(), events),
	})
	if held, ok := s.starter.memory(); ok {
		r.add(figure{what: "memory, gateway with worker in one process", unit: "MB", is: held.peak, most: targetMemory, note: "peak; now " + number(held.now) + " MB"})
	}
	return nil
}

func (s *stack) massRun(ctx context.Context, o options) (massResult, []employee, error) {
	if _, err := s.warmUp(ctx); err != nil {
		return massResult{}, nil, err
	}
	people, err := s.people.take(o.mass, sourceBambooHR, sourceWorkday)
	if err != nil {
		return massResult{}, nil, err
	}
	progress("%d terminations at once", len(people))
	m, err := s.mass(ctx, people, o.concurrency)
	return m, people, err
}

// events samples how many events a leaver costs so far: the run that contains, and the one that takes away.
func (s *stack) events(ctx context.Context, people []employee) (string, error) {
	var samples []string
	for _, i := range []int{0, len(people) / 2, len(people) - 1} {
		byType, err := s.eventsPerRun(ctx, people[i])
		if err != nil {
			return "", err
		}
		var parts []string
		for _, name := range []string{"Person", "Offboarding"} {
			parts = append(parts, fmt.Sprintf("%s %d", name, byType[name]))
		}
		samples = append(samples, strings.Join(parts, " + "))
	}
	slices.Sort(samples)
	return strings.Join(slices.Compact(samples), " or "), nil
}

// splitPart is a mass run with gateway and worker as two processes, for their memory.
func splitPart(ctx context.Context, s *stack, o options, r *report) error {
	m, _, err := s.massRun(ctx, o)
	if err != nil {
		return err
	}
	r.add(figure{what: "in two processes: all suspended", unit: "s", is: m.suspended.Seconds(), note: fmt.Sprintf("accepted after %.1f s, %d of them repeated, %.1f complete per second", m.accepted.Seconds(), m.repeated, m.rate())})
	for _, p := range []struct {
		key, what string
		process   *process
	}{{"worker_rss_mb", "memory, worker alone", s.worker}, {"gateway_rss_mb", "memory, gateway alone", s.starter}} {
		held, ok := p.process.memory()
		if !ok {
			progress("%s cannot be read on this system", p.what)
			continue
		}
		r.add(figure{key: p.key, what: p.what, unit: "MB", is: held.peak, most: targetMemory, note: "peak during the mass run; now " + number(held.now) + " MB"})
	}
	return nil
}
