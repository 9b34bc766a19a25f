package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// How long a caller may take, so that none holds a connection for good: from its beginning until the headers and until all
// of a request is there, from the headers to the end of the answer, and between two requests. The answer may take as long
// as the body and then as long as a hint needs to become durable.
const (
	readHeaders = 5 * time.Second
	readRequest = 15 * time.Second
	writeAnswer = 30 * time.Second
	keepIdle    = 2 * time.Minute
)

// Serve answers on a listener until the context ends, then finishes what it has begun.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	return Run(ctx, listener, &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaders, ReadTimeout: readRequest, WriteTimeout: writeAnswer, IdleTimeout: keepIdle,
	}, 15*time.Second)
}

// Run is Serve for a server with limits of its own: what it has begun has some time to finish.
func Run(ctx context.Context, listener net.Listener, server *http.Server, finish time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return fmt.Errorf("stop serving HTTP on %s: %w", listener.Addr(), err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	}
	return nil
}
