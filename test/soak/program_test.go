package soak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"

	"gatehouse/gateway"
	"gatehouse/internal/app"
	"gatehouse/internal/httpx"
	"gatehouse/internal/queues"
	"gatehouse/test/kit"
)

// asProgram has the test binary be Gatehouse: `starter serve --with-worker` on the company's clock.
const asProgram = "GATEHOUSE_SOAK_PROGRAM"

// stickyTimeout is how long a task waits for a process that crashed: twenty seconds would be two days.
const stickyTimeout = 200 * time.Millisecond

// place is what a process of Gatehouse needs to know.
type place struct {
	Clock     linear `json:"clock"`
	Site      string `json:"site"`
	Temporal  string `json:"temporal"`
	Namespace string `json:"namespace"`
	Policy    string `json:"policy"`
	Ledger    string `json:"ledger"`
	// Listen is where the front door is.
	Listen string `json:"listen"`
}

// yieldFor is how long a template gives way to people: of the five seconds of the product, which would be half a day of the
// company's here, as much as a timer can tell.
const yieldFor = time.Millisecond

// program is Gatehouse until it is told to stop.
func program(text string) error {
	var p place
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return fmt.Errorf("read where to run: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	temporal, err := dial(ctx, p, log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	cfg := kit.Config(p.Site)
	cfg.Policy, cfg.Ledger.URL, cfg.Temporal.Namespace = p.Policy, httpx.Secret(p.Ledger), p.Namespace
	a, err := app.Open(ctx, cfg, app.Options{Temporal: temporal, Eager: true, Log: log, Clock: p.Clock.Now})
	if err != nil {
		return err
	}
	vendors, err := a.Vendors()
	if err != nil {
		return errors.Join(err, a.Close())
	}
	listener, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), a.Close())
	}
	workers, err := a.StartWorkers(ctx, vendors, app.WorkerOptions{
		People: true, Sweeps: true,
		Queues: queues.Options{StopTimeout: 2 * time.Second, StickyTimeout: stickyTimeout, YieldFor: yieldFor},
	})
	if err != nil {
		return errors.Join(err, listener.Close(), a.Close())
	}
	go vendors.Policy.Watch(ctx)
	err = gateway.Serve(ctx, listener, a.Gateway())
	workers.Stop()
	return errors.Join(err, a.Close())
}

// dial connects to a namespace with the company's clock in the place of Temporal's.
func dial(ctx context.Context, p place, log *slog.Logger) (client.Client, error) {
	c, err := client.DialContext(ctx, client.Options{
		HostPort: p.Temporal, Namespace: p.Namespace, Logger: sdklog.NewStructuredLogger(log),
		Interceptors: []interceptor.ClientInterceptor{&scaler{clock: p.Clock}},
	})
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal: %w", err)
	}
	return c, nil
}
