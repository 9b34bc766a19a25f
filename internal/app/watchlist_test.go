package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	workflowservice "go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/incidents"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/watchdog"
	ledgerincidents "gatehouse/ledger/incidents"
	"gatehouse/ledger/worklist"
)

// TestLateEventsAndPausedSchedulesAreItems, each with the command that mends it, and nobody is woken.
func TestLateEventsAndPausedSchedulesAreItems(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *config.Config) { c.Schedules.Events = 5 * time.Minute })
	now := monday
	a, err := app.Open(t.Context(), b.config, app.Options{Temporal: b.temporal, Clock: func() time.Time { return now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	paused := true
	schedules := &mocks.ScheduleClient{}
	b.temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(nil, nil)
	b.temporal.On("DescribeTaskQueue", mock.Anything, mock.Anything, mock.Anything).Return(&workflowservice.DescribeTaskQueueResponse{}, nil)
	b.temporal.On("ScheduleClient").Return(schedules)
	list := &entries{}
	schedules.On("List", mock.Anything, mock.Anything).Run(func(mock.Arguments) {
		list.list = []*client.ScheduleListEntry{{ID: a.Schedules().Wanted()[0].ID, Paused: paused, Note: "for the weekend"}}
	}).Return(list, nil)
	require.NoError(t, a.Ledger.Incidents().PutEventCursor(t.Context(), incidents.EventReader, ledgerincidents.EventCursor{PolledAt: now}))
	dog := a.Watchdog("gateway")
	open := func() map[string]string { return afterRounds(t, a, dog, &now, b.config.Alerts.CheckEvery) }
	require.NotContains(t, open(), "events")
	now = now.Add(11 * time.Minute)
	found := open()
	require.Contains(t, found, "events", "two intervals are more than two minutes")
	items, err := a.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{Object: "events"})
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Equal(t, "OneLogin's events have not been read completely, since "+monday.UTC().Format("2006-01-02 15:04 MST")+".", items[0].Text,
		"the time of the last complete reading")
	require.Contains(t, found, "worker")
	require.Equal(t, "temporal schedule toggle --unpause --schedule-id "+a.Schedules().Wanted()[0].ID, found["schedule_"+a.Schedules().Wanted()[0].ID])
	paused = false
	require.NotContains(t, open(), "schedule_"+a.Schedules().Wanted()[0].ID)
}

// entries are schedules as the server lists them.
type entries struct{ list []*client.ScheduleListEntry }

func (e *entries) HasNext() bool { return len(e.list) > 0 }

func (e *entries) Next() (*client.ScheduleListEntry, error) {
	first := e.list[0]
	e.list = e.list[1:]
	return first, nil
}

// afterRounds lets a watchdog look for as long as it takes until what does not work is on the list, and returns what to do about each.
func afterRounds(t *testing.T, a *app.App, dog *watchdog.Watchdog, now *time.Time, every time.Duration) map[string]string {
	t.Helper()
	for range 4 {
		dog.Round(t.Context())
		*now = now.Add(every)
	}
	items, err := a.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
	require.NoError(t, err)
	next := map[string]string{}
	for _, i := range items {
		next[i.Object] = i.Next
	}
	return next
}
