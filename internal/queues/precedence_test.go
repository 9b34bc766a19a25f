package queues

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
)

// TestTemplatesWaitForPeople: they begin at once while it is calm, as soon as it is calm again, and not never.
func TestTemplatesWaitForPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		flow := newTraffic(yieldFor)
		waited := func() time.Duration {
			began := time.Now()
			flow.yield(t.Context())
			return time.Since(began)
		}
		permits := make([]*worker.SlotPermit, calmAt+2)
		for i := range permits {
			permits[i] = &worker.SlotPermit{}
			require.Equal(t, i > calmAt, waited() > 0, "%d people are looked at", i)
			flow.begin(permits[i])
			flow.begin(permits[i]) // reserved, then used: one task
		}
		require.Equal(t, yieldFor, waited(), "work goes on even if people never stop coming")

		time.AfterFunc(time.Second, func() { flow.end(permits[0]) })
		time.AfterFunc(2*time.Second, func() { flow.end(permits[1]) })
		require.Equal(t, 2*time.Second, waited())
		flow.end(permits[1])
		require.Zero(t, waited())

		for range calmAt + 1 {
			one := &worker.SlotPermit{}
			flow.begin(one)
			flow.end(one)
		}
		require.Equal(t, lull, waited(), "one after the other is many, too")
		require.Zero(t, waited())

		flow.begin(permits[0])
		flow.begin(permits[1])
		stopping, stop := context.WithCancel(t.Context())
		stop()
		began := time.Now()
		flow.yield(stopping)
		require.Zero(t, time.Since(began), "a process that stops does not wait")
	})
}
