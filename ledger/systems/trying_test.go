package systems_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// testTrying: what was tried, and may have been set, is still to be done in the departure, and is undone for whoever is back.
func testTrying(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	const key = "workday-1"
	r.observe(row("1"))
	r.link("1", key)
	of := func(episode int) identity.SystemAccount { return r.first(key, episode) }
	reply := func(mark string) systems.Ended {
		return systems.Ended{Key: key, Episode: 2, Step: identity.SystemAutoReply, At: r.c.Now(), Mark: mark}
	}
	delegate := func(to string) systems.Ended {
		return systems.Ended{Key: key, Episode: 2, Step: identity.SystemDelegate, At: r.c.Now(), To: to}
	}
	tries := func(e systems.Ended) (fresh bool) {
		fresh, err := s.NoteTrying(ctx, ref("1"), e)
		require.NoError(t, err)
		return fresh
	}
	marks := func() []string {
		all, err := s.Marks(ctx, ref("1"), identity.SystemAutoReply, "")
		require.NoError(t, err)
		return all
	}
	require.True(t, tries(reply("a")))
	require.True(t, tries(delegate("boss")))
	require.False(t, tries(reply("a")), "it was tried before")
	require.False(t, tries(delegate("boss")))
	require.Empty(t, of(2).Done, "the departure has it to do")
	back := of(3).Departure
	require.Contains(t, back.Done, identity.SystemAutoReply)
	require.Equal(t, []string{"boss"}, back.Delegates)
	require.Equal(t, []string{"a"}, marks())

	// The manager changes, and another text is tried: either may be set.
	require.True(t, tries(reply("b")))
	require.True(t, tries(delegate("heir")))
	require.Equal(t, []string{"a", "b"}, marks())
	require.Equal(t, []string{"boss", "heir"}, of(3).Departure.Delegates)
	require.NoError(t, s.NoteRefused(ctx, ref("1"), delegate("heir")))
	require.Equal(t, []string{"boss"}, of(3).Departure.Delegates)

	// That there is no mailbox by now does not say that nothing was set before.
	for _, e := range []systems.Ended{reply(""), delegate("")} {
		e.Nothing = true
		require.NoError(t, s.NoteEnded(ctx, ref("1"), e))
	}
	require.Len(t, of(2).Done, 2)
	require.Equal(t, []string{"a", "b"}, marks())
	require.Equal(t, []string{"boss"}, of(3).Departure.Delegates)

	// What is carried out is known by itself, and refusing it once more does not undo it.
	for _, e := range []systems.Ended{reply("b"), delegate("boss")} {
		require.NoError(t, s.NoteEnded(ctx, ref("1"), e))
		require.False(t, tries(e))
		require.NoError(t, s.NoteRefused(ctx, ref("1"), e))
	}
	require.Equal(t, []string{"b"}, marks())
	require.Len(t, of(2).Done, 2)
	require.Equal(t, []string{"boss"}, of(3).Departure.Delegates)
	require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemAutoReply, ""))
	require.NoError(t, s.TakeBack(ctx, ref("1"), identity.SystemDelegate, "boss"))
	require.Nil(t, of(3).Departure)
}
