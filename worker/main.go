// Command worker hosts Gatehouse's workflows and activities.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"go.temporal.io/sdk/worker"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
)

func main() {
	path := flag.String("config", "gatehouse.yaml", "configuration file")
	people := flag.Bool("people", true, "work on the people queue")
	sweeps := flag.Bool("sweeps", true, "work on the sweep queue")
	check := flag.Bool("check-config", false, "check configuration and policy, then exit")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log, *path, *check, app.WorkerOptions{People: *people, Sweeps: *sweeps}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, path string, check bool, o app.WorkerOptions) (err error) {
	cfg, err := config.Load(path, config.Needs{Vendors: true})
	if err != nil {
		return err
	}
	if check {
		if _, err := app.OpenPolicy(cfg, log); err != nil {
			return err
		}
		fmt.Println("configuration and policy are valid")
		return nil
	}
	a, err := app.Open(ctx, cfg, app.Options{Log: log, Watch: "worker"})
	if err != nil {
		return err
	}
	defer func() {
		if closing := a.Close(); err == nil {
			err = closing
		}
	}()
	v, err := a.Vendors()
	if err != nil {
		return err
	}
	if err := v.CheckTenant(ctx); err != nil {
		return err
	}
	go v.Policy.Watch(ctx)
	worker.SetStickyWorkflowCacheSize(app.CachedRuns)
	workers, err := a.StartWorkers(ctx, v, o)
	if err != nil {
		return err
	}
	log.Info("worker started", "people", o.People, "sweeps", o.Sweeps)
	<-ctx.Done()
	log.Info("worker stopping: running activities may finish")
	workers.Stop()
	return nil
}
