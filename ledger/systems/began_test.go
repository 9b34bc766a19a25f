package systems_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
)

// testBegan: a departure counts since the first of its steps, however often that is asked for, until access is back.
func testBegan(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	const key = "workday-1"
	r.observe(row("1"))
	r.link("1", key)
	now := r.c.Now()
	since := func(episode int, at time.Time) time.Time {
		got, err := s.Began(ctx, ref("1"), key, episode, at)
		require.NoError(t, err)
		return got
	}
	handing := func(episode int) bool { return r.first(key, episode).HandingOver }
	require.False(t, handing(1))
	require.True(t, now.Equal(since(1, now)), "nothing was carried out before")
	require.NoError(t, s.NoteDone(ctx, ref("1"), key, 1, identity.SystemTransfer, now.Add(time.Hour)))
	require.True(t, now.Equal(since(1, now.Add(2*time.Hour))), "it stays when it is done")
	require.True(t, handing(1))

	// Access is back, and an order ends it once more in the same episode.
	require.NoError(t, s.NoteOver(ctx, ref("1"), key, 1))
	require.False(t, handing(1))
	again := now.Add(300 * 24 * time.Hour)
	require.NoError(t, s.NoteDone(ctx, ref("1"), key, 1, identity.SystemEndSessions, again))
	require.True(t, again.Equal(since(1, again.Add(40*24*time.Hour))), "the first step was before, and those of the order that is over do not count")

	// Another episode is another departure, and somebody else's is neither.
	require.False(t, handing(2))
	next := again.Add(300 * 24 * time.Hour)
	require.True(t, next.Equal(since(2, next)))
	require.True(t, handing(2))
	require.False(t, handing(1))
	other, err := s.Began(ctx, ref("1"), "workday-2", 2, next.Add(time.Hour))
	require.NoError(t, err)
	require.True(t, next.Add(time.Hour).Equal(other))
	require.True(t, next.Equal(since(2, next.Add(time.Hour))))
}
