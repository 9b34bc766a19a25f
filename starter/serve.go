package main

import (
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"gatehouse/gateway"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/queues"
	"gatehouse/starter/cmdline"
)

func serve(p *cmdline.Program) *cobra.Command {
	var withWorker, public bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the gateway: webhooks in, hints out",
		Long: `Serve the gateway: webhooks in, hints out.

Alone it holds webhook secrets and no vendor credential. With --with-worker it also works on all queues over the same
client, which is the fast path for one machine.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := config.Load(p.Config, config.Needs{Gateway: true, Vendors: withWorker})
			if err != nil {
				return err
			}
			if err := cmdline.LoopbackOnly("gateway.listen", cfg.Gateway.Listen, public); err != nil {
				return err
			}
			log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
			ctx := cmd.Context()
			a, err := app.Open(ctx, cfg, app.Options{Log: log, Eager: withWorker, Watch: "gateway"})
			if err != nil {
				return err
			}
			defer func() {
				if closing := a.Close(); err == nil {
					err = closing
				}
			}()
			var listen net.ListenConfig
			listener, err := listen.Listen(ctx, "tcp", cfg.Gateway.Listen)
			if err != nil {
				return fmt.Errorf("listen for webhooks: %w", err)
			}
			group, ctx := errgroup.WithContext(ctx)
			if withWorker {
				workers, err := startWorkers(cmd, a)
				if err != nil {
					return err
				}
				group.Go(func() error {
					<-ctx.Done()
					workers.Stop()
					return nil
				})
			}
			log.Info("gateway serving", "address", listener.Addr().String(), "with_worker", withWorker)
			group.Go(func() error { return gateway.Serve(ctx, listener, a.Gateway()) })
			return group.Wait()
		},
	}
	cmd.Flags().BoolVar(&withWorker, "with-worker", false, "also host workflows and activities in this process")
	cmd.Flags().BoolVar(&public, "public", false, "allow an address other than loopback")
	return cmd
}

func startWorkers(cmd *cobra.Command, a *app.App) (*app.Workers, error) {
	v, err := a.Vendors()
	if err != nil {
		return nil, err
	}
	if err := v.CheckTenant(cmd.Context()); err != nil {
		return nil, err
	}
	go v.Policy.Watch(cmd.Context())
	worker.SetStickyWorkflowCacheSize(queues.CachedRuns)
	return a.StartWorkers(cmd.Context(), v, app.WorkerOptions{People: true, Sweeps: true})
}
