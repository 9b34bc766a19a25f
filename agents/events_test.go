package agents_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/agents"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/storetest"
)

type events struct {
	Key          string
	Total        int
	Since, Until string
	Coverage     []struct {
		What, Since, Until string
		ReadAt             string `json:"read_at"`
	}
	Events []struct {
		ID                                int64
		At, Event, By, Address, Name, Key string
	}
	Next string
}

// TestEventsAreOfATime: a day if nobody says, a week at most, and each event on one page although others come.
func TestEventsAreOfATime(t *testing.T) {
	t.Parallel()
	c := storetest.NewClock()
	d := openDesk(t, readers(map[string]string{"reader": all}), func(o *agents.Options) { o.Clock = c.Now })
	d.catalog(t)
	key := d.person(t, "1", marked())
	s := d.as(t, "reader")
	list := func(args map[string]any) events {
		args["user"] = key
		return answered[events](t, call(t, s, "list_events", args))
	}
	for n := range 200 {
		d.happen(t, int64(n+1), 41, 0, c.Now().Add(-time.Duration(n/4)*time.Minute))
	}
	d.happen(t, 900, 41, 0, c.Now().Add(-25*time.Hour))
	d.happen(t, 901, 41, 0, c.Now().Add(-6*24*time.Hour))
	d.happen(t, 902, 42, 0, c.Now())
	c.Advance(time.Second)
	first := list(map[string]any{})
	require.Equal(t, 200, first.Total, "of the last day, of this account")
	require.Equal(t, "USER_LOGIN_FAILED", first.Events[0].Event)
	require.Equal(t, "other", first.Events[0].By)
	require.Empty(t, first.Coverage, "nobody has read events: what is known is not all")
	var got []int64
	for page, out := 0, first; ; page++ {
		for _, e := range out.Events {
			got = append(got, e.ID)
		}
		if out.Next == "" {
			require.Positive(t, page)
			break
		}
		c.Advance(time.Minute)
		d.happen(t, int64(1000+page), 41, 0, c.Now().Add(-time.Second)) // comes above the pages
		out = list(map[string]any{"after": out.Next})
		require.Equal(t, first.Since, out.Since, "all pages are of the same time")
	}
	require.Len(t, got, 200)
	seen := map[int64]bool{}
	for _, id := range got {
		require.False(t, seen[id], "event %d is on two pages", id)
		seen[id] = true
	}
	require.Equal(t, 1, list(map[string]any{"until": c.Now().Add(-24 * time.Hour).Format(time.RFC3339)}).Total)
	week := list(map[string]any{"since": c.Now().Add(-7 * 24 * time.Hour).Format(time.RFC3339)})
	require.Greater(t, week.Total, 201)
	for _, args := range []map[string]any{
		{"since": "yesterday"}, {"since": c.Now().Add(-8 * 24 * time.Hour).Format(time.RFC3339)}, {"since": c.Now().Add(time.Hour).Format(time.RFC3339)},
	} {
		args["user"] = key
		require.True(t, call(t, s, "list_events", args).IsError, "%v", args)
	}
}

// TestEventsSayWhatIsKnown: the rules' events reach as far as they were read, and all events as far as somebody had them read.
func TestEventsSayWhatIsKnown(t *testing.T) {
	t.Parallel()
	c := storetest.NewClock()
	d := openDesk(t, readers(map[string]string{"reader": all}), func(o *agents.Options) { o.Clock = c.Now })
	d.catalog(t)
	key := d.person(t, "1", marked())
	books, s := d.ledger.Incidents(), d.as(t, "reader")
	polled := c.Now().Add(-10 * time.Minute)
	require.NoError(t, books.PutEventCursor(t.Context(), incidents.Watch, incidents.EventCursor{Newest: polled, PolledAt: polled}))
	ask := func() events { return answered[events](t, call(t, s, "list_events", map[string]any{"user": key})) }
	out := ask()
	require.Len(t, out.Coverage, 1)
	require.Contains(t, out.Coverage[0].What, "that a detection rule of the policy mentions")
	require.Equal(t, []string{out.Since, polled.Format(time.RFC3339)}, []string{out.Coverage[0].Since, out.Coverage[0].Until})

	since := c.Now().Add(-2 * time.Hour)
	require.NoError(t, books.PutReading(t.Context(), incidents.EventsReading{
		User: 41, Between: incidents.Between{Since: since, Until: c.Now().Add(time.Minute)}, ReadAt: c.Now(), Complete: false,
	}, []incidents.StoredEvent{{ID: 5, Type: 999, UserID: 41, At: since.Add(time.Minute)}}))
	out = ask()
	require.Equal(t, 1, out.Total)
	require.Equal(t, "type 999", out.Events[0].Event)
	require.Len(t, out.Coverage, 2)
	require.True(t, strings.HasPrefix(out.Coverage[1].What, "all events"))
	require.Equal(t, []string{since.Format(time.RFC3339), c.Now().Format(time.RFC3339)}, []string{out.Coverage[1].Since, out.Coverage[1].Until})

	// A second account of which nothing was read: nothing is complete any more.
	d.link(t, key, account(55, 0, nil))
	require.Len(t, ask().Coverage, 1)
}
