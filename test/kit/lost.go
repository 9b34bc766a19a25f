package kit

import (
	"fmt"
	"net/http/httptest"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
)

// LoseTemporal loses Temporal's database and keeps the ledger: whatever runs there were, nobody knows of them any more. What
// was begun at a vendor may finish. Everything is started anew on an empty namespace.
func (s *Stack) LoseTemporal() {
	s.T.Helper()
	s.StopWorkers()
	cfg := *s.App.Config
	s.Namespace = fmt.Sprintf("test-%d", used.Add(1))
	cfg.Temporal.Namespace = s.Namespace
	s.Temporal = s.dial(&cfg)
	a, err := app.Open(s.T.Context(), &cfg, app.Options{Temporal: s.Temporal, Eager: true, Log: logger(), Clock: s.clock})
	require.NoError(s.T, err)
	s.App = a
	s.T.Cleanup(func() { require.NoError(s.T, a.Close()) })
	s.Vendors, err = a.Vendors()
	require.NoError(s.T, err)
	require.NoError(s.T, s.Vendors.CheckTenant(s.T.Context()))
	require.NoError(s.T, a.EnsureSearchAttributes(s.T.Context()))
	s.StartWorkers()
	s.T.Cleanup(s.StopWorkers)
	front := httptest.NewServer(a.Gateway())
	s.T.Cleanup(front.Close)
	s.Gateway = front.URL
}
