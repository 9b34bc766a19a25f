package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
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

// TestSourceThatIsNotReadIsAlarmed: a poll that never ends well is announced after two periods, by whatever program runs.
func TestSourceThatIsNotReadIsAlarmed(t *testing.T) {
	posted := make(chan alerts.Alert, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a alerts.Alert
		if json.NewDecoder(r.Body).Decode(&a) == nil {
			posted <- a
		}
	}))
	t.Cleanup(receiver.Close)
	b := newBench(t, func(c *config.Config) {
		c.Alerts = config.DefaultAlerts()
		c.Alerts.URL, c.Alerts.Secret = httpx.Secret(receiver.URL), "s3cret"
		c.Schedules.Workday = time.Hour
	})
	now := monday
	a, err := app.Open(t.Context(), b.config, app.Options{Temporal: b.temporal, Clock: func() time.Time { return now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	b.temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(nil, errors.New("down"))
	dog := a.Watchdog("gateway")
	kinds := func() []string {
		var got []string
		for len(posted) > 0 {
			got = append(got, (<-posted).Kind)
		}
		return got
	}
	round := func() []string {
		for range 3 {
			dog.Round(t.Context())
			now = now.Add(b.config.Alerts.CheckEvery)
		}
		return kinds()
	}
	require.NotContains(t, round(), "hr_workday_down", "nothing is awaited before the first reading")
	require.NoError(t, a.Ledger.PutSource(t.Context(), ledger.SourceState{Source: "workday", BaselinedAt: now, SyncedAt: now}))
	now = now.Add(2 * time.Hour)
	require.NotContains(t, round(), "hr_workday_down")
	now = now.Add(30 * time.Minute)
	require.Contains(t, round(), "hr_workday_down")
	require.NotContains(t, round(), "hr_workday_down", "once")
}
