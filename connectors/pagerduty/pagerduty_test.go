package pagerduty_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/conformance"
	"gatehouse/connectors/pagerduty"
	sandbox "gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/tenant"
)

// TestErrors holds what PagerDuty says in its own ways: how long to wait, and which field it refuses.
func TestErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		header map[string]string
		body   string
		kind   connectors.Kind
		code   string
		after  time.Duration
	}{
		"told by its own header":     {status: 429, header: map[string]string{"Ratelimit-Reset": "42"}, kind: connectors.KindRateLimited, after: 42 * time.Second},
		"told by the usual header":   {status: 429, header: map[string]string{"Ratelimit-Reset": "42", "Retry-After": "7"}, kind: connectors.KindRateLimited, after: 7 * time.Second},
		"told by nobody":             {status: 429, kind: connectors.KindRateLimited},
		"names the fields":           {status: 400, body: `{"errors":["Length of 'routing_key' is incorrect for Ada","'payload.severity' is 'Byron'"]}`, kind: connectors.KindInvalid, code: "routing_key, payload.severity"},
		"names nothing of ours":      {status: 400, body: `{"errors":["'ada.byron' is wrong"]}`, kind: connectors.KindInvalid},
		"accepted, and did not say":  {status: 202, body: `{}`, kind: connectors.KindMalformed},
		"accepted in an unusual way": {status: 200, body: `{"status":"success"}`, kind: connectors.KindMalformed},
		"a time-out at its side":     {status: 408, kind: connectors.KindUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for header, value := range tt.header {
					w.Header().Set(header, value)
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body)) // The client may be gone.
			}))
			t.Cleanup(server.Close)
			err := client(server.URL, conformance.Env{}).Send(t.Context(), trigger())
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.kind, e.Kind, "%v", err)
			require.Equal(t, tt.code, e.Code)
			require.Equal(t, tt.after, e.RetryAfter)
			for _, word := range []string{"Ada", "Byron", "byron"} {
				require.NotContains(t, e.Error(), word)
			}
		})
	}
}

// TestAnEmptyKeyListsNobodys, which is what PagerDuty would do: it takes an empty key for none.
func TestAnEmptyKeyListsNobodys(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(account(t, 1))
	t.Cleanup(server.Close)
	_, err := client(server.URL, conformance.Env{HTTP: server.Client()}).Incidents(t.Context(), "")
	require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%v", err)
	require.False(t, pagerduty.New(pagerduty.Options{}).Reads())
}

// connected is an account of PagerDuty, and a client of it.
func connected(t *testing.T) (*sandbox.PagerDuty, *pagerduty.Client) {
	t.Helper()
	ground := tenant.New(nil, 1)
	p := sandbox.New(ground)
	t.Cleanup(p.Close)
	server := httptest.NewServer(ground.Handler(p.Vendor()))
	t.Cleanup(server.Close)
	return p, client(server.URL, conformance.Env{HTTP: server.Client()})
}

// TestIncidentsThatWereMerged say where the work goes on, and their alerts are found there.
func TestIncidentsThatWereMerged(t *testing.T) {
	t.Parallel()
	p, c := connected(t)
	other := trigger()
	other.DedupKey = "gatehouse/other/1"
	require.NoError(t, c.Send(t.Context(), trigger()))
	require.NoError(t, c.Send(t.Context(), other))
	found, err := c.Incidents(t.Context(), dedupKey)
	require.NoError(t, err)
	require.Len(t, found, 1, "by the key of its alert")
	_, err = p.Merge(dedupKey, other.DedupKey)
	require.NoError(t, err)

	merged, err := c.Incident(t.Context(), found[0].ID)
	require.NoError(t, err)
	require.Equal(t, "resolved", merged.Status)
	now, err := c.Incidents(t.Context(), dedupKey)
	require.NoError(t, err)
	require.Len(t, now, 1)
	require.Equal(t, now[0].ID, merged.MergedInto)
	require.Equal(t, "triggered", now[0].Status)
	require.Empty(t, now[0].MergedInto)
	alerts, err := c.Alerts(t.Context(), now[0].ID)
	require.NoError(t, err)
	keys := []string{alerts[0].Key, alerts[1].Key}
	require.ElementsMatch(t, []string{dedupKey, other.DedupKey}, keys)
	require.Equal(t, now[0].Title, alerts[slices.Index(keys, other.DedupKey)].Summary, "the alert that opened it")
	_, err = c.Alerts(t.Context(), "Q0000000000009")
	require.True(t, connectors.IsKind(err, connectors.KindNotFound), "%v", err)
}

// TestSubscriptionsSayWhetherTheyAreAtWork: three deliveries in a row were refused, or somebody has switched one off.
func TestSubscriptionsSayWhetherTheyAreAtWork(t *testing.T) {
	t.Parallel()
	p, c := connected(t)
	refuses := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refuses.Close)
	for _, target := range []sandbox.Target{
		{URL: refuses.URL + "/webhooks/pagerduty"}, {URL: "https://gatehouse.example/webhooks/pagerduty", Inactive: true}, {URL: refuses.URL + "/other"},
	} {
		require.NoError(t, p.AddTarget(target))
	}
	ours := func(address string) bool { return strings.HasSuffix(address, "/webhooks/pagerduty") }
	for n := range 3 {
		e := trigger()
		e.DedupKey += strconv.Itoa(n)
		require.NoError(t, c.Send(t.Context(), e))
	}
	require.Eventually(t, func() bool {
		found, err := c.Subscriptions(t.Context(), ours)
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.True(t, found[0].Active)
		require.False(t, found[1].Active || found[1].Disabled)
		return found[0].Disabled
	}, 10*time.Second, 10*time.Millisecond)
}
