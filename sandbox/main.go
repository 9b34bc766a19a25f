package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"gatehouse/sandbox/seed"
	"gatehouse/sandbox/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

// settings is what flags and environment say.
type settings struct {
	addr   string
	public bool
	server server.Options
}

// readSettings reads flags, with the environment as their defaults.
func readSettings(args []string, env func(string) string) (settings, error) {
	s := settings{addr: "127.0.0.1:8484"}
	if v := env("SANDBOX_ADDR"); v != "" {
		s.addr = v
	}
	s.server.People = seed.DefaultPeople
	if v := env("SANDBOX_PEOPLE"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return s, fmt.Errorf("read SANDBOX_PEOPLE: %w", err)
		}
		s.server.People = n
	}
	fs := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	fs.StringVar(&s.addr, "addr", s.addr, "`address` to listen on (SANDBOX_ADDR)")
	fs.IntVar(&s.server.People, "people", s.server.People, "`number` of people in the company (SANDBOX_PEOPLE)")
	fs.Uint64Var(&s.server.Seed, "seed", 1, "`seed` the company is made from")
	fs.IntVar(&s.server.Apps, "apps", 0, "`number` of apps besides the usual ones")
	fs.IntVar(&s.server.Quota, "quota", 0, "OneLogin API `calls` per hour, 0 for OneLogin's own 5000")
	fs.BoolVar(&s.public, "public", false, "allow an address that other machines can reach")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	if s.server.People < 1 {
		return s, fmt.Errorf("people is %d; a company has at least one", s.server.People)
	}
	return s, s.checkAddress()
}

// checkAddress refuses to face other machines unless told to: everyone who reaches the sandbox controls it.
func (s settings) checkAddress() error {
	host, _, err := net.SplitHostPort(s.addr)
	if err != nil {
		return fmt.Errorf("read address %q: %w", s.addr, err)
	}
	ip := net.ParseIP(host)
	if s.public || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("address %q can be reached from other machines, and the sandbox has no protection; add -public if that is meant", s.addr)
}

func run(ctx context.Context, args []string, env func(string) string) error {
	s, err := readSettings(args, env)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.addr, err)
	}
	sandbox := server.New(s.server)
	defer sandbox.Close()
	web := &http.Server{Handler: sandbox.Handler(), ReadHeaderTimeout: 10 * time.Second}
	slog.Info("sandbox is up", "url", "http://"+listener.Addr().String()+"/", "people", s.server.People)

	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			sandbox.Tick()
		case err := <-served:
			return fmt.Errorf("serve: %w", err)
		case <-ctx.Done():
			// A moment for calls under way; whoever still waits then is cut off.
			wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err := web.Shutdown(wait); err != nil {
				return web.Close()
			}
			return nil
		}
	}
}
