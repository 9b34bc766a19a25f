package conformance

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
)

// Case is the name of a promise.
type Case string

// The cases.
const (
	Healthy          Case = "healthy"
	Paging           Case = "paging"
	TokenShared      Case = "token is shared"
	TokenExpired     Case = "expired token is renewed once"
	Unauthorized     Case = "refused credential"
	TokenRefused     Case = "refused token request"
	RateLimitDelay   Case = "rate limit with delay"
	RateLimitDate    Case = "rate limit with date"
	RateLimitUnsaid  Case = "rate limit without delay"
	RateLimitAs400   Case = "rate limit as 400"
	ServerError      Case = "server error"
	ServerErrorDelay Case = "server error with delay"
	NotFoundReported Case = "not found or absent"
	CutConnection    Case = "connection cut in the body"
	Truncated        Case = "truncated document"
	Nonsense         Case = "page of HTML"
	Cancelled        Case = "cancelled while waiting"
	CancelledBefore  Case = "cancelled before the call"
	TimedOut         Case = "server does not answer"
	Unreachable      Case = "server cannot be reached"
	ForeignRedirect  Case = "redirect to another host"
	TokenRedirect    Case = "token redirect to another host"
	TooLarge         Case = "reply beyond the limit"
)

// patience is how long anything may take that must be prompt. It is only ever reached by a failing test.
const patience = 5 * time.Second

var cases = []struct {
	name Case
	run  func(*testing.T, *Subject)
}{
	{Healthy, healthy},
	{Paging, paging},
	{TokenShared, tokenShared},
	{TokenExpired, tokenExpired},
	{Unauthorized, unauthorized},
	{TokenRefused, tokenRefused},
	{RateLimitDelay, rateLimitDelay},
	{RateLimitDate, rateLimitDate},
	{RateLimitUnsaid, rateLimitUnsaid},
	{RateLimitAs400, rateLimitAs400},
	{ServerError, serverError},
	{ServerErrorDelay, serverErrorDelay},
	{NotFoundReported, notFound},
	{CutConnection, cutConnection},
	{Truncated, truncated},
	{Nonsense, nonsense},
	{Cancelled, cancelled},
	{CancelledBefore, cancelledBefore},
	{TimedOut, timedOut},
	{Unreachable, unreachable},
	{ForeignRedirect, foreignRedirect},
	{TokenRedirect, tokenRedirect},
	{TooLarge, tooLarge},
}

func healthy(t *testing.T, s *Subject) {
	b := newBench(t, s, nil)
	require.NoError(t, b.calls.Read(t.Context()))
	require.EqualValues(t, 1, b.requests.Load(), "a read is one request")
}

func paging(t *testing.T, s *Subject) {
	b := newBench(t, s, nil)
	n, err := b.calls.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, s.Listed, n)
	require.Greater(t, b.requests.Load(), int64(1), "the list must span several pages to prove anything")
}

func tokenShared(t *testing.T, s *Subject) {
	b := newBench(t, s, nil)
	const callers = 16
	errs := make(chan error, callers)
	for range callers {
		go func() { errs <- b.calls.Read(t.Context()) }()
	}
	for range callers {
		require.NoError(t, <-errs)
	}
	require.EqualValues(t, 1, b.tokens.Load())
}

func tokenExpired(t *testing.T, s *Subject) {
	var b *bench
	b = newBench(t, s, func(w http.ResponseWriter, _ *http.Request, n int) bool {
		return n == 1 && b.answer(w, http.StatusUnauthorized, nil)
	})
	require.NoError(t, b.calls.Read(t.Context()))
	require.EqualValues(t, 2, b.tokens.Load())
	require.EqualValues(t, 2, b.requests.Load())
}

func unauthorized(t *testing.T, s *Subject) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		var b *bench
		b = newBench(t, s, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return b.answer(w, status, nil) })
		e := b.read(connectors.KindUnauthorized)
		require.Equal(t, status, e.Status)
		require.LessOrEqual(t, b.requests.Load(), int64(2), "a refused credential must not be hammered")
	}
}

func tokenRefused(t *testing.T, s *Subject) {
	for status, kind := range map[int]connectors.Kind{
		http.StatusBadRequest:          connectors.KindUnauthorized,
		http.StatusUnauthorized:        connectors.KindUnauthorized,
		http.StatusTooManyRequests:     connectors.KindRateLimited,
		http.StatusInternalServerError: connectors.KindUnavailable,
	} {
		var b *bench
		b = newBench(t, s, nil)
		b.tokenFaults = func(w http.ResponseWriter, _ *http.Request, _ int) bool { return b.answer(w, status, nil) }
		b.read(kind)
		require.Zero(t, b.requests.Load(), "nothing may be sent without a token")
	}
}

func rateLimitDelay(t *testing.T, s *Subject) {
	e := readAnswer(t, s, http.StatusTooManyRequests, map[string]string{"Retry-After": "7"}, connectors.KindRateLimited)
	require.Equal(t, 7*time.Second, e.RetryAfter)
	require.Contains(t, e.Error(), "retry after 7s")
}

func rateLimitDate(t *testing.T, s *Subject) {
	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	e := readAnswer(t, s, http.StatusTooManyRequests, map[string]string{"Retry-After": at}, connectors.KindRateLimited)
	require.InDelta(t, time.Hour.Seconds(), e.RetryAfter.Seconds(), patience.Seconds())
}

