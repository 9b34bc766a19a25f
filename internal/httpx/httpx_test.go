package httpx_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/httpx"
)

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const plain = "hunter2-plain"
	type config struct {
		Key  httpx.Secret  `json:"key" yaml:"key"`
		Next *httpx.Secret `json:"next" yaml:"next"`
		List []httpx.Secret
		Map  map[string]httpx.Secret
	}
	s := httpx.Secret(plain)
	c := config{Key: s, Next: &s, List: []httpx.Secret{s}, Map: map[string]httpx.Secret{"a": s}}
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		printed = append(printed, fmt.Sprintf(verb, s), fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	asJSON, err := json.Marshal(c)
	require.NoError(t, err)
	asYAML, err := yaml.Marshal(c)
	require.NoError(t, err)
	var logs strings.Builder
	for _, h := range []slog.Handler{slog.NewJSONHandler(&logs, nil), slog.NewTextHandler(&logs, nil)} {
		slog.New(h).Info("x", "secret", s, "config", c, "pointer", &s)
	}
	printed = append(printed, string(asJSON), string(asYAML), logs.String())
	for _, p := range printed {
		require.NotContains(t, p, plain)
		require.NotContains(t, p, fmt.Sprintf("%x", plain))
	}
	require.Contains(t, string(asYAML), "<secret>")
	require.Equal(t, "<secret>", fmt.Sprint(s))
	require.Empty(t, fmt.Sprint(httpx.Secret("")), "what is not set should be seen")
	require.Equal(t, plain, s.Reveal())
}

func TestSecretDecodes(t *testing.T) {
	t.Parallel()
	var fromJSON, fromYAML struct {
		Key httpx.Secret `json:"key" yaml:"key"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{"key":"k"}`), &fromJSON))
	require.NoError(t, yaml.Unmarshal([]byte("key: k"), &fromYAML))
	require.Equal(t, "k", fromJSON.Key.Reveal())
	require.Equal(t, "k", fromYAML.Key.Reveal())
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"30":                            30 * time.Second,
		"0.5":                           500 * time.Millisecond,
		"0":                             0,
		"-5":                            0,
		"NaN":                           0,
		"1e300":                         24 * time.Hour,
		"soon":                          0,
		"Mon, 23 Nov 2026 12:01:00 GMT": time.Minute,
		"Mon, 23 Nov 2026 11:59:00 GMT": 0,
		"Mon, 23 Nov 2099 12:00:00 GMT": 24 * time.Hour,
	} {
		require.Equal(t, want, httpx.RetryAfter(http.Header{"Retry-After": {value}}, now), value)
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 31, 18, 42, 0, 0, time.UTC)
	for _, s := range []string{
		"2026-01-31T18:42:00Z", "2026-01-31T18:42:00.000Z", "2026-01-31T19:42:00+01:00", "2026-01-31T18:42:00+0000",
		"2026-01-31T18:42:00", "2026-01-31 18:42:00 UTC", "2026-01-31 18:42:00", "2026-01-31 13:42:00 -0500",
		fmt.Sprint(want.Unix()), fmt.Sprint(want.UnixMilli()), " 2026-01-31T18:42:00Z ",
	} {
		got, ok := httpx.ParseTime(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "soon", "2026-01-31 18:42:00 PST", "-1", "99999999999999999"} {
		_, ok := httpx.ParseTime(s)
		require.False(t, ok, s)
	}
}

func TestLenientValues(t *testing.T) {
	t.Parallel()
	var v struct {
		A, B, C, D, E httpx.Int
		F, G, H, I    httpx.Text
	}
	require.NoError(t, json.Unmarshal([]byte(`{"A":1,"B":"2","C":null,"D":"","F":"x\"y","G":12.5,"H":null,"I":true}`), &v))
	require.Equal(t, httpx.Int{Value: 1, Sent: true}, v.A)
	require.Equal(t, httpx.Int{Value: 2, Sent: true}, v.B)
	require.Equal(t, httpx.Int{Sent: true, Null: true}, v.C)
	require.Equal(t, httpx.Int{Sent: true, Null: true}, v.D)
	require.Equal(t, httpx.Int{}, v.E)
	require.Equal(t, []httpx.Text{`x"y`, "12.5", "", "true"}, []httpx.Text{v.F, v.G, v.H, v.I})
	for _, bad := range []string{`{"A":"ada"}`, `{"A":1.5}`, `{"A":{}}`, `{"F":{}}`, `{"F":[]}`} {
		err := json.Unmarshal([]byte(bad), &v)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "ada", "an error must not show the value")
	}
}

