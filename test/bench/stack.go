package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"gatehouse/activities/api"
	"gatehouse/demo/section"
	"gatehouse/sandbox/control"
)

// layout is how Gatehouse is spread over processes.
type layout int

const (
	// together is `starter serve --with-worker`: one process, the fast path for one machine.
	together layout = iota
	// apart is `starter serve` and `worker`, as in production.
	apart
)

// stack is one Gatehouse with everything around it, on empty databases and a tenant of its own.
type stack struct {
	temporal client.Client
	sandbox  *control.Client
	// gateway is the base URL of the front door.
	gateway string
	// agents is where agents are served, if they are. config and ledger are Gatehouse's, env what its processes have.
	agents, config, ledger string
	env                    []string
	people                 *roster
	// starter and worker are Gatehouse's processes; worker is nil in layout together.
	starter, worker *process
	// workerArgs and workerEnv start another worker.
	workerArgs, workerEnv []string

	closers []func() error
}

// raise starts a stack and lets Gatehouse take its first reading of both HR sources.
func raise(ctx context.Context, e engine, how layout, o options, dir string) (*stack, error) {
	s := &stack{}
	if err := s.raise(ctx, e, how, o, dir); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stack) raise(ctx context.Context, e engine, how layout, o options, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make a directory for the bench: %w", err)
	}
	server, err := e.open(ctx, dir)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, server.stop)
	front, err := freeAddress()
	if err != nil {
		return err
	}
	s.gateway = "http://" + front
	if err := s.tenant(ctx, o, dir); err != nil {
		return err
	}
	if s.people, err = readRoster(ctx, s.sandbox); err != nil {
		return err
	}
	key, err := s.sandbox.GoogleKey(ctx)
	if err != nil {
		return err
	}
	if s.agents, err = freeAddress(); err != nil {
		return err
	}
	f := files{ledger: server.ledger, gateway: front, agents: s.agents, sandbox: s.sandbox.URL(), readBack: o.readBack, googleKey: key}
	if o.policy != nil {
		f.policy = o.policy(s.people)
	}
	if o.systems != "" {
		f.mode = o.systems
		if f.systems, err = section.Systems(ctx, s.sandbox, dir); err != nil {
			return err
		}
	}
	if s.config, err = writeFiles(dir, f); err != nil {
		return err
	}
	if s.ledger = server.ledger; !strings.Contains(s.ledger, "://") {
		s.ledger = filepath.Join(dir, s.ledger)
	}
	if err := s.connect(ctx, server.address); err != nil {
		return err
	}
	if err := s.gatehouse(ctx, how, o.bin, dir, server.address); err != nil {
		return err
	}
	if o.swept {
		if err := s.readAccounts(ctx); err != nil {
			return fmt.Errorf("read the accounts: %w", err)
		}
	}
	return s.baseline(ctx)
}

// tenant starts the simulated vendors.
func (s *stack) tenant(ctx context.Context, o options, dir string) error {
	at, err := freeAddress()
	if err != nil {
		return err
	}
	s.sandbox = control.New("http://" + at)
	directory := "none"
	if o.systems != "" {
		directory = "127.0.0.1:0"
	}
	sandbox, err := s.start(spec{name: "sandbox", dir: dir, path: filepath.Join(o.bin, "sandbox"), args: []string{
		"--addr", at, "--people", strconv.Itoa(o.people()), "--quota", strconv.Itoa(callsPerHour), "--apps", strconv.Itoa(o.apps),
		"--legacy=" + strconv.FormatBool(o.legacy), "--ldap", directory, "--crm", strconv.Itoa(o.crm),
	}})
	if err != nil {
		return err
	}
	return sandbox.await(ctx, answers(s.sandbox.URL()+"/sandbox/credentials"))
}

func (s *stack) start(p spec) (*process, error) {
	started, err := start(p)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return started.stop(syscall.SIGTERM) })
	return started, nil
}

// gatehouse starts the programs that are measured.
func (s *stack) gatehouse(ctx context.Context, how layout, bin, dir, address string) error {
	s.env = []string{"TEMPORAL_ADDRESS=" + address, "TEMPORAL_NAMESPACE=default"}
	args := []string{"--config", s.config, "serve"}
	if how == together {
		args = append(args, "--with-worker")
	}
	var err error
	if how == apart {
		s.workerArgs, s.workerEnv = []string{"--config", s.config}, s.env
		if s.worker, err = s.start(spec{name: "worker", dir: dir, path: filepath.Join(bin, "worker"), args: s.workerArgs, env: s.env}); err != nil {
			return err
		}
	}
	if s.starter, err = s.start(spec{name: "starter", dir: dir, path: filepath.Join(bin, "starter"), args: args, env: s.env}); err != nil {
		return err
	}
	return s.starter.await(ctx, answers(s.gateway+"/readyz"))
}

func (s *stack) connect(ctx context.Context, address string) error {
	c, err := client.DialContext(ctx, client.Options{
		HostPort: address, Namespace: "default", Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return fmt.Errorf("connect to Temporal at %s: %w", address, err)
	}
	s.temporal = c
	s.closers = append(s.closers, func() error { c.Close(); return nil })
	return nil
}

// baseline polls both HR sources as their schedules would: everybody becomes known, nobody is hinted.
func (s *stack) baseline(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, baselineTimeout)
	defer cancel()
	for _, source := range []string{sourceWorkday, sourceBambooHR} {
		run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: "hr-sync-" + source, TaskQueue: api.QueueSweep,
		}, api.TypeHRSync, api.SyncRequest{Source: source})
		if err != nil {
			return fmt.Errorf("start the first reading of %s: %w", source, err)
		}
		var out api.SyncOutcome
		if err := run.Get(ctx, &out); err != nil {
			return fmt.Errorf("take the first reading of %s: %w; its run: %s", source, err, s.stuck(run))
		}
		if !out.Report.Baseline {
			return fmt.Errorf("the first reading of %s was no baseline: %+v", source, out.Report)
		}
	}
	return nil
}

// stuck says what a run that did not end in time is doing.
func (s *stack) stuck(run client.WorkflowRun) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	d, err := s.temporal.DescribeWorkflowExecution(ctx, run.GetID(), run.GetRunID())
	if err != nil {
		return err.Error()
	}
	text := d.GetWorkflowExecutionInfo().GetStatus().String()
	for _, a := range d.GetPendingActivities() {
		text += fmt.Sprintf(", %s attempt %d %s", a.GetActivityId(), a.GetAttempt(), a.GetLastFailure().GetMessage())
	}
	if task := d.GetPendingWorkflowTask(); task != nil {
		text += fmt.Sprintf(", workflow task %s attempt %d", task.GetState(), task.GetAttempt())
	}
	return text
}

// close stops everything in reverse order.
func (s *stack) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}
