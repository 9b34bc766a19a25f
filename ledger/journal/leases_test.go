package journal_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
)

func testLeases(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	lease := func(task, holder string, want bool) {
		t.Helper()
		held, err := l.Journal().Lease(ctx, task, holder, time.Minute)
		require.NoError(t, err)
		require.Equal(t, want, held)
	}
	lease("watch", "worker-1", true)
	lease("watch", "worker-2", false)
	lease("watch", "worker-1", true)
	lease("ping", "worker-2", true)
	c.Advance(40 * time.Second)
	lease("watch", "worker-1", true)
	c.Advance(40 * time.Second)
	lease("watch", "worker-2", false)
	c.Advance(20 * time.Second)
	lease("watch", "worker-2", true)
	lease("watch", "worker-1", false)
	for range 2 {
		require.NoError(t, l.Journal().Unlease(ctx, "watch", "worker-2"))
	}
	leased := func(want bool) {
		t.Helper()
		is, err := l.Journal().Leased(ctx, "watch")
		require.NoError(t, err)
		require.Equal(t, want, is)
	}
	leased(false)
	lease("watch", "worker-1", true)
	leased(true)
	c.Advance(time.Hour)
	leased(false)
	_, err := l.Journal().Lease(ctx, "watch", "worker-1", 0)
	require.Error(t, err)

	var holders atomic.Int64
	require.NoError(t, storetest.AtOnce(8, func(i int) error {
		held, err := l.Journal().Lease(ctx, "sweep", fmt.Sprint(i), time.Minute)
		if held {
			holders.Add(1)
		}
		return err
	}))
	require.EqualValues(t, 1, holders.Load())
}