func rateLimitUnsaid(t *testing.T, s *Subject) {
	e := readAnswer(t, s, http.StatusTooManyRequests, nil, connectors.KindRateLimited)
	require.Zero(t, e.RetryAfter, "a delay that nobody named must not be made up")
}

func rateLimitAs400(t *testing.T, s *Subject) {
	require.NotEmpty(t, s.RateLimit400)
	b := newBench(t, s, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, s.RateLimit400)
		return true
	})
	b.read(connectors.KindRateLimited)
}

func serverError(t *testing.T, s *Subject) {
	for _, status := range []int{500, 502, 503, 504} {
		e := readAnswer(t, s, status, nil, connectors.KindUnavailable)
		require.Equal(t, status, e.Status)
	}
}

func serverErrorDelay(t *testing.T, s *Subject) {
	e := readAnswer(t, s, http.StatusServiceUnavailable, map[string]string{"Retry-After": "3"}, connectors.KindUnavailable)
	require.Equal(t, 3*time.Second, e.RetryAfter)
}

func notFound(t *testing.T, s *Subject) {
	readAnswer(t, s, http.StatusNotFound, nil, connectors.KindNotFound)
}

// readAnswer reads from a server that gives nothing but one answer.
func readAnswer(t *testing.T, s *Subject, status int, header map[string]string, kind connectors.Kind) *connectors.Error {
	t.Helper()
	var b *bench
	b = newBench(t, s, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return b.answer(w, status, header) })
	e := b.read(kind)
	require.EqualValues(t, 1, b.requests.Load(), "a connector does not retry by itself")
	return e
}

func cutConnection(t *testing.T, s *Subject) {
	b := newBench(t, s, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		writeAll(rw.Writer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"id\": 1, ")
		return true
	})
	b.read(connectors.KindUnavailable)
}

func writeAll(w *bufio.Writer, text string) {
	_, err := w.WriteString(text)
	if err = errors.Join(err, w.Flush()); err != nil {
		panic(fmt.Sprintf("write to the test's own connection: %v", err))
	}
}

func truncated(t *testing.T, s *Subject) {
	b := newBench(t, s, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		_, _ = io.WriteString(w, `{"id": 1, "Report_Entry": [{"name": "`+s.Planted[0])
		return true
	})
	b.read(connectors.KindMalformed)
}

func nonsense(t *testing.T, s *Subject) {
	b := newBench(t, s, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		_, _ = io.WriteString(w, "<html><body>Sign in, "+strings.Join(s.Planted, " ")+"</body></html>")
		return true
	})
	b.read(connectors.KindMalformed)
}

func cancelled(t *testing.T, s *Subject) {
	arrived := make(chan struct{}, 1)
	release := make(chan struct{})
	b := newBench(t, s, blockUntil(arrived, release))
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- b.calls.Read(ctx) }()
	<-arrived
	cancel()
	select {
	case err := <-result:
		b.expect(err, connectors.KindUnavailable)
		require.ErrorIs(t, err, context.Canceled)
	case <-time.After(patience):
		t.Fatal("a cancelled call did not end")
	}
}

// blockUntil keeps a request waiting until the test is over.
func blockUntil(arrived chan<- struct{}, release <-chan struct{}) fault {
	return func(_ http.ResponseWriter, _ *http.Request, _ int) bool {
		select {
		case arrived <- struct{}{}:
		default:
		}
		<-release
		return true
	}
}

func cancelledBefore(t *testing.T, s *Subject) {
	b := newBench(t, s, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := b.calls.Read(ctx)
	b.expect(err, connectors.KindUnavailable)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, b.requests.Load())
}

func timedOut(t *testing.T, s *Subject) {
	release := make(chan struct{})
	b := newBench(t, s, blockUntil(make(chan struct{}, 1), release), func(_ *bench, env *Env) { env.Timeout = 100 * time.Millisecond })
	t.Cleanup(func() { close(release) })
	e := b.read(connectors.KindUnavailable)
	require.ErrorIs(t, e, context.DeadlineExceeded)
}

func unreachable(t *testing.T, s *Subject) {
	b := newBench(t, s, nil, func(b *bench, _ *Env) { b.server.Close() })
	b.read(connectors.KindUnavailable)
}

func foreignRedirect(t *testing.T, s *Subject) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		target, visits := foreignHost(t)
		b := newBench(t, s, redirectTo(target, status))
		b.read(connectors.KindRefused)
		require.Zero(t, visits.Load(), "the other host was asked")
	}
}

func tokenRedirect(t *testing.T, s *Subject) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		target, visits := foreignHost(t)
		b := newBench(t, s, nil)
		b.tokenFaults = redirectTo(target, status)
		b.read(connectors.KindRefused)
		require.Zero(t, visits.Load(), "the other host was asked")
	}
}

func redirectTo(target string, status int) fault {
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		http.Redirect(w, r, target+r.URL.Path, status)
		return true
	}
}

func foreignHost(t *testing.T) (url string, visits *atomic.Int64) {
	t.Helper()
	visits = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(server.Close)
	return server.URL, visits
}

func tooLarge(t *testing.T, s *Subject) {
	const limit = 16 << 10
	var b *bench
	b = newBench(t, s, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		// Blanks are valid JSON, so that only the size can be wrong with this reply.
		_, _ = io.WriteString(w, strings.Repeat(" ", 4*limit))
		return false
	}, func(_ *bench, env *Env) { env.MaxBody = limit })
	e := b.read(connectors.KindMalformed)
	require.Contains(t, e.Error(), "larger than the limit")
}
