// Package kit is the whole of Gatehouse for a test: a real Temporal server, the sandbox, the workers and the gateway,
// wired by internal/app as in production. Every stack has a namespace, a tenant and a ledger of its own.
package kit

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"gatehouse/internal/app"
	"gatehouse/internal/codec"
	"gatehouse/internal/config"
	"gatehouse/internal/devserver"
	"gatehouse/internal/queues"
	"gatehouse/internal/templates"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
)

// namespaces is how many stacks one test binary can have.
const namespaces = 400

var (
	temporal *devserver.Server
	used     atomic.Int64
)

// Main starts the Temporal server around a package's tests. Without the temporal CLI the tests fail with what to do.
func Main(m *testing.M) {
	flag.Parse()
	if os.Getenv("GATEHOUSE_STICKY_CACHE") == "0" {
		// Every workflow task then replays its run from the start: the cheapest proof of determinism there is.
		worker.SetStickyWorkflowCacheSize(0)
	}
	names := make([]string, namespaces)
	for i := range names {
		names[i] = fmt.Sprintf("test-%d", i+1)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	server, err := devserver.Start(ctx, devserver.Options{NoUI: true, Namespaces: names})
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "end-to-end tests need a Temporal server:", err)
		os.Exit(1)
	}
	temporal = server
	code := m.Run()
	if err := errors.Join(server.Stop(), os.RemoveAll(built)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Options vary a stack.
type Options struct {
	// People is the size of the tenant (default 60), Quota its OneLogin calls per hour (default 100,000).
	People, Quota int
	// Legacy makes the accounts older than Gatehouse: foreign external ids, other names, second accounts.
	Legacy bool
	// Forgotten is how many people who have left still get in.
	Forgotten int
	// Policy edits the example policy.
	Policy func(string) string
	// Config edits the configuration.
	Config func(*config.Config)
	// Systems has the systems beside OneLogin configured: Google Workspace, Salesforce and a directory.
	Systems bool
	// NoWorker leaves the workers out until StartWorkers.
	NoWorker bool
	// Clock replaces the clock of Gatehouse, and of whoever signs webhooks; the sandbox keeps its own.
	Clock func() time.Time
	// Templates replace those of Gatehouse.
	Templates []templates.Template
}

// Stack is one Gatehouse with everything around it.
type Stack struct {
	T         testing.TB
	Namespace string
	Temporal  client.Client
	Sandbox   *control.Client
	App       *app.App
	Vendors   *app.Vendors
	// Gateway is the base URL of the front door.
	Gateway    string
	PolicyPath string

	workers *app.Workers
	// unwatch ends the watch over the policy file.
	unwatch func()
	clock   func() time.Time
}

// BambooHRKey and WorkdayKey sign the webhooks of a stack.
const (
	BambooHRKey = "sandbox-bamboohr-webhook"
	WorkdayKey  = "test-workday-key"
)

// What the other senders of webhooks prove who they are with.
const (
	OneLoginSecret     = "sandbox-onelogin-events"
	PagerDutySecret    = "sandbox-pagerduty-webhook"
	SlackSigningSecret = "sandbox-slack-signing"
)

// New starts a stack; the test's end stops it.
func New(t testing.TB, o Options) *Stack {
	t.Helper()
	require.NotNil(t, temporal, "the package's TestMain must call kit.Main")
	if o.People == 0 {
		o.People = 60
	}
	if o.Quota == 0 {
		o.Quota = 100_000
	}
	tenant := server.New(server.Options{People: o.People, Seed: 7, Quota: o.Quota, Legacy: o.Legacy, Forgotten: o.Forgotten})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { tenant.Close(); site.Close() })

	s := &Stack{T: t, Sandbox: control.New(site.URL), Namespace: fmt.Sprintf("test-%d", used.Add(1)), clock: o.Clock}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.PolicyPath = filepath.Join(t.TempDir(), "policy.yaml")
	s.WritePolicy(o.Policy)
	cfg := Config(site.URL)
	cfg.Policy = s.PolicyPath
	cfg.Ledger.URL = secret(filepath.Join(t.TempDir(), "ledger.db"))
	cfg.Temporal.Namespace = s.Namespace
	if o.Systems {
		cfg.Systems = Systems(t, tenant, site.URL)
	}
	if o.Config != nil {
		o.Config(cfg)
	}
	s.Temporal = s.dial(cfg)
	a, err := app.Open(t.Context(), cfg, app.Options{Temporal: s.Temporal, Eager: true, Log: logger(), Clock: o.Clock, Templates: o.Templates})
	require.NoError(t, err)
	s.App = a
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	s.Vendors, err = a.Vendors()
	require.NoError(t, err)
	require.NoError(t, s.Vendors.CheckTenant(t.Context()))
	require.NoError(t, a.EnsureSearchAttributes(t.Context()))
	if !o.NoWorker {
		s.StartWorkers()
	}
	t.Cleanup(s.StopWorkers)
	front := httptest.NewServer(a.Gateway())
	t.Cleanup(front.Close)
	s.Gateway = front.URL
	return s
}

