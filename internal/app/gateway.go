package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/gateway"
)

// Gateway is the HTTP front door of this App.
func (a *App) Gateway() http.Handler {
	return gateway.New(gateway.Options{
		Send: a.Hints.Send, Resolve: a.Ledger.Resolve, Ready: a.Ready,
		BambooHRKeys: a.Config.Gateway.BambooHRKeys, WorkdayKeys: a.Config.Gateway.WorkdayKeys,
		Clock: a.clock, Log: a.Log,
	})
}

// Ready reports whether hints can be made durable.
func (a *App) Ready(ctx context.Context) error {
	if _, err := a.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("temporal: %w", err)
	}
	if err := a.Ledger.Ping(ctx); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Serve answers on a listener until the context ends, then finishes what it has begun.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return fmt.Errorf("stop serving HTTP on %s: %w", listener.Addr(), err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	}
	return nil
}
