package httpx

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxRetryAfter bounds what a vendor can ask for: a wrong date must not put a run to sleep for years.
const maxRetryAfter = 24 * time.Hour

// Reply is an answer that has been read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send carries out a request and reads the whole reply, at most limit bytes of it after decompression. The error holds
// no URL. A reply of any status is a Reply, not an error.
func Send(c *http.Client, req *http.Request, limit int64) (Reply, error) {
	resp, err := Open(c, req)
	if err != nil {
		return Reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(Limited(resp.Body, limit))
	if err != nil {
		return Reply{}, fmt.Errorf("read reply: %w", err)
	}
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// Open carries out a request and returns the response with its body unread, for replies too large to hold. The caller
// closes the body and reads it through [Limited]. The error holds no URL.
func Open(c *http.Client, req *http.Request) (*http.Response, error) {
	if err := permitted(req); err != nil {
		return nil, err
	}
	resp, err := c.Do(req)
	if err == nil {
		return resp, nil
	}
	// url.Error prints the whole URL, query and all; what it wraps does not. A caller's own cancellation comes out
	// as context.Canceled, however the transport dressed it.
	var uerr *url.Error
	if errors.As(err, &uerr) {
		err = uerr.Err
	}
	if cause := req.Context().Err(); cause != nil && !errors.Is(err, cause) {
		err = cause
	}
	return nil, fmt.Errorf("send request: %w", err)
}

// Limited returns a reader that fails with [ErrTooLarge] once more than limit bytes have been read. It keeps the
// first error of the connection, so that a cut connection can be told from a short document.
func Limited(r io.Reader, limit int64) *LimitedReader { return &LimitedReader{r: r, left: limit} }

// LimitedReader is the reader that [Limited] returns.
type LimitedReader struct {
	r    io.Reader
	left int64
	err  error
}

// Err returns the first error other than io.EOF that reading ran into.
func (l *LimitedReader) Err() error { return l.err }

// Read implements io.Reader.
func (l *LimitedReader) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	// One byte more than allowed is asked for, so that a reply of exactly the limit passes.
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		l.err = ErrTooLarge
		return int(l.left), l.err
	}
	l.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// RetryAfter reads the Retry-After header, which is a number of seconds or an HTTP date. It returns 0 if there is none,
// or none that can be read, and never more than a day. Source: RFC 9110, section 10.2.3.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	var d time.Duration
	if secs, err := strconv.ParseFloat(v, 64); err == nil {
		if !(secs > 0) {
			return 0
		}
		d = maxRetryAfter
		if secs < maxRetryAfter.Seconds() {
			d = time.Duration(secs * float64(time.Second))
		}
	} else if at, err := http.ParseTime(v); err == nil {
		d = at.Sub(now)
	}
	return max(0, min(d, maxRetryAfter))
}
