package onelogin

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// unsaidPause is how long calls other than containments are held back after a rate limit that named no delay.
const unsaidPause = 10 * time.Second

// floor is the percentage of the quota that a class leaves to those that matter more; held says whether the class
// heeds the limiter at all.
func (c Class) floor() (percent int, held bool) {
	switch c {
	case Containment:
		return 0, false
	case Sweep:
		return 30, true
	case People:
		return 10, true
	case Watch:
		return 0, true
	}
	return 10, true
}

// limiter decides whether a call may be sent, from the vendor's own count of what is left and the calls still in the
// air. Calls are numbered in the order in which they are sent, because replies arrive in any order: a reply may only
// raise what is left if its call was sent after the one that said so last.
//
// The quota and the pause are two things: OneLogin also refuses bursts while plenty of the hour's quota is left.
type limiter struct {
	clock func() time.Time

	mu       sync.Mutex
	sent     uint64
	inFlight int

	known     bool
	limit     int
	remaining int
	resetAt   time.Time
	saidBy    uint64

	pausedUntil time.Time
	pausedBy    uint64
}

func newLimiter(clock func() time.Time) *limiter { return &limiter{clock: clock} }

// acquire asks to send one call. If it may not be sent, ticket is 0 and wait is how long the quota needs to recover.
// Every ticket must be settled.
func (l *limiter) acquire(class Class) (ticket uint64, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if l.known && !now.Before(l.resetAt) {
		// A new window has begun. Its quota is whole until a reply says otherwise.
		l.known = false
		l.remaining = l.limit
	}
	if percent, held := class.floor(); held {
		if now.Before(l.pausedUntil) {
			return 0, l.pausedUntil.Sub(now)
		}
		if l.limit > 0 && (l.remaining-l.inFlight)*100 <= l.limit*percent {
			if l.known {
				return 0, l.resetAt.Sub(now)
			}
			// Only calls in the air fill the new window; one answer settles it.
			return 0, time.Second
		}
	}
	l.sent++
	l.inFlight++
	return l.sent, 0
}

// settle reports the answer to a call; header is nil if there was none.
func (l *limiter) settle(ticket uint64, header http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if header == nil {
		return
	}
	if ticket > l.pausedBy {
		l.pausedUntil = time.Time{}
	}
	limit, ok1 := headerInt(header, "X-RateLimit-Limit")
	remaining, ok2 := headerInt(header, "X-RateLimit-Remaining")
	reset, ok3 := headerInt(header, "X-RateLimit-Reset")
	if ok1 && ok2 && ok3 {
		l.learn(ticket, limit, remaining, seconds(int64(reset)))
	}
}

// observe takes in a quota that was read outside of response headers.
func (l *limiter) observe(limit, remaining int, reset time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learn(l.sent, limit, remaining, reset)
}

// learn stores what the reply to a call said. X-RateLimit-Reset is the number of seconds left, not an instant.
// Source: developers.onelogin.com, 2/oauth20-tokens/get-rate-limit.
func (l *limiter) learn(ticket uint64, limit, remaining int, reset time.Duration) {
	if limit <= 0 || remaining < 0 || reset < 0 {
		return
	}
	if ticket < l.saidBy {
		l.remaining = min(l.remaining, remaining)
		return
	}
	l.known, l.saidBy = true, ticket
	l.limit, l.remaining = limit, remaining
	l.resetAt = l.clock().Add(reset)
}

// limited reports that OneLogin refused the call for its rate, and returns how long the vendor wants us to wait, 0 if
// it did not say. Calls that heed the limiter wait that long, or a little while if it was not said.
func (l *limiter) limited(header http.Header) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	wait := retryAfter(header, now)
	pause := wait
	if pause == 0 {
		pause = unsaidPause
	}
	if until := now.Add(pause); until.After(l.pausedUntil) {
		l.pausedUntil = until
	}
	// Only a call that is sent after this moment can show that the limit is lifted.
	l.pausedBy = l.sent
	return wait
}

func (l *limiter) state() RateState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return RateState{
		Limit: l.limit, Remaining: l.remaining, ResetAt: l.resetAt,
		Known: l.known && l.clock().Before(l.resetAt),
	}
}

func headerInt(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get(name)))
	return n, err == nil
}

// seconds converts without overflowing on a nonsensical number.
func seconds(n int64) time.Duration { return time.Duration(max(0, min(n, 86_400))) * time.Second }
