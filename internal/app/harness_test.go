package app_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// monday is an ordinary working day, 10:00 in Berlin.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// bench is Gatehouse against a sandbox of its own, with a Temporal that is not asked for anything.
type bench struct {
	t        *testing.T
	sandbox  *control.Client
	config   *config.Config
	tenant   *server.Server
	temporal *mocks.Client
	app      *app.App
}

func newBench(t *testing.T, edits ...func(*config.Config)) *bench {
	t.Helper()
	clock := func() time.Time { return monday }
	tenant := server.New(server.Options{People: 60, Seed: 7, Quota: 100_000, Clock: clock})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { site.Close(); tenant.Close() })
	b := &bench{t: t, tenant: tenant, sandbox: control.New(site.URL), config: kit.Config(site.URL), temporal: &mocks.Client{}}
	b.config.Ledger.URL = httpx.Secret(filepath.Join(t.TempDir(), "ledger.db"))
	example, err := os.ReadFile(filepath.Join(kit.Root(), "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	b.config.Policy = filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(b.config.Policy, example, 0o600))
	for _, edit := range edits {
		edit(b.config)
	}
	b.open()
	return b
}

// open starts a process; it ends with the test.
func (b *bench) open() {
	b.t.Helper()
	a, err := app.Open(b.t.Context(), b.config, app.Options{Temporal: b.temporal, Clock: func() time.Time { return monday }})
	require.NoError(b.t, err)
	b.t.Cleanup(func() { require.NoError(b.t, a.Close()) })
	b.app = a
}
