package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	// benchTimeout bounds everything.
	benchTimeout = 75 * time.Minute
	// warmUps are runs that are not counted: they open connections and fill caches.
	warmUps = 20
	// barePeople share the bare calls.
	barePeople = 20
	benchDir   = "var/bench"
)

// options are the flags.
type options struct {
	runs, mass, open, concurrency int
	// rounds is how often leavers are measured in turn without systems beside OneLogin, with them, and with some of them down.
	rounds                   int
	quick                    bool
	engines, parts, bin, out string
	// tenant and apps are the size of a reviewed tenant; 0 leaves it to the other parts.
	tenant, apps int
	// company stands for the size of the companies of census and reconcile-50k; 0 leaves it to them.
	company int
	// legacy makes the tenant's accounts older than Gatehouse.
	legacy bool
	// swept has the accounts read before anybody in HR is, as docs/first-day.md does.
	swept bool
	// systems is the mode of the systems beside OneLogin, "" if there are none, and crm how many people are in Salesforce at most.
	systems string
	crm     int
	// readBack is how long after a departure its account is read back first, "" for the default.
	readBack string
	// policy is what is added to the policy, if anything is.
	policy func(*roster) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, benchTimeout)
	var err error
	if directory := os.Getenv(listEnv); directory != "" {
		err = listDirectory(ctx, directory)
	} else {
		err = bench(ctx, readOptions())
	}
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func readOptions() options {
	var o options
	flag.IntVar(&o.runs, "runs", 200, "terminations measured one after the other")
	flag.IntVar(&o.rounds, "rounds", 2, "rounds of the part contain; a comparison takes ten")
	flag.IntVar(&o.mass, "mass", 1000, "terminations sent at once")
	flag.IntVar(&o.open, "open", 500, "other runs that are open while latency is measured under load")
	flag.IntVar(&o.concurrency, "concurrency", 32, "webhooks under way at a time in a mass run")
	flag.StringVar(&o.engines, "engines", "sqlite,postgresql", "what Temporal and the ledger are on; PostgreSQL is measured where the machine has one")
	flag.BoolVar(&o.quick, "quick", false, "small numbers, to see whether everything runs; the figures mean little")
	flag.StringVar(&o.parts, "parts", "latency,mass,split,sweep,agents,reconcile,reconcile-50k,systems,contain,census,review,mfa,events,directory", "what to measure")
	flag.IntVar(&o.company, "company", 0, "people of the companies that census, directory, systems and reconcile-50k look at, 0 for 100,000, 10,000 and 50,000; the figures mean little")
	flag.StringVar(&o.bin, "bin", "bin", "directory of the programs")
	flag.StringVar(&o.out, "out", "", "file for the figures (default var/bench.json; var/bench-partial.json with -quick or some -parts only)")
	flag.Parse()
	o.rounds = max(1, o.rounds)
	if o.quick {
		o.runs, o.mass, o.open = 20, 60, 30
	}
	if o.out == "" {
		o.out = "var/bench.json"
		if o.quick || o.company != 0 || o.parts != flag.Lookup("parts").DefValue || o.engines != flag.Lookup("engines").DefValue {
			o.out = "var/bench-partial.json"
		}
	}
	return o
}

// wants reports whether a part is to be measured.
func (o options) wants(part string) bool { return slices.Contains(strings.Split(o.parts, ","), part) }

// people is how large the tenant must be. A sixth of it are contractors in BambooHR, and one in sixteen has left.
func (o options) people() int {
	if o.tenant > 0 {
		return o.tenant
	}
	contractors := 2*o.runs + warmUps + barePeople + manyRuns + 10
	employees := max(o.mass, o.open) + warmUps + 50
	return max(contractors*6, employees*6/5) * 11 / 10
}

