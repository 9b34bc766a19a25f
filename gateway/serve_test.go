package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/gateway"
)

// pipes is a listener whose connections need no network, so that a test's clock skips.
type pipes struct {
	net.Listener
	waiting chan net.Conn
	closed  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
func (p *pipes) Close() error   { close(p.closed); return nil }

// TestNoCallerHoldsAConnectionForGood: each part of an exchange has its time.
func TestNoCallerHoldsAConnectionForGood(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) // the caller may not take it
	})
	const whole = "GET / HTTP/1.1\r\nHost: gatehouse\r\n\r\n"
	for name, c := range map[string]struct {
		says string
		// reads says that the caller takes the answer.
		reads bool
		after time.Duration
	}{
		"says nothing":                {reads: true, after: 5 * time.Second},
		"never ends its headers":      {says: "GET / HTTP/1.1\r\nHost: gateh", reads: true, after: 5 * time.Second},
		"never ends its body":         {says: "POST / HTTP/1.1\r\nHost: gatehouse\r\nContent-Length: 10\r\n\r\nabc", reads: true, after: 15 * time.Second},
		"does not take its answer":    {says: whole, after: 30 * time.Second},
		"comes back only much later":  {says: whole, reads: true, after: 2 * time.Minute},
		"begins a second one, slowly": {says: whole + "GET / HT", reads: true, after: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				listener := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
				served := make(chan error, 1)
				go func() { served <- gateway.Serve(ctx, listener, handler) }()
				caller, server := net.Pipe()
				listener.waiting <- server
				began, ended := time.Now(), make(chan time.Time, 1)
				go func() { _, _ = io.WriteString(caller, c.says) }() // it may be cut short
				go func() {
					if !c.reads {
						<-time.After(c.after + 10*time.Second)
					}
					_, _ = io.Copy(io.Discard, bufio.NewReader(caller))
					ended <- time.Now()
				}()
				took := (<-ended).Sub(began)
				if c.reads {
					require.InDelta(t, c.after.Seconds(), took.Seconds(), 1)
				} else {
					require.InDelta(t, (c.after + 10*time.Second).Seconds(), took.Seconds(), 0.1, "it was closed before the caller looked")
				}
				stop()
				require.NoError(t, <-served)
				require.NoError(t, caller.Close())
			})
		})
	}
}

// TestServeFinishesWhatItBegan: a webhook that is being made durable while the process is told to stop gets its answer.
func TestServeFinishesWhatItBegan(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	entered, release, stopped := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		stopped <- gateway.Serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-release
			w.WriteHeader(http.StatusAccepted)
		}))
	}()
	type reply struct {
		code int
		err  error
	}
	answered := make(chan reply, 1)
	go func() {
		resp, err := http.Post("http://"+listener.Addr().String()+"/", "text/plain", http.NoBody)
		if err != nil {
			answered <- reply{err: err}
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		answered <- reply{resp.StatusCode, errors.Join(err, resp.Body.Close())}
	}()
	<-entered
	stop()
	select {
	case err := <-stopped:
		require.Fail(t, "stopped in the middle of an answer", "%v", err)
	default:
	}
	close(release)
	require.Equal(t, reply{code: http.StatusAccepted}, <-answered)
	require.NoError(t, <-stopped)
}

// TestServeSaysWhyItCannot: a listener that fails is an error and not a silent end.
func TestServeSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	site.Close()
	require.ErrorContains(t, gateway.Serve(t.Context(), site.Listener, http.NotFoundHandler()), "serve HTTP on 127.0.0.1:")
}
