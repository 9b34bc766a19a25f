package since_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"gatehouse/connectors/since"
)

// TestNothingIsMissed has changes at any time, within one second too, and questions between them. The system shows whole seconds by a
// clock of its own.
func TestNothingIsMissed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		skew := time.Duration(rapid.Int64Range(-3600, 3600).Draw(t, "skew")) * time.Second
		now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
		type change struct {
			at    time.Time
			named int
		}
		var all []*change
		mark := since.Mark{From: now.Add(skew)}
		ask := func() (named int) {
			var newest time.Time
			for _, c := range all {
				if shown := c.at.Truncate(time.Second); !shown.Before(mark.From) {
					c.named++
					named++
					if shown.After(newest) {
						newest = shown
					}
				}
			}
			mark = mark.Next(newest, now)
			return named
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(1, 1500).Draw(t, "ms")) * time.Millisecond)
			if rapid.Bool().Draw(t, "change") {
				all = append(all, &change{at: now.Add(skew)})
			} else {
				ask()
			}
		}
		now = now.Add(time.Second)
		ask()
		for _, c := range all {
			require.Positive(t, c.named, "a change is named")
		}
		for range 3 {
			now = now.Add(3 * time.Second)
			ask()
		}
		require.Zero(t, ask(), "and not for ever")
	})
}
