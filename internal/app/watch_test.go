package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/alerts"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
)

// TestProgramThatCannotStartSaysWhatIsOverdue: a supervisor starts it again and again while Temporal is down, and each
// time it looks into the ledger first.
func TestProgramThatCannotStartSaysWhatIsOverdue(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	posted := make(chan alerts.Alert, 4)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a alerts.Alert
		if json.NewDecoder(r.Body).Decode(&a) == nil {
			posted <- a
		}
	}))
	t.Cleanup(receiver.Close)
	b := newBench(t)
	require.NoError(t, b.app.Ledger.NoteDeparture(t.Context(), ledger.Departure{
		Key: "workday-21005", Source: "workday", DueAt: time.Now().Add(-time.Hour),
	}))
	b.config.Alerts = config.DefaultAlerts()
	b.config.Alerts.URL, b.config.Alerts.Secret = httpx.Secret(receiver.URL), "s3cret"
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := app.Open(ctx, b.config, app.Options{Watch: "worker"})
		require.ErrorContains(t, err, "connect to Temporal")
	}
	require.Len(t, posted, 1, "once")
	a := <-posted
	require.Equal(t, "departures_overdue", a.Kind)
	require.Equal(t, "worker", a.From)
	require.Equal(t, "workday-21005", a.Departures[0].Key)
}
