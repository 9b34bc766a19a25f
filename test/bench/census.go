package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

const (
	// censusPeople is how many people the company has of which every account is looked at before switching on. A third of its
	// accounts are older than Gatehouse, and some people have several.
	censusPeople  = 100_000
	censusTimeout = 10 * time.Minute
	// The targets of each of the two commands.
	targetCensus   = 60
	targetCensusMB = 1000
)

// censusReport measures `starter adopt` and `starter plan --all` as an operator runs them before anything is switched on: no
// ledger, no Temporal, every account and every record read from the vendors.
func censusReport(ctx context.Context, o options) (r *report, err error) {
	ctx, cancel := context.WithTimeout(ctx, censusTimeout)
	defer cancel()
	people := cmp.Or(o.company, censusPeople)
	if o.quick {
		people = 2000
	}
	progress("adopt and plan --all: %d people", people)
	s := &stack{}
	defer func() { err = errors.Join(err, s.close()) }()
	config, accounts, err := s.censusTenant(ctx, o, people, filepath.Join(benchDir, "census"))
	if err != nil {
		return nil, err
	}
	r = &report{engine: engine{name: fmt.Sprintf("before switching on: %d people, accounts older than Gatehouse", people)}}
	for _, command := range []struct{ key, name string }{{"adopt_100k", "adopt"}, {"plan_all_100k", "plan --all"}} {
		t, err := s.census(ctx, o.bin, config, command.name, accounts)
		if err != nil {
			return r, err
		}
		r.add(figure{
			key: command.key + "_s", what: fmt.Sprintf("`starter %s`, %d accounts", command.name, accounts), unit: "s", is: t.took.Seconds(), most: targetCensus,
			note: fmt.Sprintf("from start to end of the process, OneLogin and HR read in full; %.1f s of processor time are its own", t.own.Seconds()),
		})
		r.add(figure{key: command.key + "_onelogin_calls", what: "... calls of OneLogin", is: float64(t.calls)})
		if t.peak > 0 {
			r.add(figure{key: command.key + "_rss_mb", what: "... memory at its peak", unit: "MB", is: t.peak, most: targetCensusMB})
		}
	}
	return r, nil
}

// censusTenant starts nothing but the simulated vendors, writes a configuration that names them, and counts the accounts.
func (s *stack) censusTenant(ctx context.Context, o options, people int, dir string) (config string, accounts int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", 0, fmt.Errorf("make a directory for the bench: %w", err)
	}
	o.tenant, o.legacy = people, true
	if err := s.tenant(ctx, o, dir); err != nil {
		return "", 0, err
	}
	key, err := s.sandbox.GoogleKey(ctx)
	if err != nil {
		return "", 0, err
	}
	var state struct {
		OneLogin struct {
			Users []struct{} `json:"users"`
		} `json:"onelogin"`
	}
	if err := s.sandbox.State(ctx, &state); err != nil {
		return "", 0, err
	}
	config, err = writeFiles(dir, files{ledger: filepath.Join(dir, "ledger.db"), gateway: noAddress, agents: noAddress, sandbox: s.sandbox.URL(), googleKey: key})
	return config, len(state.OneLogin.Users), err
}

// counted is what one command took.
type counted struct {
	took, own time.Duration
	calls     int
	// peak is in MB, 0 where the machine does not say.
	peak float64
}

// census runs a command that looks at everybody, and holds it to what the tenant has.
func (s *stack) census(ctx context.Context, bin, config, command string, accounts int) (c counted, err error) {
	mark, err := s.sandbox.Mark(ctx)
	if err != nil {
		return c, err
	}
	args := []string{"--config", config, "adopt", "--json"}
	if command != "adopt" {
		args = []string{"--config", config, "plan", "--all", "--json"}
	}
	run := exec.CommandContext(ctx, filepath.Join(bin, "starter"), args...)
	began := time.Now()
	out, err := run.Output()
	c.took = time.Since(began)
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return c, fmt.Errorf("starter %s: %w\n%s", command, err, failed.Stderr[max(0, len(failed.Stderr)-2000):])
		}
		return c, fmt.Errorf("starter %s: %w", command, err)
	}
	c.own = run.ProcessState.UserTime() + run.ProcessState.SystemTime()
	if used, ok := run.ProcessState.SysUsage().(*syscall.Rusage); ok && runtime.GOOS == "linux" {
		c.peak = float64(used.Maxrss) * 1024 / 1e6
	}
	calls, err := s.sandbox.Journal(ctx, mark, false)
	if err != nil {
		return c, err
	}
	for _, e := range calls {
		if e.System == "onelogin" {
			c.calls++
		}
	}
	return c, checkCensus(command, out, accounts)
}

// checkCensus refuses figures of a command that has not looked at everybody.
func checkCensus(command string, out []byte, accounts int) error {
	var said struct {
		Accounts int `json:"accounts"`
		People   int `json:"people"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return fmt.Errorf("read what starter %s says: %w", command, err)
	}
	if command == "adopt" && said.Accounts != accounts || said.People == 0 {
		return fmt.Errorf("starter %s speaks of %d people and %d accounts where the tenant has %d", command, said.People, said.Accounts, accounts)
	}
	return nil
}
