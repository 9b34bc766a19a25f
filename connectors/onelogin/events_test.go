package onelogin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/conformance"
	"gatehouse/connectors/onelogin"
)

// eventLog is a server of three pages of events with one event on two pages. The last page has a cursor and no link.
func eventLog(t *testing.T, queries *[]url.Values) *tenant {
	s := newTenant(t)
	pages := []string{
		`[{"id":1,"event_type_id":5,"created_at":"2026-11-02T09:00:00.000Z"},{"id":"2","event_type_id":"6","created_at":"2026-11-02T09:00:00.000Z"}]`,
		`[{"id":2,"event_type_id":6,"created_at":"2026-11-02T09:00:00.000Z"},{"id":3,"event_type_id":6,"created_at":"2026-11-02T08:59:00Z"}]`,
		`[{"id":4,"event_type_id":6,"created_at":"2026-11-02T09:01:00.000Z"},{"id":5,"event_type_id":8,"created_at":"2026-11-02T09:02:00.000Z"}]`,
	}
	s.hook = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.URL.Path != "/api/1/events" || r.Header.Get("Authorization") != "Bearer "+s.token {
			return false
		}
		if queries != nil {
			*queries = append(*queries, r.URL.Query())
		}
		n := 0
		if c := r.URL.Query().Get("after_cursor"); c != "" {
			_, err := fmt.Sscanf(c, "c%d", &n)
			require.NoError(t, err)
		}
		link := `"https://x"`
		if n == len(pages)-1 {
			link = "null"
		}
		_, _ = fmt.Fprintf(w, `{"status":{"error":false,"code":200},"pagination":{"after_cursor":"c%d","next_link":%s},"data":%s}`, n+1, link, pages[n])
		return true
	}
	return s
}

// The same kit as for version 2, over the paging of version 1.
func TestEventsConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Subject{
		System:    "onelogin",
		Handler:   func(t *testing.T) http.Handler { return eventLog(t, nil) },
		TokenPath: "/auth/oauth2/v2/token",
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			c, err := onelogin.New(onelogin.Options{
				BaseURL: env.BaseURL, ClientID: clientID, ClientSecret: clientSecret,
				HTTP: env.HTTP, Log: env.Log, Timeout: env.Timeout, MaxBody: env.MaxBody,
			})
			require.NoError(t, err)
			return conformance.Calls{
				Read: func(ctx context.Context) error {
					page, err := c.EventsPage(ctx, onelogin.EventFilter{}, "")
					if err == nil && len(page.Events) != 2 {
						return fmt.Errorf("%d events on the page", len(page.Events))
					}
					return err
				},
				List: func(ctx context.Context) (int, error) {
					ids := map[int64]bool{}
					for e, err := range c.Events(ctx, onelogin.EventFilter{}) {
						if err != nil {
							return 0, err
						}
						ids[e.ID] = true
					}
					return len(ids), nil
				},
			}
		},
		Listed:  5,
		Planted: []string{clientSecret, "tok-0"},
		Fault: func(status int, text string) string {
			return fmt.Sprintf(`{"status":{"error":true,"code":%d,"type":"some error","message":%q}}`, status, text)
		},
		RateLimit400: `{"status":{"error":true,"code":400,"type":"bad request","message":"rate_limit_exceeded"}}`,
	})
}

func TestEventsKeepTheirFilterFromPageToPage(t *testing.T) {
	t.Parallel()
	var queries []url.Values
	c := eventLog(t, &queries).start()
	f := onelogin.EventFilter{
		Since: time.Date(2026, 11, 2, 9, 0, 0, 5e6, time.FixedZone("", 3600)), Until: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC),
		Types: []int{13, 8, 8}, UserID: 42,
	}
	for _, err := range c.Events(t.Context(), f) {
		require.NoError(t, err)
	}
	require.Len(t, queries, 3)
	for i, q := range queries {
		require.Equal(t, "+id", q.Get("sort"))
		require.Equal(t, "2026-11-02T08:00:00.005Z", q.Get("since"))
		require.Equal(t, "2026-11-03T00:00:00.000Z", q.Get("until"))
		require.Equal(t, "8,13", q.Get("event_type_id"))
		require.Equal(t, "42", q.Get("user_id"))
		require.Equal(t, i > 0, q.Has("after_cursor"))
	}
}

