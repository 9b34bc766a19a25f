package soak

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// group is the control group: a run that waits for a moment, takes an activity that does nothing, and ends, on the same machine
// and the same Temporal server, again and again. What it takes is the machine's and Temporal's time and nothing of Gatehouse's. At
// ten thousand times the speed a second in which the machine had no time is two hours and a half: so much is not held against
// Gatehouse, and is said.
type group struct {
	s *soak
	// calls is how many requests its activity makes one after the other, none of them of Gatehouse's or a vendor's.
	calls int
	every time.Duration
	mu    sync.Mutex
	// runs are when each began and what it took, on the company's clock; under is when the one under way began.
	runs  []controlRun
	under time.Time
}

type controlRun struct {
	from time.Time
	took time.Duration
}

const (
	controlQueue = "soak-control"
	controlEvery = 200 * time.Millisecond
	// searchCalls are the requests that a search for all accounts of somebody makes at least: by each identifier, each way of
	// writing the name, and for each account and namesake that it finds. In production they take three seconds together.
	searchCalls = 25
	searchEvery = time.Second
	// controlTimer is how long the run waits, which is not counted.
	controlTimer = 20 * time.Millisecond
)

func controlWorkflow(ctx workflow.Context, calls int) error {
	if err := workflow.Sleep(ctx, controlTimer); err != nil {
		return err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, "controlActivity", calls).Get(ctx, nil)
}

// controlActivity asks the machine so often for something that takes no time.
func (s *soak) controlActivity(ctx context.Context, calls int) error {
	for range calls {
		if _, err := s.sandbox.Mark(ctx); err != nil {
			return err
		}
	}
	return nil
}

// startControl has a control group run until the test ends.
func startControl(s *soak, calls int, every time.Duration) *group {
	s.t.Helper()
	c := &group{s: s, calls: calls, every: every}
	temporal, err := client.Dial(client.Options{HostPort: s.place.Temporal, Namespace: namespace(spare - 1), Logger: silent{}})
	require.NoError(s.t, err)
	queue := fmt.Sprint(controlQueue, calls)
	w := worker.New(temporal, queue, worker.Options{})
	w.RegisterWorkflow(controlWorkflow)
	w.RegisterActivityWithOptions(s.controlActivity, activity.RegisterOptions{Name: "controlActivity"})
	require.NoError(s.t, w.Start())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for ctx.Err() == nil {
			c.once(ctx, temporal, queue)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	s.t.Cleanup(func() { cancel(); <-done; w.Stop(); temporal.Close() })
	return c
}

// once measures one run.
func (c *group) once(ctx context.Context, temporal client.Client, queue string) {
	began := time.Now()
	c.mu.Lock()
	c.under = c.s.clock.At(began)
	c.mu.Unlock()
	run, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: queue}, controlWorkflow, c.calls)
	if err != nil || run.Get(ctx, nil) != nil {
		return
	}
	took := (time.Since(began) - controlTimer) * factor
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under = time.Time{}
	c.runs = append(c.runs, controlRun{from: c.s.clock.At(began), took: took})
}

// lag is the most that the control group took in a time.
func (c *group) lag(from, to time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	// One that is still under way has taken as long as it has by now.
	var most time.Duration
	if !c.under.IsZero() && c.under.Before(to) {
		most = max(0, c.s.clock.Now().Sub(c.under))
	}
	for _, r := range c.runs {
		if r.from.Before(to) && r.from.Add(r.took).After(from) {
			most = max(most, r.took)
		}
	}
	return most
}

// all are what the runs took.
func (c *group) all() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []time.Duration
	for _, r := range c.runs {
		all = append(all, r.took)
	}
	return all
}
