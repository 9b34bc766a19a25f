package google

import (
	"errors"
	"io"
	"net/http"

	"gatehouse/internal/httpx"
)

// bounded returns a copy of a client whose replies end with an error where they are longer than a limit, or cut off. The
// library reads replies itself, and takes one that was cut off for one that is nonsense.
func bounded(c *http.Client, limit int64) *http.Client {
	out := *c
	next := out.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	out.Transport = bodies{next: next, limit: limit}
	return &out
}

type bodies struct {
	next  http.RoundTripper
	limit int64
}

// RoundTrip implements http.RoundTripper.
func (b bodies) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &body{limited: httpx.Limited(resp.Body, b.limit), Closer: resp.Body}
	return resp, nil
}

type body struct {
	io.Closer
	limited *httpx.LimitedReader
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.limited.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, httpx.ErrTooLarge) {
		err = cutError{err}
	}
	return n, err
}

// cutError is a reply that ended before its end.
type cutError struct{ err error }

// Error implements error.
func (cutError) Error() string { return "the reply was cut off" }

// Unwrap returns what cut it off.
func (e cutError) Unwrap() error { return e.err }
