package httpx

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ErrRedirect is returned for a redirect to another host, or one that would change the method.
var ErrRedirect = errors.New("redirect refused: it leads to another host or changes the method; check the base URL")

// ErrTooLarge is returned when a reply is longer than the caller's limit.
var ErrTooLarge = errors.New("reply is larger than the limit")

// maxRedirects is far above what an API needs.
const maxRedirects = 5

// Observer is told about every request once its reply's header has arrived, or it has failed (status 0).
type Observer func(req *http.Request, status int, took time.Duration)

// ClientOptions are the settings of a client. The zero value is usable.
type ClientOptions struct {
	// MaxIdlePerHost is how many connections to one host are kept open for reuse (default 512). Hundreds of runs at
	// once must not pay for a new TLS handshake each.
	MaxIdlePerHost int
	// Observe, if set, sees every request: for counting and for metrics.
	Observe Observer
}

// NewClient builds a client. It has no overall timeout: bound each call with its context.
func NewClient(o ClientOptions) *http.Client {
	if o.MaxIdlePerHost <= 0 {
		o.MaxIdlePerHost = 512
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	var rt http.RoundTripper = &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          2 * o.MaxIdlePerHost,
		MaxIdleConnsPerHost:   o.MaxIdlePerHost,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	if o.Observe != nil {
		rt = Observed(rt, o.Observe)
	}
	return Guarded(&http.Client{Transport: rt})
}

// Guarded returns a copy of c that follows a redirect only to the same scheme and host and with the same method.
// A nil c gives a new client.
func Guarded(c *http.Client) *http.Client {
	if c == nil {
		return NewClient(ClientOptions{})
	}
	guarded := *c
	guarded.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		first := via[0]
		same := req.URL.Scheme == first.URL.Scheme && req.URL.Host == first.URL.Host && req.Method == first.Method
		if !same || len(via) > maxRedirects {
			return ErrRedirect
		}
		return nil
	}
	return &guarded
}

// Observed returns a RoundTripper that tells observe about every request that next carries out.
func Observed(next http.RoundTripper, observe Observer) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return observed{next: next, observe: observe}
}

type observed struct {
	next    http.RoundTripper
	observe Observer
}

// RoundTrip implements http.RoundTripper.
func (o observed) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := o.next.RoundTrip(req)
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	o.observe(req, status, time.Since(start))
	return resp, err
}

// ParseBase checks a configured base URL: absolute, http or https, without credentials, query or fragment. A path is
// kept as a prefix.
func ParseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case raw == "":
		return nil, errors.New("is empty; set it to something like https://example.vendor.com")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("is not an absolute http or https URL")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("must not hold a user, a query or a fragment")
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "443"), 10, 16); err != nil || u.Port() == "0" {
		return nil, errors.New("has a port that there is not")
	}
	return u, nil
}
