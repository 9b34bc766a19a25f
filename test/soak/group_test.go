package soak

import (
	"context"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// group is the control group: a run that waits for a moment, takes an activity that does nothing, and ends, on the same machine
// and the same Temporal server, again and again. What it takes is the machine's and Temporal's time and nothing of Gatehouse's. At
// ten thousand times the speed a second in which the machine had no time is two hours and a half: so much is not held against
// Gatehouse, and is said.
type group struct {
	s  *soak
	mu sync.Mutex
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
	// controlTimer is how long the run waits, which is not counted.
	controlTimer = 20 * time.Millisecond
)

func controlWorkflow(ctx workflow.Context) error {
	if err := workflow.Sleep(ctx, controlTimer); err != nil {
		return err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, controlActivity).Get(ctx, nil)
}

func controlActivity(context.Context) error { return nil }

// startControl has the control group run until the test ends.
func startControl(s *soak) *group {
	s.t.Helper()
	c := &group{s: s}
	temporal, err := client.Dial(client.Options{HostPort: s.place.Temporal, Namespace: namespace(spare - 1), Logger: silent{}})
	require.NoError(s.t, err)
	w := worker.New(temporal, controlQueue, worker.Options{})
	w.RegisterWorkflow(controlWorkflow)
	w.RegisterActivity(controlActivity)
	require.NoError(s.t, w.Start())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(controlEvery)
		defer tick.Stop()
		for ctx.Err() == nil {
			c.once(ctx, temporal)
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
func (c *group) once(ctx context.Context, temporal client.Client) {
	began := time.Now()
	c.mu.Lock()
	c.under = c.s.clock.At(began)
	c.mu.Unlock()
	run, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: controlQueue}, controlWorkflow)
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
