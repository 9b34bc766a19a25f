package google

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNoMinuteSeesMoreThanTheQuota calls as fast as the bucket allows, and counts every minute wherever it begins.
func TestNoMinuteSeesMoreThanTheQuota(t *testing.T) {
	t.Parallel()
	for _, quota := range []int{3, 9, 60} {
		b := newBucket(quota)
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		var calls []time.Time
		for range 5 * quota {
			if wait := b.take(now); wait > 0 {
				now = now.Add(wait)
				require.Zero(t, b.take(now), "the time to wait is enough")
			}
			calls = append(calls, now)
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
		require.Less(t, calls[len(calls)-1].Sub(calls[0]), 9*time.Minute, "and it is not much slower than it may be")
	}
}
