package access

import (
	"sync"
	"time"
)

// defaultQuota is the account-wide number of calls per hour. Source: developers.onelogin.com, get-rate-limit.
const defaultQuota = 5000

// Quota counts calls in windows of an hour.
type Quota struct {
	mu        sync.Mutex
	limit     int
	remaining int
	reset     time.Time
	now       func() time.Time
}

// NewQuota counts from a full window; 0 is the usual limit.
func NewQuota(limit int, now func() time.Time) *Quota {
	if limit == 0 {
		limit = defaultQuota
	}
	return &Quota{limit: limit, remaining: limit, reset: now().Add(time.Hour), now: now}
}

// roll starts a new window when the old one is over. The lock must be held.
func (q *Quota) roll() {
	if now := q.now(); !now.Before(q.reset) {
		q.remaining, q.reset = q.limit, now.Add(time.Hour)
	}
}

// Take uses up one call; false means that there is none left.
func (q *Quota) Take() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	if q.remaining <= 0 {
		return false
	}
	q.remaining--
	return true
}

// State returns the limit, what is left of it, and the seconds until the window ends.
func (q *Quota) State() (limit, remaining, reset int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.roll()
	// Rounded up: a caller who waits this long finds a new window.
	return q.limit, q.remaining, int((q.reset.Sub(q.now()) + time.Second - 1) / time.Second)
}

// Set replaces the limit and what is left of it.
func (q *Quota) Set(limit, remaining int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit, q.remaining = limit, remaining
}
