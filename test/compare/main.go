package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// timeout bounds everything.
	timeout = 90 * time.Minute
	// runTimeout bounds one bench of one build.
	runTimeout = 5 * time.Minute
	// dir is where the other build, and the figures, are kept.
	dir = "var/compare"
)

// options are the flags.
type options struct {
	against, engines string
	rounds, runs     int
	open             int
}

func main() {
	var o options
	flag.StringVar(&o.against, "against", "", "the commit to compare with (required)")
	flag.StringVar(&o.engines, "engines", "sqlite,postgresql", "what Temporal and the ledger are on")
	flag.IntVar(&o.rounds, "rounds", 10, "rounds, each of one run of either build")
	flag.IntVar(&o.runs, "runs", 50, "terminations per run, one after the other, and as many again with other runs open")
	flag.IntVar(&o.open, "open", 100, "other runs that are open in the second half of a run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	err := compare(ctx, o)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// figures are what one bench wrote, by the names in its file.
type figures map[string]float64

// round is one run of either build.
type round struct {
	Before figures `json:"before"`
	After  figures `json:"after"`
}

func compare(ctx context.Context, o options) error {
	if o.against == "" || o.rounds < 2 {
		return errors.New("say what to compare with, and in how many rounds, two at least: -against COMMIT -rounds 10")
	}
	after, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find this tree: %w", err)
	}
	before := filepath.Join(after, dir, "before")
	if err := checkout(ctx, o.against, before); err != nil {
		return err
	}
	for _, tree := range []string{before, after} {
		if err := build(ctx, tree); err != nil {
			return err
		}
	}
	for _, engine := range strings.Split(o.engines, ",") {
		rounds, err := o.measure(ctx, engine, before, after)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, engine+".json"), rounds); err != nil {
			return err
		}
		report(os.Stdout, engine, o.against, rounds)
	}
	return nil
}

// measure runs both builds in turn. The one that goes first changes with each round, so that neither has the warmer half.
func (o options) measure(ctx context.Context, engine, before, after string) ([]round, error) {
	var rounds []round
	for i := range o.rounds {
		var r round
		order := []struct {
			tree string
			to   *figures
		}{{before, &r.Before}, {after, &r.After}}
		if i%2 == 1 {
			order[0], order[1] = order[1], order[0]
		}
		for _, side := range order {
			f, err := o.bench(ctx, engine, side.tree)
			if err != nil {
				return nil, fmt.Errorf("round %d on %s, %s: %w", i+1, engine, filepath.Base(side.tree), err)
			}
			*side.to = f
		}
		rounds = append(rounds, r)
		fmt.Fprintf(os.Stderr, "%s, round %d of %d: p50 %.1f ms before, %.1f ms after; Temporal alone %.1f and %.1f ms\n", engine, i+1, o.rounds,
			r.Before["suspend_p50_ms"], r.After["suspend_p50_ms"], r.Before["temporal_p50_ms"], r.After["temporal_p50_ms"])
	}
	return rounds, nil
}

// bench runs a tree's own benchmark and returns its figures without the engine's prefix.
func (o options) bench(ctx context.Context, engine, tree string) (figures, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	out := filepath.Join(tree, "var", "compare.json")
	if err := os.RemoveAll(out); err != nil {
		return nil, fmt.Errorf("remove the figures of the run before: %w", err)
	}
	if err := run(ctx, tree, "bin/bench", "-parts", "latency", "-engines", engine, "-out", out,
		"-runs", fmt.Sprint(o.runs), "-open", fmt.Sprint(o.open), "-mass", fmt.Sprint(o.open)); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("read what the bench measured: %w", err)
	}
	var all figures
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read what the bench measured: %w", err)
	}
	f := figures{}
	for key, x := range all {
		f[strings.TrimPrefix(key, prefixes[engine])] = x
	}
	if f["suspend_p50_ms"] == 0 {
		return nil, fmt.Errorf("the bench measured nothing on %s: is it installed?", engine)
	}
	return f, nil
}

func write(path string, rounds []round) error {
	raw, err := json.MarshalIndent(rounds, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the figures: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// run runs a program in a tree; what it printed is shown if it fails.
func run(ctx context.Context, tree, name string, args ...string) error {
	if strings.Contains(name, "/") {
		name = filepath.Join(tree, name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = tree
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	if printed, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, printed)
	}
	return nil
}
