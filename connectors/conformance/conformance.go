package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
)

// Subject is a connector under test.
type Subject struct {
	// System is the name that the connector's errors must carry.
	System string
	// Handler returns a fresh server that answers correctly and refuses what the vendor would refuse.
	Handler func(t *testing.T) http.Handler
	// TokenPath is the path of the token endpoint, "" if the connector has none.
	TokenPath string
	// New builds the connector. It must honour everything in Env that it has a setting for.
	New func(t *testing.T, env Env) Calls
	// Listed is how many items Calls.List finds, over more than one page.
	Listed int
	// Planted are the secrets and addresses in the connector's options, in the server's replies and in the calls'
	// parameters. The kit adds them to error bodies and looks for them in errors and logs.
	Planted []string
	// Fault returns an error body as the vendor writes it, with a free text in it.
	Fault func(status int, text string) string
	// RateLimit400 is the body of a rate limit that comes with HTTP 400.
	RateLimit400 string
	// NotApplicable says why a case does not apply to this connector.
	NotApplicable map[Case]string
}

// Env is what a connector is to be built with.
type Env struct {
	BaseURL string
	HTTP    *http.Client
	Log     *slog.Logger
	// Timeout is 0 for the connector's default.
	Timeout time.Duration
	// MaxBody is 0 for the connector's default.
	MaxBody int64
}

// Calls are the calls that the kit makes.
type Calls struct {
	// Read makes one request besides the token's and fails if the result is not as expected.
	Read func(ctx context.Context) error
	// List walks a list of several pages and returns how many different items it found.
	List func(ctx context.Context) (int, error)
}

// Run runs all cases.
func Run(t *testing.T, s Subject) {
	t.Helper()
	known := map[Case]bool{}
	for _, c := range cases {
		known[c.name] = true
		t.Run(string(c.name), func(t *testing.T) {
			if reason, ok := s.NotApplicable[c.name]; ok {
				require.NotEmpty(t, reason, "a case that does not apply needs a reason")
				t.Skipf("does not apply to %s: %s", s.System, reason)
			}
			t.Parallel()
			c.run(t, &s)
		})
	}
	for name := range s.NotApplicable {
		require.True(t, known[name], "unknown case %q", name)
	}
}

// fault may answer the n-th request (from 1) that is not for a token. It returns false to let the real answer through.
type fault func(w http.ResponseWriter, r *http.Request, n int) bool

// bench is a connector with its server, for one case.
type bench struct {
	t       *testing.T
	subject *Subject
	server  *httptest.Server
	calls   Calls
	logs    lockedBuffer
	faults  fault
	// tokenFaults stands before the token endpoint.
	tokenFaults fault

	requests, tokens atomic.Int64
}

func newBench(t *testing.T, s *Subject, faults fault, adjust ...func(*bench, *Env)) *bench {
	t.Helper()
	b := &bench{t: t, subject: s, faults: faults}
	real := s.Handler(t)
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, injected := &b.requests, b.faults
		if s.TokenPath != "" && r.URL.Path == s.TokenPath {
			n, injected = &b.tokens, b.tokenFaults
		}
		if i := int(n.Add(1)); injected != nil && injected(w, r, i) {
			return
		}
		real.ServeHTTP(w, r)
	}))
	t.Cleanup(b.server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	env := Env{
		BaseURL: b.server.URL, HTTP: &http.Client{Transport: transport},
		Log: slog.New(slog.NewJSONHandler(&b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, a := range adjust {
		a(b, &env)
	}
	b.calls = s.New(t, env)
	t.Cleanup(func() { b.mustNotLeak("log", b.logs.String()) })
	return b
}

// read calls Read, expects an error of one of the kinds and returns it.
func (b *bench) read(kinds ...connectors.Kind) *connectors.Error {
	b.t.Helper()
	return b.expect(b.calls.Read(b.t.Context()), kinds...)
}

func (b *bench) expect(err error, kinds ...connectors.Kind) *connectors.Error {
	b.t.Helper()
	require.Error(b.t, err)
	var e *connectors.Error
	require.ErrorAs(b.t, err, &e)
	require.Contains(b.t, kinds, e.Kind, "%v", err)
	require.Equal(b.t, b.subject.System, e.System)
	require.NotEmpty(b.t, e.Op)
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		b.mustNotLeak("error", fmt.Sprintf("%v %+v %#v", cause, cause, cause))
	}
	require.NotContains(b.t, err.Error(), b.server.URL, "an error must not show a URL")
	return e
}

func (b *bench) mustNotLeak(what, text string) {
	b.t.Helper()
	for i, planted := range b.subject.Planted {
		require.NotEmpty(b.t, planted)
		require.NotContains(b.t, strings.ToLower(text), strings.ToLower(planted), "planted secret %d shows in the %s", i, what)
	}
}

// answer replies with a status and an error body in the vendor's form, which is full of planted secrets.
func (b *bench) answer(w http.ResponseWriter, status int, header map[string]string) bool {
	text := strings.Join(b.subject.Planted, " ")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-BambooHR-Error-Message", text)
	for name, value := range header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, b.subject.Fault(status, text)) // The client may be gone.
	return true
}

// lockedBuffer collects logs that are written concurrently.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns what was written.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
