package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

const (
	// runTimeout bounds one offboarding that runs alone.
	runTimeout = 30 * time.Second
	// look is how often the journal is asked. It costs no precision: what counts is the journal's own time.
	look = 10 * time.Millisecond
)

// durations are what was measured, in no order.
type durations []time.Duration

// percentile is the smallest duration that p percent do not exceed.
func (d durations) percentile(p int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Clone(d)
	slices.Sort(sorted)
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// milliseconds are how people compare latencies.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// suspendAll has people leave one after the other; each offboarding is over before the next webhook is sent.
func (s *stack) suspendAll(ctx context.Context, people []employee) (suspended, complete durations, err error) {
	for _, e := range people {
		d, err := s.depart(ctx, e)
		if err != nil {
			return nil, nil, fmt.Errorf("%s leaves: %w", e.key(), err)
		}
		suspended, complete = append(suspended, d.suspended), append(complete, d.complete)
	}
	return suspended, complete, nil
}

// departure is what one leaver took, from the webhook on.
type departure struct {
	suspended, complete time.Duration
	// path are the calls up to the suspension.
	path []control.Entry
}

// depart has one person leave and returns when all that can be done for now is done.
func (s *stack) depart(ctx context.Context, e employee) (d departure, err error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	d, sent, err := s.shut(ctx, e)
	if err != nil {
		return d, err
	}
	err = s.awaitStage(ctx, e.key(), api.StageWatching)
	d.complete = time.Since(sent)
	return d, err
}

// shut has one person leave and returns once they are suspended at OneLogin.
func (s *stack) shut(ctx context.Context, e employee) (d departure, sent time.Time, err error) {
	j, sent, err := s.leaves(ctx, e)
	if err != nil {
		return d, sent, err
	}
	err = poll(ctx, look, func() (bool, error) {
		entries, err := j.next(ctx)
		for _, entry := range entries {
			d.path = append(d.path, entry)
			if suspends(entry) && entry.Subject == e.subject() {
				d.suspended = entry.At.Sub(sent)
				return true, nil
			}
		}
		return false, err
	})
	if err != nil {
		return d, sent, fmt.Errorf("wait for the suspension: %w", err)
	}
	return d, sent, nil
}

// leaves has HR say that somebody has left, and tell of it. The journal begins right before.
func (s *stack) leaves(ctx context.Context, e employee) (j *journal, sent time.Time, err error) {
	if err := s.terminate(ctx, e); err != nil {
		return nil, sent, err
	}
	h, err := s.webhook(e)
	if err != nil {
		return nil, sent, err
	}
	if j, err = follow(ctx, s.sandbox, false); err != nil {
		return nil, sent, err
	}
	sent = time.Now()
	return j, sent, h.send(ctx)
}

// awaitStage waits until a person's open run is in a stage, as Temporal itself has it, not its index.
func (s *stack) awaitStage(ctx context.Context, key, stage string) error {
	now := ""
	err := poll(ctx, look, func() (bool, error) {
		d, err := s.temporal.DescribeWorkflowExecution(ctx, api.PersonID(key), "")
		if err != nil {
			return false, err
		}
		now, err = keyword(d.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields()["Stage"])
		return now == stage, err
	})
	if err != nil {
		return fmt.Errorf("wait for %s to be in stage %s, it is in %q: %w", key, stage, now, err)
	}
	return nil
}

// keyword decodes a keyword of the index.
func keyword(p *common.Payload) (string, error) {
	if p == nil {
		return "", nil
	}
	var s string
	err := converter.GetDefaultDataConverter().FromPayload(p, &s)
	return s, err
}
