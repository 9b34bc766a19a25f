package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	workflowservice "go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/internal/alerts"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
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
	require.NoError(t, b.app.Ledger.People().NoteDeparture(t.Context(), persons.Departure{
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
	require.NotContains(t, round(), "hr_workday_down", "the first reading has two periods")
	require.NoError(t, a.Ledger.Roster().PutSource(t.Context(), roster.SourceState{Source: "workday", BaselinedAt: now, SyncedAt: now}))
	now = now.Add(2 * time.Hour)
	require.NotContains(t, round(), "hr_workday_down")
	now = now.Add(30 * time.Minute)
	require.Contains(t, round(), "hr_workday_down")
	require.NotContains(t, round(), "hr_workday_down", "once")
}

// TestSourceThatIsNotReadIsAnItem, whatever keeps it from being read, with what to do.
func TestSourceThatIsNotReadIsAnItem(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		read    bool
		answers error
		listed  func(ids []string) []*client.ScheduleListEntry
		also    []string
	}{
		"the poll fails":        {true, nil, everySchedule, nil},
		"never read":            {false, nil, everySchedule, nil},
		"its schedule paused":   {true, nil, firstPaused, []string{"schedule_hr-sync-workday"}},
		"Temporal is down":      {true, errors.New("down"), everySchedule, []string{"temporal"}},
		"Temporal is new":       {true, nil, func([]string) []*client.ScheduleListEntry { return nil }, []string{"schedules"}},
		"down and never read":   {false, errors.New("down"), everySchedule, []string{"temporal"}},
		"new, and never read":   {false, nil, func([]string) []*client.ScheduleListEntry { return nil }, []string{"schedules"}},
		"paused, never read":    {false, nil, firstPaused, []string{"schedule_hr-sync-workday"}},
		"paused, then Temporal": {true, errors.New("down"), firstPaused, []string{"temporal"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *config.Config) { c.Alerts, c.Schedules.Workday = config.DefaultAlerts(), time.Hour })
			now := monday
			a, err := app.Open(t.Context(), b.config, app.Options{Temporal: b.temporal, Clock: func() time.Time { return now }})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, a.Close()) })
			schedules, list := &mocks.ScheduleClient{}, &entries{}
			var ids []string
			for _, plan := range a.Schedules().Wanted() {
				ids = append(ids, plan.ID)
			}
			b.temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(nil, tt.answers)
			b.temporal.On("DescribeTaskQueue", mock.Anything, mock.Anything, mock.Anything).Return(&workflowservice.DescribeTaskQueueResponse{}, nil)
			b.temporal.On("ScheduleClient").Return(schedules)
			schedules.On("List", mock.Anything, mock.Anything).Run(func(mock.Arguments) { list.list = tt.listed(ids) }).Return(list, nil)
			if tt.read {
				require.NoError(t, a.Ledger.Roster().PutSource(t.Context(), roster.SourceState{Source: "workday", BaselinedAt: now, SyncedAt: now}))
			}
			dog := a.Watchdog("gateway")
			open := func() map[string]string { return afterRounds(t, a, dog, &now, b.config.Alerts.CheckEvery) }
			require.NotContains(t, open(), "hr_workday")
			now = now.Add(2*time.Hour + 10*time.Minute)
			found := open()
			for _, object := range append(tt.also, "hr_workday") {
				require.NotEmpty(t, found[object], object)
			}
			if slices.Contains(tt.also, "schedules") {
				require.Equal(t, "schedules apply", found["schedules"])
			} else {
				require.NotContains(t, found, "schedules")
			}
			require.NoError(t, a.Ledger.Roster().PutSource(t.Context(), roster.SourceState{Source: "workday", BaselinedAt: now, SyncedAt: now}))
			require.NotContains(t, open(), "hr_workday", "it goes with the next reading")
		})
	}
}

func everySchedule(ids []string) []*client.ScheduleListEntry {
	var all []*client.ScheduleListEntry
	for _, id := range ids {
		all = append(all, &client.ScheduleListEntry{ID: id})
	}
	return all
}

func firstPaused(ids []string) []*client.ScheduleListEntry {
	all := everySchedule(ids)
	for _, s := range all {
		s.Paused = s.ID == "hr-sync-workday"
	}
	return all
}