func TestParseBase(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://acme.onelogin.com", "http://127.0.0.1:8080/onelogin"} {
		u, err := httpx.ParseBase(good)
		require.NoError(t, err)
		require.Equal(t, good+"/x", u.JoinPath("x").String())
	}
	for _, bad := range []string{"", "acme", "//acme", "ftp://acme", "https://u:p@acme", "https://acme?x=1", "https://acme#x", "https://"} {
		_, err := httpx.ParseBase(bad)
		require.Error(t, err, bad)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
	t.Cleanup(other.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/target":
			_, _ = io.WriteString(w, r.Method)
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/found":
			http.Redirect(w, r, "/target", http.StatusFound)
		case "/temporary":
			http.Redirect(w, r, "/target", http.StatusTemporaryRedirect)
		}
	}))
	t.Cleanup(server.Close)
	client := httpx.Guarded(server.Client())
	for name, tc := range map[string]struct {
		method, path string
		refused      bool
	}{
		"same host":                    {http.MethodGet, "/found", false},
		"same host, method kept":       {http.MethodPut, "/temporary", false},
		"a write must not become read": {http.MethodPut, "/found", true},
		"another host":                 {http.MethodGet, "/away", true},
		"a loop":                       {http.MethodGet, "/loop", true},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, server.URL+tc.path+"?email=ada@example.com", nil)
		require.NoError(t, err)
		reply, err := httpx.Send(client, req, 100)
		if tc.refused {
			require.ErrorIs(t, err, httpx.ErrRedirect, name)
			require.NotContains(t, err.Error(), "ada", name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, tc.method, string(reply.Body), name)
	}
}

func TestSendLimitsTheBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1000))
	}))
	t.Cleanup(server.Close)
	for limit, ok := range map[int64]bool{999: false, 1000: true, 1001: true, 0: false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		reply, err := httpx.Send(server.Client(), req, limit)
		if !ok {
			require.ErrorIs(t, err, httpx.ErrTooLarge)
			continue
		}
		require.NoError(t, err)
		require.Len(t, reply.Body, 1000)
	}
}

func TestObserver(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(server.Close)
	var seen atomic.Int64
	client := httpx.NewClient(httpx.ClientOptions{Observe: func(req *http.Request, status int, _ time.Duration) {
		require.Equal(t, http.MethodGet, req.Method)
		seen.Add(int64(status))
	}})
	t.Cleanup(client.CloseIdleConnections)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	_, err = httpx.Send(client, req, 10)
	require.NoError(t, err)
	require.EqualValues(t, http.StatusTeapot, seen.Load())
}

// Waves of calls at once must not open a new connection each: the default transport keeps two per host.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const callers, waves = 32, 5
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := httpx.NewClient(httpx.ClientOptions{})
	t.Cleanup(client.CloseIdleConnections)
	for range waves {
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
				if err == nil {
					_, err = httpx.Send(client, req, 10)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	require.LessOrEqual(t, opened.Load(), int64(callers+callers/2), "of %d calls", callers*waves)
}

func TestTokensSurviveAnImpatientCaller(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}), make(chan struct{})
	var fetched atomic.Int64
	tokens := httpx.NewTokens(func(ctx context.Context) (httpx.Token, error) {
		fetched.Add(1)
		close(started)
		<-release
		return httpx.Token{Value: "t"}, ctx.Err()
	}, time.Now)
	use := func(ctx context.Context) error {
		return tokens.Do(ctx, func(s httpx.Secret) (int, error) {
			require.Equal(t, "t", s.Reveal())
			return http.StatusOK, nil
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	impatient, patient := make(chan error, 1), make(chan error, 1)
	go func() { impatient <- use(ctx) }()
	<-started
	go func() { patient <- use(t.Context()) }()
	cancel()
	require.ErrorIs(t, <-impatient, context.Canceled)
	close(release)
	require.NoError(t, <-patient)
	require.EqualValues(t, 1, fetched.Load())
}

func TestTokensKeepAGoodTokenWhenRenewalFails(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var offset atomic.Int64
	clock := func() time.Time { return start.Add(time.Duration(offset.Load())) }
	fetches := make(chan struct{}, 10)
	var failing atomic.Bool
	tokens := httpx.NewTokens(func(context.Context) (httpx.Token, error) {
		fetches <- struct{}{}
		if failing.Load() {
			return httpx.Token{}, io.ErrUnexpectedEOF
		}
		return httpx.Token{Value: "t", Expires: start.Add(time.Hour)}, nil
	}, clock)
	ok := func(httpx.Secret) (int, error) { return http.StatusOK, nil }
	require.NoError(t, tokens.Do(t.Context(), ok))
	<-fetches
	failing.Store(true)
	offset.Store(int64(57 * time.Minute))
	require.NoError(t, tokens.Do(t.Context(), ok), "a token that is still good is used while the next is fetched")
	<-fetches
	offset.Store(int64(61 * time.Minute))
	require.Error(t, tokens.Do(t.Context(), ok), "a token that has ended is not")
}

func TestTokensAskAgainAfterARefusal(t *testing.T) {
	t.Parallel()
	n := 0
	tokens := httpx.NewTokens(func(context.Context) (httpx.Token, error) {
		n++
		return httpx.Token{Value: httpx.Secret(fmt.Sprint("t", n))}, nil
	}, time.Now)
	var used []string
	require.NoError(t, tokens.Do(t.Context(), func(s httpx.Secret) (int, error) {
		used = append(used, s.Reveal())
		return http.StatusUnauthorized, nil
	}))
	require.Equal(t, []string{"t1", "t2"}, used, "twice, and no more")
}
