package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/server"
)

// page sends an event of the Events API and returns the answer.
func page(s *sandbox, action, dedup, summary string) (status int) {
	s.t.Helper()
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":%q,"source":"s","severity":"critical"}}`,
		pagerduty.RoutingKey, action, dedup, summary)
	resp, err := s.http.Post(s.base+"/pagerduty/v2/enqueue", "application/json", strings.NewReader(body))
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
	return resp.StatusCode
}

func TestPagerJoinsWhatIsOpenAndOpensAgainAfterwards(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 1})
	c := control.New(s.base)
	incidents := func() []control.Incident {
		list, err := c.Incidents(t.Context())
		require.NoError(t, err)
		return list
	}
	require.Equal(t, http.StatusAccepted, page(s, "resolve", "k", "x"), "accepted and dropped")
	require.Empty(t, incidents())
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "one"))
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "two"))
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "other", "three"))
	require.Len(t, incidents(), 2)
	require.Equal(t, 2, incidents()[0].Events)
	require.Equal(t, "two", incidents()[0].Summary)
	require.NoError(t, c.PagerAct(t.Context(), "k", "resolved"))
	require.Error(t, c.PagerAct(t.Context(), "k", "resolved"), "nothing is open")
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "again"))
	require.Len(t, incidents(), 3)

	require.Equal(t, http.StatusBadRequest, page(s, "trigger", "k", strings.Repeat("x", 1025)))
	require.Equal(t, http.StatusBadRequest, page(s, "trigger", strings.Repeat("k", 256), "x"))
	require.Equal(t, http.StatusBadRequest, page(s, "shout", "k", "x"))
	require.Equal(t, http.StatusRequestEntityTooLarge, page(s, "trigger", "k", strings.Repeat("x", 600<<10)))
}

func TestPagerLimitsEachIntegration(t *testing.T) {
	t.Parallel()
	now := start
	s := run(t, server.Options{People: 1, Clock: func() time.Time { return now }})
	c := control.New(s.base)
	require.NoError(t, c.PagerLimit(t.Context(), 2))
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "x"))
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "x"))
	require.Equal(t, http.StatusTooManyRequests, page(s, "trigger", "k", "x"))
	now = now.Add(61 * time.Second)
	require.Equal(t, http.StatusAccepted, page(s, "trigger", "k", "x"))
}

// TestEventsAreShownAsTheyArrive: late ones with a higher id, hidden ones with a lower one, and many at once.
func TestEventsAreShownAsTheyArrive(t *testing.T) {
	t.Parallel()
	now := start
	s := run(t, server.Options{People: 3, Clock: func() time.Time { return now }})
	c := control.New(s.base)
	hidden, _, err := c.Events(t.Context(), control.Event{Type: 6, HiddenUntil: start.Add(time.Minute), CreatedAt: start})
	require.NoError(t, err)
	first, last, err := c.Events(t.Context(),
		control.Event{Type: 72, IP: "203.0.113.9", PrivilegeID: "p1", Privilege: "Super user"},
		control.Event{Type: 6, CreatedAt: start.Add(-time.Hour)}, control.Event{Type: 5, Times: 3})
	require.NoError(t, err)
	require.Equal(t, hidden+1, first)
	require.Equal(t, first+4, last)

	shown := func() []int64 {
		var page struct {
			Data []struct {
				ID int64 `json:"id"`
			} `json:"data"`
		}
		s.call(http.MethodGet, "/onelogin/api/1/events?sort=%2Bid", "", s.oneLoginToken("sandbox-onelogin")).json(t, &page)
		var ids []int64
		for _, e := range page.Data {
			ids = append(ids, e.ID)
		}
		return ids
	}
	require.NotContains(t, shown(), hidden)
	require.Contains(t, shown(), last)
	now = start.Add(2 * time.Minute)
	require.Contains(t, shown(), hidden, "it appears with a lower id than what was read before")

	began := time.Now()
	from, to, err := c.Events(t.Context(), control.Event{Type: 5, Times: 100_000, EveryMS: 1, Quiet: true})
	require.NoError(t, err)
	require.Equal(t, int64(99_999), to-from)
	require.Less(t, time.Since(began), 20*time.Second)
	_, _, err = c.Events(t.Context(), control.Event{Type: 5, Usernames: []string{"nobody"}})
	require.Error(t, err)
}
