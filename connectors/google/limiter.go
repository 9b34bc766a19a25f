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
	reads, writes *window
	clock         func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	w := l.writes
	if req.Method == http.MethodGet {
		w = l.reads
	}
	if wait := w.take(l.clock()); wait > 0 {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, &connectors.Error{
			System: System, Op: "call Sheets", Kind: connectors.KindRateLimited, Code: "own_limit", RetryAfter: wait,
		}
	}
	return l.next.RoundTrip(req)
}

// span is the minute that the quota is about, and a little more: what is sent evenly may arrive closer together.
const span = time.Minute + 5*time.Second

// window remembers the calls of the last minute and lets as many through as the quota allows, all at once if nobody
// called before. So no minute, wherever it begins, sees more than the quota, and nobody waits who need not.
//
// Once it is full it stays shut until a part of the calls has left it. Whoever then comes back finds room for several
// calls: let in for a single one, an attempt that first has to look where it was would spend it on looking, for ever.
type window struct {
	mu   sync.Mutex
	most int
	sent []time.Time
	shut time.Time
}

func newWindow(perMinute int) *window { return &window{most: max(1, perMinute)} }

// take uses up one call, or says how long to wait for one.
func (w *window) take(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.sent) > 0 && !now.Before(w.sent[0].Add(span)) {
		w.sent = w.sent[1:]
	}
	if now.Before(w.shut) {
		return w.shut.Sub(now)
	}
	if len(w.sent) < w.most {
		w.sent = append(w.sent, now)
		return 0
	}
	w.shut = w.sent[(w.most+5)/6-1].Add(span)
	return w.shut.Sub(now)
}
