package engine

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Work of the low lane gives way to what has queued up, and is committed by itself.
func TestLowLaneGivesWay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	w := db.database.(*sqlite).writer
	busy, release := make(chan struct{}), make(chan struct{})
	var order []string // Written by the writer's goroutine only, and read after the last job.
	ran := func(name string) Work {
		return func(ctx context.Context, q Querier) error {
			order = append(order, name)
			_, err := q.ExecContext(ctx, "SELECT 1")
			return err
		}
	}
	var wg sync.WaitGroup
	start := func(do func(context.Context, Work) error, job Work) {
		wg.Go(func() { require.NoError(t, do(ctx, job)) })
	}
	start(w.write, func(context.Context, Querier) error {
		close(busy)
		<-release
		return nil
	})
	<-busy
	low := make(chan error, 1)
	go func() { low <- w.doLow(ctx, ran("low")) }()
	const others = 20
	for range others {
		start(w.write, ran("other"))
	}
	require.Eventually(t, func() bool { return len(w.jobs) == others }, time.Minute, time.Millisecond)
	close(release)
	wg.Wait()
	require.NoError(t, <-low)
	require.Len(t, order, others+1)
	require.Equal(t, "low", order[others])
}