// Config is the configuration against a sandbox.
func Config(base string) *config.Config {
	c := &config.Config{}
	c.OneLogin = config.OneLogin{BaseURL: base + "/onelogin", ClientID: "sandbox-onelogin", ClientSecret: "sandbox-onelogin-secret", CredentialOwners: []string{"breakglass-1@acme.example"}}
	c.Workday = config.Workday{
		BaseURL: base + "/workday", Tenant: "acme", ClientID: "sandbox-workday", ClientSecret: "sandbox-workday-secret",
		RefreshToken: "sandbox-workday-refresh", ReportOwner: "isu_gatehouse",
		RosterReport: "Gatehouse_Roster", WorkerReport: "Gatehouse_Worker", WorkerPrompt: "Employee_ID",
	}
	c.BambooHR = config.BambooHR{BaseURL: base + "/bamboohr", APIKey: "sandbox-bamboohr-key"}
	c.Slack.BaseURL, c.Slack.Token = base+"/slack/api/", "xoxb-sandbox"
	c.Slack.Channels.IT, c.Slack.Channels.Security = "C0IT", "C0SECURITY"
	c.Jira = config.Jira{
		BaseURL: base + "/jira", Deployment: "cloud", User: "gatehouse@acme.example", Token: "sandbox-jira-token",
		Project: "IT", IssueType: "Task", IndexLag: 3 * time.Second,
	}
	c.Google = Google(base)
	c.PagerDuty = config.PagerDuty{
		BaseURL: base + "/pagerduty", EventsURL: base + "/pagerduty",
		RoutingKey: "5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f", Token: "sandbox-pagerduty-read-only",
	}
	c.Gateway.BambooHRKeys, c.Gateway.WorkdayKeys = secrets(BambooHRKey), secrets(WorkdayKey)
	c.Gateway.OneLoginSecrets, c.Gateway.OneLoginHeader = secrets(OneLoginSecret), "X-OneLogin-Token"
	c.Gateway.PagerDutySecrets, c.Gateway.SlackSigningSecret = secrets(PagerDutySecret), SlackSigningSecret
	c.Gateway.SlackTeam, c.Gateway.SlackApp = "T0ACME", "A0GATEHOUSE"
	c.Temporal.UI = "http://127.0.0.1:8233"
	c.Agents.URL = "http://127.0.0.1:8485/mcp"
	c.Schedules = config.DefaultSchedules()
	c.Schedules.Workday, c.Schedules.BambooHR = time.Hour, time.Hour
	c.Alerts = config.DefaultAlerts()
	return c
}

func (s *Stack) dial(cfg *config.Config) client.Client {
	s.T.Helper()
	options := client.Options{
		HostPort: temporal.Address, Namespace: s.Namespace,
		Logger: sdklog.NewStructuredLogger(logger()),
	}
	sealed, err := app.Codec(cfg)
	require.NoError(s.T, err)
	options.DataConverter, options.FailureConverter = codec.Converters(sealed)
	c, err := client.DialContext(s.T.Context(), options)
	require.NoError(s.T, err)
	s.T.Cleanup(c.Close)
	return c
}

// logger speaks with -v only.
func logger() *slog.Logger {
	if !testing.Verbose() {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// StartWorkers starts working on both queues.
func (s *Stack) StartWorkers() {
	s.T.Helper()
	workers, err := s.App.StartWorkers(s.T.Context(), s.Vendors, app.WorkerOptions{
		People: true, Sweeps: true, Queues: queues.Options{FailOnPanic: true, StopTimeout: 2 * time.Second},
	})
	require.NoError(s.T, err)
	ctx, cancel := context.WithCancel(s.T.Context())
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		s.Vendors.Policy.Watch(ctx)
	}()
	s.workers, s.unwatch = workers, func() { cancel(); <-watching }
}

// StopWorkers stops working; what was begun may finish.
func (s *Stack) StopWorkers() {
	if s.workers != nil {
		s.unwatch()
		s.workers.Stop()
		s.workers = nil
	}
}

// PolicyEnd is the last line of every policy.
const PolicyEnd = "end: policy\n"

// WritePolicy replaces the policy file by an edited example. The edit sees it without its last line, so that it can add to it.
func (s *Stack) WritePolicy(edit func(string) string) {
	s.T.Helper()
	text := Policy(s.T)
	if edit != nil {
		text = edit(strings.TrimSuffix(text, PolicyEnd)) + PolicyEnd
	}
	require.NoError(s.T, os.WriteFile(s.PolicyPath, []byte(text), 0o600))
}

// Policy is the example policy with days that begin at midnight, so that tests do not depend on the hour, and
// read-backs that do not take a day.
func Policy(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(Root(), "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	return Replace(t, string(data),
		`activate_at: "08:00"`, `activate_at: "00:00"`,
		`contain_within: 15m`, `contain_within: 15m, verify_after: [1s]`)
}

// Replace replaces pairs of old and new text and fails where an old one is not there.
func Replace(t testing.TB, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// Root is the repository's directory.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "."
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}