// bench measures every engine that the machine has.
// Long because each part is one case.
func bench(ctx context.Context, o options) error {
	if err := os.RemoveAll(benchDir); err != nil {
		return fmt.Errorf("clear %s: %w", benchDir, err)
	}
	fmt.Println("machine:", machine())
	fmt.Printf("runs %d, mass %d, open %d, concurrency %d; tenant of %d people; safety.contain raised to %d, OneLogin quota to %d calls an hour\n\n",
		o.runs, o.mass, o.open, o.concurrency, o.people(), containBudget, callsPerHour)
	var engines []engine
	if strings.Contains(o.engines, "sqlite") {
		engines = append(engines, sqlite())
	}
	if strings.Contains(o.engines, "postgresql") {
		pg, why, err := postgres(ctx, o.bin)
		if err != nil {
			return err
		}
		if why != "" {
			fmt.Printf("PostgreSQL is not measured: %s\n\n", why)
		} else {
			defer func() {
				if err := pg.stop(); err != nil {
					fmt.Fprintln(os.Stderr, "bench:", err)
				}
			}()
			engines = append(engines, pg.engine())
		}
	}
	var reports []*report
	if o.wants("mfa") {
		// Calls do not depend on Temporal's database, so they are counted once.
		r, err := mfaReport(ctx)
		if err != nil {
			return fmt.Errorf("mfa: %w", err)
		}
		r.print(os.Stdout)
		fmt.Println()
		reports = append(reports, r)
	}
	if o.wants("directory") {
		r, err := directoryReport(ctx, o)
		if err != nil {
			return fmt.Errorf("directory: %w", err)
		}
		if r != nil {
			r.print(os.Stdout)
			fmt.Println()
			reports = append(reports, r)
		}
	}
	if o.wants("census") {
		r, err := censusReport(ctx, o)
		if err != nil {
			return fmt.Errorf("census: %w", err)
		}
		r.print(os.Stdout)
		fmt.Println()
		reports = append(reports, r)
	}
	for i, e := range engines {
		r, err := measure(ctx, e, o, filepath.Join(benchDir, fmt.Sprint(i)))
		r.print(os.Stdout)
		fmt.Println()
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		reports = append(reports, r)
	}
	peers(os.Stdout)
	if err := write(o.out, reports); err != nil {
		return err
	}
	fmt.Println("\nfigures are in", o.out)
	return nil
}

// measure takes all figures of one engine, each part on a stack of its own. With an error it returns what was measured
// until then. Long because each part is one of a few lines.
func measure(ctx context.Context, e engine, o options, dir string) (*report, error) {
	r := &report{engine: e}
	for _, part := range []struct {
		name string
		how  layout
		do   func(context.Context, *stack, options, *report) error
	}{
		{"latency", together, latencyPart},
		{"mass", together, massPart},
		{"split", apart, splitPart},
	} {
		if !o.wants(part.name) {
			continue
		}
		progress("%s: %s", part.name, e.name)
		s, err := raise(ctx, e, part.how, o, filepath.Join(dir, part.name))
		if err != nil {
			return r, err
		}
		err = part.do(ctx, s, o, r)
		if err = errors.Join(err, s.close()); err != nil {
			return r, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if o.wants("sweep") {
		if err := sweepFigures(ctx, e, o, dir, r); err != nil {
			return r, fmt.Errorf("sweep: %w", err)
		}
	}
	if o.wants("agents") {
		if err := agentFigures(ctx, e, o, dir, r); err != nil {
			return r, fmt.Errorf("agents: %w", err)
		}
	}
	for _, company := range comparedCompanies {
		if !o.wants(company.part) || e.prefix != "" {
			continue
		}
		if err := reconcileFigures(ctx, e, o, company, dir, r); err != nil {
			return r, fmt.Errorf("%s: %w", company.part, err)
		}
	}
	if o.wants("systems") && e.prefix == "" {
		if err := systemsFigures(ctx, e, o, dir, r); err != nil {
			return r, fmt.Errorf("systems: %w", err)
		}
	}
	if o.wants("contain") && e.prefix == "" {
		if err := containFigures(ctx, e, o, dir, r); err != nil {
			return r, fmt.Errorf("contain: %w", err)
		}
	}
	// Reviews are measured once: they spend their time at the vendors.
	if o.wants("review") && e.prefix == "" {
		if err := reviewFigures(ctx, e, o, dir, r); err != nil {
			return r, err
		}
	}
	if o.wants("events") && e.prefix == "" {
		if err := eventFigures(ctx, o, filepath.Join(dir, "events"), r); err != nil {
			return r, fmt.Errorf("events: %w", err)
		}
	}
	return r, nil
}

// progress tells who watches what is going on.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}
