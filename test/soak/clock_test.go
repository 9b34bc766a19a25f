package soak

import (
	"os"
	"strconv"
	"time"
)

// day is how long a day of the company takes: ten seconds, or DAY_SECONDS on a machine that is too busy for that.
var day = dayOf(os.Getenv("DAY_SECONDS"))

// factor is how much faster than the machine's the company's clock is.
var factor = 24 * time.Hour / day

func dayOf(seconds string) time.Duration {
	if n, err := strconv.Atoi(seconds); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return 10 * time.Second
}

// linear is the company's clock. It has one rate from the beginning to the end, and the same reading in every process.
type linear struct {
	// Began is the machine's time at which the company's clock stood at First.
	Began time.Time `json:"began"`
	First time.Time `json:"first"`
}

// Now is the company's time.
func (l linear) Now() time.Time { return l.At(time.Now()) }

// At is the company's time at a moment of the machine's.
func (l linear) At(real time.Time) time.Time {
	return l.First.Add(real.Sub(l.Began) * factor).UTC().Truncate(time.Microsecond)
}

// Real is the machine's time at a moment of the company's.
func (l linear) Real(at time.Time) time.Time { return l.Began.Add(at.Sub(l.First) / factor) }

// pass lets so much of the machine's time pass: days go by here because they go by, and not because anything is awaited.
func pass(d time.Duration) { <-time.After(d) }

// scaled is how long something that takes d in the company takes the machine, one millisecond at least where it takes anything.
func scaled(d time.Duration) time.Duration {
	if d <= 0 {
		return d
	}
	return max(d/factor, time.Millisecond)
}
