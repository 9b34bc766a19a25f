package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
)

// massTimeout bounds a mass run.
const massTimeout = 8 * time.Minute

// massResult is what came of many terminations at once.
type massResult struct {
	// accepted, suspended and complete are counted from the first webhook to the last answer, the last suspension in the
	// sandbox's journal, and the last run that watches.
	accepted, suspended, complete time.Duration
	people                        int
	// repeated counts the webhooks that the gateway did not accept at once.
	repeated int
}

// rate is complete offboardings per second.
func (m massResult) rate() float64 { return float64(m.people) / m.complete.Seconds() }

// mass terminates many people, so many at a time, and waits until all that can be done for them now is done.
func (s *stack) mass(ctx context.Context, people []employee, concurrency int) (massResult, error) {
	ctx, cancel := context.WithTimeout(ctx, massTimeout)
	defer cancel()
	for _, e := range people {
		if err := s.terminate(ctx, e); err != nil {
			return massResult{}, err
		}
	}
	before, err := s.watching(ctx)
	if err != nil {
		return massResult{}, err
	}
	j, err := follow(ctx, s.sandbox, true)
	if err != nil {
		return massResult{}, err
	}
	m := massResult{people: len(people)}
	var repeated atomic.Int64
	began := time.Now()
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for _, e := range people {
		group.Go(func() error {
			h, err := s.webhook(e)
			if err != nil {
				return err
			}
			n, err := h.deliver(groupCtx)
			repeated.Add(int64(n))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return massResult{}, err
	}
	m.accepted, m.repeated = time.Since(began), int(repeated.Load())
	if m.suspended, err = allSuspended(ctx, j, people, began); err != nil {
		return massResult{}, err
	}
	watching := 0
	err = poll(ctx, 200*time.Millisecond, func() (bool, error) {
		var err error
		watching, err = s.watching(ctx)
		m.complete = time.Since(began)
		return watching-before >= len(people), err
	})
	if err != nil {
		return massResult{}, fmt.Errorf("%d of %d offboardings are complete: %w", watching-before, len(people), err)
	}
	return m, nil
}

// allSuspended returns when the journal has a suspension of everybody, and how long after began the last one was.
func allSuspended(ctx context.Context, j *journal, people []employee, began time.Time) (time.Duration, error) {
	open := map[string]bool{}
	for _, e := range people {
		open[e.subject()] = true
	}
	var last time.Time
	err := poll(ctx, 100*time.Millisecond, func() (bool, error) {
		entries, err := j.next(ctx)
		for _, entry := range entries {
			if suspends(entry) && open[entry.Subject] {
				delete(open, entry.Subject)
				last = entry.At
			}
		}
		return len(open) == 0, err
	})
	if err != nil {
		return 0, fmt.Errorf("%d of %d accounts are suspended: %w", len(people)-len(open), len(people), err)
	}
	return last.Sub(began), nil
}

// watching counts the offboardings that have done all they can do now: roles, credentials, ticket, message and the
// first read-back. The index lags behind, which counts against us.
func (s *stack) watching(ctx context.Context) (int, error) {
	return s.countRuns(ctx, fmt.Sprintf("WorkflowType = '%s' AND Stage = '%s' AND ExecutionStatus = 'Running'",
		api.TypeOffboarding, api.StageWatching))
}

func (s *stack) countRuns(ctx context.Context, query string) (int, error) {
	n, err := s.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	if err != nil {
		return 0, fmt.Errorf("count runs: %w", err)
	}
	return int(n.GetCount()), nil
}

// fill opens runs that stay open: people whose departure in a month is announced, each a run that waits.
func (s *stack) fill(ctx context.Context, people []employee, concurrency int) error {
	ctx, cancel := context.WithTimeout(ctx, massTimeout)
	defer cancel()
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for _, e := range people {
		group.Go(func() error {
			if err := s.announce(groupCtx, e); err != nil {
				return err
			}
			h, err := s.webhook(e)
			if err != nil {
				return err
			}
			_, err = h.deliver(groupCtx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	waiting := 0
	err := poll(ctx, 200*time.Millisecond, func() (bool, error) {
		var err error
		waiting, err = s.countRuns(ctx, fmt.Sprintf("Stage = '%s' AND ExecutionStatus = 'Running'", api.StageWaiting))
		return waiting >= len(people), err
	})
	if err != nil {
		return fmt.Errorf("%d of %d planned leavers wait: %w", waiting, len(people), err)
	}
	return nil
}

// eventsPerRun adds up the events of a person's chain by workflow type.
func (s *stack) eventsPerRun(ctx context.Context, e employee) (map[string]int64, error) {
	id := api.PersonID(e.key())
	found, err := s.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s'", id), PageSize: 100,
	})
	if err != nil {
		return nil, fmt.Errorf("list the runs of %s: %w", e.key(), err)
	}
	events := map[string]int64{}
	for _, x := range found.GetExecutions() {
		d, err := s.temporal.DescribeWorkflowExecution(ctx, id, x.GetExecution().GetRunId())
		if err != nil {
			return nil, fmt.Errorf("describe a run of %s: %w", e.key(), err)
		}
		events[x.GetType().GetName()] += d.GetWorkflowExecutionInfo().GetHistoryLength()
	}
	return events, nil
}
