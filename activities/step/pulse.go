package step

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// PulseEvery is shorter than any heartbeat timeout, and a call of Google may take longer than most.
const PulseEvery = 10 * time.Second

// Pulse shows Temporal that an activity is alive while it waits for one call, until stop is called. The call itself ends
// by its own timeout, so that nothing that hangs is kept alive for ever. Outside of an activity it does nothing.
func Pulse(ctx context.Context, every time.Duration) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				Beat(ctx)
			}
		}
	}()
	return func() { close(end); <-ended }
}
