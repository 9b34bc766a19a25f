package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gatehouse/internal/cli"
	"gatehouse/sandbox/google"
	"gatehouse/sandbox/seed"
	"gatehouse/sandbox/server"
)

func main() { os.Exit(cli.Main(command(os.Getenv))) }

func command(env func(string) string) *cobra.Command {
	s, wrong := defaults(env)
	cmd := &cobra.Command{
		Use: "sandbox", Short: "Simulate a company and the systems that Gatehouse works with", Args: cobra.NoArgs,
		Long: `Simulate a company and the systems that Gatehouse works with.

It serves OneLogin, Workday, BambooHR, Slack, Jira, PagerDuty, Google and Salesforce from memory, the company's directory by LDAP, and a
page that shows them. Whoever reaches it controls it, so that it listens on this machine alone unless --public says otherwise.`,
		Example: `  sandbox
  sandbox --people 2000 --legacy --forgotten 40 --seed 7
  sandbox --addr 127.0.0.1:9000`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(wrong, s.check()); err != nil {
				return err
			}
			return run(cmd.Context(), s)
		},
	}
	s.flags(cmd.Flags())
	return cmd
}

// settings is what flags and environment say.
type settings struct {
	addr   string
	public bool
	server server.Options
	// ldap is where the directory listens: noLDAP if there is none, "" for usualLDAP or, where that is taken, any free port.
	ldap string
	// key is the file of Google's service account key; makeKey says to make it and to end.
	key     string
	makeKey bool
}

const (
	usualLDAP = "127.0.0.1:8389"
	noLDAP    = "none"
)

// defaults are the settings of the environment.
func defaults(env func(string) string) (*settings, error) {
	s := &settings{addr: cmp.Or(env("SANDBOX_ADDR"), "127.0.0.1:8484"), ldap: env("SANDBOX_LDAP")}
	s.server.People = seed.DefaultPeople
	if v := env("SANDBOX_PEOPLE"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return s, fmt.Errorf("read SANDBOX_PEOPLE: %w", err)
		}
		s.server.People = n
	}
	return s, nil
}

// flags are the settings of the command line, which replace those of the environment.
func (s *settings) flags(fs *pflag.FlagSet) {
	fs.StringVar(&s.addr, "addr", s.addr, "`address` to listen on (SANDBOX_ADDR)")
	fs.IntVar(&s.server.People, "people", s.server.People, "`number` of people in the company (SANDBOX_PEOPLE)")
	fs.Uint64Var(&s.server.Seed, "seed", 1, "`seed` the company is made from")
	fs.IntVar(&s.server.Apps, "apps", 0, "`number` of apps besides the usual ones")
	fs.IntVar(&s.server.Quota, "quota", 0, "OneLogin API `calls` per hour, 0 for OneLogin's own 5000")
	fs.BoolVar(&s.server.Legacy, "legacy", false, "make the accounts older than Gatehouse: foreign external ids, other names, second accounts")
	fs.IntVar(&s.server.Forgotten, "forgotten", 0, "`number` of people who have left and still get in")
	fs.IntVar(&s.server.CRM, "crm", 0, "`number` of people of Sales who are in Salesforce at most, 60 if 0")
	fs.BoolVar(&s.public, "public", false, "allow an address that other machines can reach")
	fs.StringVar(&s.ldap, "ldap", s.ldap, "`address` to serve the company's directory on by LDAP, "+usualLDAP+" or a free port if empty; none for none (SANDBOX_LDAP)")
	fs.StringVar(&s.key, "google-key", "", "`file` with the key of Google's service account, one of its own if empty")
	fs.BoolVar(&s.makeKey, "make-google-key", false, "make that file if it is not there, and end")
}

// check refuses what cannot be meant.
func (s *settings) check() error {
	if s.makeKey && s.key == "" {
		return errors.New("--make-google-key needs --google-key, the file to make")
	}
	if s.server.People < 1 {
		return fmt.Errorf("--people is %d; a company has at least one", s.server.People)
	}
	if s.server.Forgotten < 0 {
		return fmt.Errorf("--forgotten is %d; write how many people who have left still get in", s.server.Forgotten)
	}
	if s.server.CRM < 0 {
		return fmt.Errorf("--crm is %d; write how many people are in Salesforce at most", s.server.CRM)
	}
	if s.ldap != "" && s.ldap != noLDAP {
		if err := s.checkAddress(s.ldap); err != nil {
			return err
		}
	}
	return s.checkAddress(s.addr)
}

// checkAddress refuses to face other machines unless told to: everyone who reaches the sandbox controls it.
func (s *settings) checkAddress(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("read address %q: %w", addr, err)
	}
	ip := net.ParseIP(host)
	if s.public || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("address %q can be reached from other machines, and the sandbox has no protection; add --public if that is meant", addr)
}

// makeGoogleKey makes the key file for a sandbox that will listen on a port of this machine. One that is there stays:
// somebody may be using it.
func makeGoogleKey(path, addr string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("read address %q: %w", addr, err)
	}
	data, err := google.ServiceAccountKey("http://127.0.0.1:" + port)
	if err != nil {
		return err
	}
	// Renamed into place, so that nobody reads half of it.
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("write google-key: %w", err)
	}
	return os.Rename(path+".new", path)
}

// serveDirectory starts the directory. Where it listens GET /sandbox/ldap says.
func (s *settings) serveDirectory(sandbox *server.Server) error {
	switch s.ldap {
	case noLDAP:
		return nil
	case "":
		if sandbox.ServeLDAP(usualLDAP) == nil {
			return nil
		}
		// Another sandbox has the port.
		return sandbox.ServeLDAP("127.0.0.1:0")
	}
	return sandbox.ServeLDAP(s.ldap)
}

func run(ctx context.Context, s *settings) error {
	if s.makeKey {
		return makeGoogleKey(s.key, s.addr)
	}
	if s.key != "" {
		data, err := os.ReadFile(s.key)
		if err != nil {
			return fmt.Errorf("read google-key: %w", err)
		}
		if s.server.GoogleKey, err = google.ReadKey(data); err != nil {
			return err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.addr, err)
	}
	sandbox := server.New(s.server)
	defer sandbox.Close()
	if err := s.serveDirectory(sandbox); err != nil {
		return err
	}
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
