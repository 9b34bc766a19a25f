package incidents_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/storetest"
)

func testEventsAbout(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "a", "a")})
	books := l.Incidents()
	about := func(id int64, minute float64, user, app int64) incidents.StoredEvent {
		out := happened(id, minute, "s")
		out.UserID, out.AppID, out.Detail = user, app, fmt.Appendf(nil, `{"type":"t%d"}`, id)
		return out
	}
	put(t, l, about(1, 1, 41, 0), about(2, 2, 41, 7), about(3, 3, 42, 7), about(4, 4, 0, 7), about(5, 99, 41, 0))
	read := incidents.EventsReading{User: 41, Between: incidents.Between{Since: c.Now(), Until: c.Now().Add(time.Hour)}, ReadAt: c.Now(), Complete: true}
	require.NoError(t, books.PutReading(ctx, read, []incidents.StoredEvent{about(2, 2, 41, 7), about(6, 2, 41, 0), about(7, 2, 41, 9)}))
	require.NoError(t, books.PutReading(ctx, read, []incidents.StoredEvent{about(2, 2, 41, 7)}), "twice is once")
	got, found, err := books.ReadingOf(ctx, incidents.EventsReading{User: 41})
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, read, got)

	ids := func(a incidents.About, after incidents.EventPlace, limit int) (ids []int64, last incidents.EventPlace) {
		t.Helper()
		events, err := books.EventsAbout(ctx, a, read.Between, after, limit)
		require.NoError(t, err)
		for _, e := range events {
			require.JSONEq(t, fmt.Sprintf(`{"type":"t%d"}`, e.ID), string(e.Detail))
			ids, last = append(ids, e.ID), incidents.EventPlace{At: e.At, ID: e.ID}
		}
		return ids, last
	}
	ada := incidents.About{Users: []int64{41, 43}}
	all, _ := ids(ada, incidents.EventPlace{}, 10)
	require.Equal(t, []int64{7, 6, 2, 1}, all, "each once, whoever read it, within the time asked for")
	first, place := ids(ada, incidents.EventPlace{}, 2)
	put(t, l, about(8, 3, 41, 0))
	second, _ := ids(ada, place, 10)
	require.Equal(t, []int64{7, 6, 2, 1}, append(first, second...), "what comes meanwhile moves no page")
	ofApp, _ := ids(incidents.About{App: 7}, incidents.EventPlace{}, 10)
	require.Equal(t, []int64{4, 3, 2}, ofApp)
	counts, err := books.CountAbout(ctx, incidents.About{App: 7}, read.Between)
	require.NoError(t, err)
	require.Equal(t, map[int64]int{0: 1, 41: 1, 42: 1}, counts)

	require.Equal(t, 2, put(t, l, about(6, 2, 41, 0), about(7, 2, 41, 9)), "what was read anew is still news to the rules")
	since, err := books.KeptWithoutUser(ctx)
	require.NoError(t, err)
	require.True(t, since.IsZero())
	c.Advance(25 * time.Hour)
	_, err = books.PruneEvents(ctx, c.Now().Add(-30*24*time.Hour))
	require.NoError(t, err)
	_, found, err = books.ReadingOf(ctx, incidents.EventsReading{User: 41})
	require.NoError(t, err)
	require.False(t, found, "what was read because somebody asked is kept for a day")
}
