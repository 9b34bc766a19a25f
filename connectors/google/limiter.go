package google

import (
	"net/http"
	"sync"
	"time"

	"gatehouse/connectors"
)

// limited refuses a call that would go beyond the quota, with the time to wait, and never waits itself: a worker's slot
// is not a place to sit in.
type limited struct {
	next          http.RoundTripper
	reads, writes *bucket
	clock         func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	b := l.writes
	if req.Method == http.MethodGet {
		b = l.reads
	}
	if wait := b.take(l.clock()); wait > 0 {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, &connectors.Error{
			System: System, Op: "call Sheets", Kind: connectors.KindRateLimited, Code: "own_limit", RetryAfter: wait,
		}
	}
	return l.next.RoundTrip(req)
}

// bucket is a token bucket. A third of a minute's calls may come at once and two thirds follow over the minute, so that
// no minute, wherever it begins, sees more than the quota.
type bucket struct {
	mu     sync.Mutex
	burst  float64
	every  time.Duration
	tokens float64
	at     time.Time
}

func newBucket(perMinute int) *bucket {
	burst := max(1, perMinute/3)
	return &bucket{burst: float64(burst), tokens: float64(burst), every: time.Minute / time.Duration(max(1, perMinute-burst))}
}

// take uses up one call, or says how long to wait for one.
func (b *bucket) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.at.IsZero() && now.After(b.at) {
		b.tokens = min(b.burst, b.tokens+float64(now.Sub(b.at))/float64(b.every))
	}
	b.at = now
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return time.Duration((1-b.tokens)*float64(b.every)).Round(time.Millisecond) + time.Millisecond
}
