package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/google"
	"gatehouse/sandbox/server"
)

// A tenant of this size is scanned for second factors; so many of its people enrol between the two scans.
const (
	mfaPeople    = 10_000
	mfaEnrolling = 50
	mfaTimeout   = 10 * time.Minute
)

// mfaStack is a sandbox and the activities of a worker in this process, on a clock that is moved by hand.
type mfaStack struct {
	sandbox *control.Client
	vendors *app.Vendors
	now     atomic.Int64
	closers []func() error
}

// mfaReport counts the OneLogin calls of a first scan of everybody's second factors and of the one a week later.
func mfaReport(ctx context.Context) (r *report, err error) {
	progress("mfa: two scans of %d people", mfaPeople)
	s := &mfaStack{}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, filepath.Join(benchDir, "mfa"), mfaPeople); err != nil {
		return nil, err
	}
	s.advance(2 * time.Hour)
	first, firstCalls, took, err := s.scan(ctx, "first")
	if err != nil {
		return nil, err
	}
	if err := s.enrol(ctx, mfaEnrolling); err != nil {
		return nil, err
	}
	s.advance(7 * 24 * time.Hour)
	next, nextCalls, tookNext, err := s.scan(ctx, "next")
	if err != nil {
		return nil, err
	}
	r = &report{engine: engine{name: fmt.Sprintf("second factors of %d people", mfaPeople)}}
	r.add(figure{
		key: "mfa_10k_first_scan_calls", what: "OneLogin calls of the first scan", unit: "calls", is: float64(firstCalls),
		note: fmt.Sprintf("%d accounts can sign in, %d have no factor; %s", first.Active, first.None, took.Round(time.Second)),
	})
	r.add(figure{
		key: "mfa_10k_next_scan_calls", what: "OneLogin calls of the scan a week later", unit: "calls", is: float64(nextCalls),
		note: fmt.Sprintf("%d enrolled between them; it reads again who had no factor, unless their own grace period has; %s", next.Events,
			tookNext.Round(time.Second)),
	})
	r.add(figure{what: "saved by the later scan", unit: "%", is: 100 - 100*float64(nextCalls)/float64(firstCalls)})
	return r, nil
}

func (s *mfaStack) open(ctx context.Context, dir string, people int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make a directory for the bench: %w", err)
	}
	s.now.Store(time.Now().UnixNano())
	clock := func() time.Time { return time.Unix(0, s.now.Load()) }
	tenant := server.New(server.Options{People: people, Seed: 7, Quota: callsPerHour, Clock: clock})
	site := httptest.NewServer(tenant.Handler())
	s.closers = append(s.closers, func() error { site.Close(); tenant.Close(); return nil })
	s.sandbox = control.New(site.URL)
	key, err := google.ServiceAccountKey(site.URL)
	if err != nil {
		return fmt.Errorf("make a key of Google's service account: %w", err)
	}
	path, err := writeFiles(dir, files{ledger: filepath.Join(dir, "ledger.db"), gateway: noAddress, agents: noAddress, sandbox: site.URL, googleKey: key})
	if err != nil {
		return err
	}
	cfg, err := config.Load(path, config.Needs{Vendors: true})
	if err != nil {
		return err
	}
	// A scan talks to no Temporal server.
	temporal, err := client.NewLazyClient(client.Options{Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		return fmt.Errorf("make a Temporal client: %w", err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Temporal: temporal, Clock: clock})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, a.Close)
	s.vendors, err = a.Vendors()
	return err
}

func (s *mfaStack) advance(d time.Duration) { s.now.Add(int64(d)) }

// scan runs one scan as a worker would and counts its calls by the sandbox's journal.
func (s *mfaStack) scan(ctx context.Context, id string) (out api.MFAScanned, calls int, took time.Duration, err error) {
	j, err := follow(ctx, s.sandbox, false)
	if err != nil {
		return out, 0, 0, err
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(mfaTimeout)
	env.RegisterActivityWithOptions(s.vendors.Activities.MFA.Scan, activity.RegisterOptions{Name: api.MFAScan})
	began := time.Now()
	value, err := env.ExecuteActivity(api.MFAScan, api.MFAScanInput{Scan: id})
	if err != nil {
		return out, 0, 0, fmt.Errorf("scan: %w", err)
	}
	took = time.Since(began)
	if err := value.Get(&out); err != nil {
		return out, 0, 0, fmt.Errorf("read what the scan found: %w", err)
	}
	entries, err := j.next(ctx)
	for _, e := range entries {
		if e.System == "onelogin" && !strings.Contains(e.Op, "token") {
			calls++
		}
	}
	return out, calls, took, err
}

// enrol has some of the people without a factor register one.
func (s *mfaStack) enrol(ctx context.Context, n int) error {
	var state struct {
		OneLogin struct {
			Users []control.Person `json:"users"`
		} `json:"onelogin"`
	}
	if err := s.sandbox.State(ctx, &state); err != nil {
		return err
	}
	for _, u := range state.OneLogin.Users {
		if u.Status != 1 || len(u.Factors) > 0 {
			continue
		}
		if err := s.sandbox.Enrol(ctx, u.Username, "OneLogin Protect"); err != nil {
			return err
		}
		if n--; n == 0 {
			return nil
		}
	}
	return fmt.Errorf("%d people too few are without a factor", n)
}

func (s *mfaStack) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}
