package google

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// TestNoMinuteSeesMoreThanTheQuota calls as fast as it is let, and counts every minute wherever it begins.
func TestNoMinuteSeesMoreThanTheQuota(t *testing.T) {
	t.Parallel()
	for _, quota := range []int{3, 9, 60} {
		w := newWindow(quota)
		now := morning
		var calls []time.Time
		for range 5 * quota {
			if wait := w.take(now); wait > 0 {
				now = now.Add(wait)
				require.Zero(t, w.take(now), "the time to wait is enough")
			}
			calls = append(calls, now)
			now = now.Add(10 * time.Millisecond)
		}
		for i, begin := range calls {
			n := 0
			for _, at := range calls[i:] {
				if at.Before(begin.Add(time.Minute)) {
					n++
				}
			}
			require.LessOrEqual(t, n, quota)
		}
		require.Less(t, calls[len(calls)-1].Sub(calls[0]), 5*time.Minute, "and it is not much slower than it may be")
	}
}

// TestTheFirstMinuteIsNotWaitedFor: a small review takes as long as its calls do.
func TestTheFirstMinuteIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWindow(60)
	for range 60 {
		require.Zero(t, w.take(morning))
	}
	require.Equal(t, span, w.take(morning))
}

// TestWhoeverComesBackFindsRoomForSeveralCalls: an attempt that begins with looking where it was gets on all the same.
func TestWhoeverComesBackFindsRoomForSeveralCalls(t *testing.T) {
	t.Parallel()
	w := newWindow(60)
	now := morning
	// The worst there is: the calls are spread evenly, so that room comes back one call at a time.
	for range 60 {
		require.Zero(t, w.take(now))
		now = now.Add(time.Second)
	}
	for range 20 {
		now = now.Add(w.take(now))
		made := 0
		for w.take(now) == 0 {
			made++
		}
		require.GreaterOrEqual(t, made, 10)
	}
}
