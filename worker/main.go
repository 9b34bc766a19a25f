// Command worker hosts Gatehouse's workflows and activities.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/worker"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/policyfile"
	"gatehouse/internal/queues"
)

func main() { os.Exit(cli.Main(command())) }

func command() *cobra.Command {
	var path string
	var check bool
	var o app.WorkerOptions
	cmd := &cobra.Command{
		Use: "worker", Short: "Host Gatehouse's workflows and activities", Args: cobra.NoArgs,
		Long: `Host Gatehouse's workflows and activities.

It works until it is told to stop, and lets running activities finish. With --people or --sweeps set to false it leaves those
queues to other workers.`,
		Example: `  worker --config gatehouse.yaml
  worker --check-config
  worker --sweeps=false`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
			if check {
				return checkConfig(cmd, log, path)
			}
			return run(cmd.Context(), log, path, o)
		},
	}
	cli.ConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&o.People, "people", true, "work on the people queue")
	cmd.Flags().BoolVar(&o.Sweeps, "sweeps", true, "work on the sweep queue")
	cmd.Flags().BoolVar(&check, "check-config", false, "check configuration and policy, then exit")
	return cmd
}

func checkConfig(cmd *cobra.Command, log *slog.Logger, path string) error {
	cfg, err := config.Load(path, config.Needs{Vendors: true})
	if err != nil {
		return err
	}
	file, err := policyfile.Open(policyfile.Options{Path: cfg.Policy, Installed: app.Installed(cfg), Log: log})
	if err != nil {
		return err
	}
	if err := file.Current().CheckChannels(cfg.Slack.Configured(), cfg.MailsTeams()); err != nil {
		return err
	}
	cmd.Println("configuration and policy are valid")
	return nil
}

func run(ctx context.Context, log *slog.Logger, path string, o app.WorkerOptions) (err error) {
	cfg, err := config.Load(path, config.Needs{Vendors: true})
	if err != nil {
		return err
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
	worker.SetStickyWorkflowCacheSize(queues.CachedRuns)
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
