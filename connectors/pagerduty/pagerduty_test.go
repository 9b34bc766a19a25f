package pagerduty_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/conformance"
	"gatehouse/connectors/pagerduty"
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