func TestEventsAreReadLeniently(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":{"error":false},"pagination":{"after_cursor":"c1","next_link":null},"data":[
			{"id":"7","event_type_id":"6","created_at":"2026-11-02 09:00:00 UTC","user_id":null,"user_name":"ada","actor_user_id":5,
			 "ipaddr":"198.51.100.7","app-name":"GitHub","group-name":"Staff","risk_score":0,"risk_reasons":["new device"],"client_id":17},
			{"id":8,"event_type_id":8,"created_at":"2026-11-02T09:00:00.123Z","app_name":"Jira","group_name":"Ops","risk_score":null,
			 "error_description":"no","custom_message":"hello","future_field":{"x":1}},
			{"id":null,"created_at":"2026-11-02T09:00:00Z"}, {"id":9}, {"id":10,"created_at":"yesterday"}, "nonsense"]}`))
	})
	page, err := s.start().EventsPage(t.Context(), onelogin.EventFilter{}, "")
	require.NoError(t, err)
	require.Equal(t, 4, page.Unreadable)
	require.Empty(t, page.Next)
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	require.Empty(t, cmp.Diff([]onelogin.Event{
		{
			ID: 7, Type: 6, At: at, UserName: "ada", ActorUserID: 5, IP: "198.51.100.7", AppName: "GitHub", GroupName: "Staff",
			Scored: true, RiskReasons: `["new device"]`, ClientID: "17",
		},
		{ID: 8, Type: 8, At: at.Add(123 * time.Millisecond), AppName: "Jira", GroupName: "Ops", Error: "no", Notes: "hello"},
	}, page.Events))
}

func TestEventsEndOnAnEmptyPageAndNeverLoop(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	c := s.start()
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":{"error":false},"pagination":{"after_cursor":"c9","next_link":"http://x"},"data":[]}`))
	})
	for e, err := range c.Events(t.Context(), onelogin.EventFilter{}) {
		require.NoError(t, err)
		require.Fail(t, "there is no event", e.ID)
	}
	n := 0
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		n++
		_, _ = fmt.Fprintf(w, `{"status":{"error":false},"pagination":{"after_cursor":"c%d","next_link":"http://x"},
			"data":[{"id":1,"created_at":"2026-11-02T09:00:00Z"}]}`, n%2)
	})
	var last error
	for _, err := range c.Events(t.Context(), onelogin.EventFilter{}) {
		last = err
	}
	require.True(t, connectors.IsKind(last, connectors.KindMalformed), "%v", last)
}

func TestEventTypesAreKeptForADay(t *testing.T) {
	t.Parallel()
	s := newTenant(t)
	now := time.Now()
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":{"error":false},"data":[{"id":6,"name":"USER_FAILED_ONELOGIN_LOGIN","description":"x"}]}`))
	})
	c := s.start(func(o *onelogin.Options) { o.Clock = func() time.Time { return now } })
	for _, view := range []*onelogin.Client{c, c.For(onelogin.Sweep), c} {
		types, err := view.EventTypes(t.Context())
		require.NoError(t, err)
		require.Equal(t, []onelogin.EventType{{ID: 6, Name: "USER_FAILED_ONELOGIN_LOGIN", Description: "x"}}, types)
		types[0].Name = "changed by the caller"
	}
	asked := func() int {
		return len(slices.DeleteFunc(s.calls(), func(c string) bool { return !strings.HasSuffix(c, "/events/types") }))
	}
	require.Equal(t, 1, asked())
	now = now.Add(25 * time.Hour)
	_, err := c.EventTypes(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, asked())
}
