package alerts_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/alerts"
	"gatehouse/internal/httpx"
)

var (
	now   = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	alert = alerts.Alert{
		Kind: "departures_overdue", Text: "OVERDUE: 2 <people>", Do: "`starter status`", From: "gateway", At: now, Count: 2,
		Departures: []alerts.Departure{{Key: "workday-1", Since: now}, {Key: "bamboohr-2", Since: now.Add(time.Hour), Ordered: true}},
	}
)

// receiver is what alerts are posted to: it answers with the statuses it is given, and 200 after that.
type receiver struct {
	*httptest.Server
	bodies  chan []byte
	headers chan http.Header
	calls   atomic.Int64
}

func newReceiver(t *testing.T, answers ...func(http.ResponseWriter)) *receiver {
	r := &receiver{bodies: make(chan []byte, 16), headers: make(chan http.Header, 16)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		n := int(r.calls.Add(1))
		body, err := io.ReadAll(req.Body)
		if err != nil || req.Method != http.MethodPost {
			http.Error(w, "unexpected", http.StatusBadRequest)
			return
		}
		r.bodies <- body
		r.headers <- req.Header
		if n <= len(answers) {
			answers[n-1](w)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code); _, _ = io.WriteString(w, body) }
}

func channel(url, format string) *alerts.Channel {
	return alerts.New(alerts.Options{
		URL: httpx.Secret(url), Secret: "s3cret", Format: format, Pause: time.Millisecond, Clock: func() time.Time { return now },
	})
}

func TestPostIsSigned(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	require.NoError(t, channel(r.URL+"/in/TOKEN?x=1", alerts.FormatJSON).Post(t.Context(), alert))
	body, header := <-r.bodies, <-r.headers
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.Equal(t, "1772442000", header.Get(alerts.HeaderTimestamp))
	// The same as: printf '%s.%s' 1772442000 "$body" | openssl dgst -sha256 -hmac s3cret
	require.Equal(t, alerts.Sign(body, "1772442000", "s3cret"), header.Get(alerts.HeaderSignature))
	require.Len(t, header.Get(alerts.HeaderSignature), 64)
	require.NotEqual(t, alerts.Sign(body, "1772442001", "s3cret"), header.Get(alerts.HeaderSignature))
	var got alerts.Alert
	require.NoError(t, json.Unmarshal(body, &got))
	require.Equal(t, alert, got)
}

func TestSlackGetsText(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, status(200, "ok"))
	require.NoError(t, channel(r.URL, alerts.FormatSlack).Post(t.Context(), alert))
	require.JSONEq(t, `{"text": "OVERDUE: 2 &lt;people&gt;\n• workday-1, since 2026-03-02 09:00 UTC\n`+
		`• bamboohr-2, since 2026-03-02 10:00 UTC, by order\nAction needed: `+"`starter status`"+`"}`, string(<-r.bodies))

	many := alert
	many.Count, many.Departures = 60, nil
	for range 50 {
		many.Departures = append(many.Departures, alerts.Departure{Key: "workday-1", Since: now})
	}
	require.NoError(t, channel(r.URL, alerts.FormatSlack).Post(t.Context(), many))
	text := string(<-r.bodies)
	require.Equal(t, 20, strings.Count(text, "workday-1"))
	require.Contains(t, text, "and 40 more")
	require.Equal(t, alerts.FormatSlack, alerts.FormatOf("https://hooks.slack.com/services/T0/B0/x"))
	require.Equal(t, alerts.FormatJSON, alerts.FormatOf("https://hooks.slack.com.example/x"))
}

func TestPostIsTriedAFewTimes(t *testing.T) {
	t.Parallel()
	passes := newReceiver(t, status(503, ""), status(429, "rate_limited"), status(500, "x"))
	require.NoError(t, channel(passes.URL, alerts.FormatJSON).Post(t.Context(), alert))
	require.EqualValues(t, 4, passes.calls.Load())

	down := status(503, "")
	never := newReceiver(t, down, down, down, down, down)
	require.ErrorContains(t, channel(never.URL, alerts.FormatJSON).Post(t.Context(), alert), "attempt 4: HTTP 503")
	require.EqualValues(t, 4, never.calls.Load())

	refused := newReceiver(t, status(404, "no_service"))
	require.ErrorContains(t, channel(refused.URL, alerts.FormatSlack).Post(t.Context(), alert),
		"HTTP 404 no_service: check alerts.url, alerts.secret and alerts.format")
	require.EqualValues(t, 1, refused.calls.Load())

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, channel(never.URL, alerts.FormatJSON).Post(ctx, alert))
}

// TestErrorsKeepTheAddress: whoever has the address of an incoming webhook can post with it.
func TestErrorsKeepTheAddress(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	chatty := newReceiver(t, status(400, "https://hooks.example/TOKEN is wrong"))
	for _, base := range []string{gone.URL, chatty.URL, "http://127.0.0.1:1\x7f"} {
		err := channel(base+"/services/TOKEN", alerts.FormatSlack).Post(t.Context(), alert)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "TOKEN")
	}
	err := alerts.Ping(t.Context(), httpx.Secret(gone.URL+"/TOKEN"))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "TOKEN")
}
